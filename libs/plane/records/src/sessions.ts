// Sign-ins of people. The cookie's value is never here, only its SHA-256.
import type { Sessions } from '@larder/plane-domain';
import type { Db } from './client';

export function sessionsOn(db: Db): Sessions {
  return {
    async insert(session) {
      await db.session.create({ data: session });
    },
    byTokenHash: async (tokenHash) => (await db.session.findUnique({ where: { tokenHash } })) ?? undefined,
    async touch(id, at) {
      await db.session.updateMany({ where: { id }, data: { lastSeenAt: at } });
    },
    async remove(id) {
      await db.session.deleteMany({ where: { id } });
    },
    async removeOthersOf(userId, exceptId) {
      await db.session.deleteMany({ where: { userId, ...(exceptId === null ? {} : { id: { not: exceptId } }) } });
    },
    removeExpired: async (at) => (await db.session.deleteMany({ where: { expiresAt: { lte: at } } })).count,
  };
}
