// The installation's own small facts.
import type { PlatformFacts } from '@larder/plane-domain';
import type { Db } from './client';
import type { Prisma } from './generated/client';

export function platformFactsOn(db: Db): PlatformFacts {
  return {
    get: async (key) => (await db.platformFact.findUnique({ where: { key } }))?.value ?? undefined,
    async set(key, value) {
      const data = { value: value as Prisma.InputJsonValue, updatedAt: new Date() };
      await db.platformFact.upsert({ where: { key }, create: { key, ...data }, update: data });
    },
  };
}
