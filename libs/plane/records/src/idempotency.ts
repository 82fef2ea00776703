// Answers kept by key, so that a repeated request repeats its answer. Written in the transaction of the work itself: there is no
// moment at which the work is done and the key is not known.
import type { Idempotency } from '@larder/plane-domain';
import type { Db } from './client';
import type { Prisma } from './generated/client';

export function idempotencyOn(db: Db): Idempotency {
  return {
    async lock(organizationId, key) {
      await db.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended(${`idempotency:${organizationId}:${key}`}, 0))) AS locked`;
    },
    async find(organizationId, key, at) {
      const row = await db.idempotencyKey.findFirst({ where: { organizationId, key, expiresAt: { gt: at } } });
      return row === null ? undefined : { mutation: row.mutation, bodyHash: row.bodyHash, result: row.result };
    },
    async insert(row) {
      await db.idempotencyKey.deleteMany({ where: { organizationId: row.organizationId, key: row.key, expiresAt: { lte: row.createdAt } } });
      const { count } = await db.idempotencyKey.createMany({
        data: [{ ...row, result: row.result as Prisma.InputJsonValue }], skipDuplicates: true,
      });
      return count === 1 ? 'inserted' : 'raced';
    },
    removeExpired: async (at) => (await db.idempotencyKey.deleteMany({ where: { expiresAt: { lte: at } } })).count,
  };
}
