// People. The example of a repository here: a function from Db to the domain's interface, one file a noun, rows mapped at the edge.
import type { UserRow, Users } from '@larder/plane-domain';
import type { Db } from './client';
import type { User } from './generated/client';

export function usersOn(db: Db): Users {
  return {
    count: () => db.user.count(),
    byId: async (id) => toRow(await db.user.findUnique({ where: { id } })),
    byIds: async (ids) => (await db.user.findMany({ where: { id: { in: [...ids] } } })).map(userRow),
    byEmail: async (email) => toRow(await db.user.findUnique({ where: { email: email.toLowerCase() } })),
    async insert(user) {
      await db.user.create({ data: { ...user, email: user.email.toLowerCase(), updatedAt: user.createdAt } });
    },
    async setPasswordHash(id, passwordHash) {
      await db.user.update({ where: { id }, data: { passwordHash, updatedAt: new Date() } });
    },
  };
}

function toRow(user: User | null): UserRow | undefined {
  return user === null ? undefined : userRow(user);
}

function userRow({ updatedAt: _updatedAt, ...row }: User): UserRow {
  return row;
}
