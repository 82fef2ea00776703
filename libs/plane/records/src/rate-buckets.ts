// Leaky buckets shared by all API processes. One statement fills or refuses, so that two requests at once cannot both fit.
import type { RateBuckets } from '@larder/plane-domain';
import type { Db } from './client';

export function rateBucketsOn(db: Db): RateBuckets {
  return {
    async take(key, cost, capacity, perSecond, at) {
      const taken = await db.$queryRaw<unknown[]>`
        INSERT INTO rate_buckets AS b (key, level, updated_at) VALUES (${key}, ${cost}, ${at})
        ON CONFLICT (key) DO UPDATE SET
          level = greatest(0, b.level - ${perSecond} * greatest(0, extract(epoch FROM excluded.updated_at - b.updated_at))) + ${cost},
          updated_at = excluded.updated_at
        WHERE greatest(0, b.level - ${perSecond} * greatest(0, extract(epoch FROM excluded.updated_at - b.updated_at))) + ${cost} <= ${capacity}
        RETURNING 1`;
      if (taken.length > 0) return 0;
      const row = await db.rateBucket.findUnique({ where: { key } });
      if (row === null) return 0;
      const leaked = Math.max(0, row.level - (perSecond * Math.max(0, at.getTime() - row.updatedAt.getTime())) / 1000);
      return Math.max(1, Math.ceil((leaked + cost - capacity) / perSecond));
    },
    removeBefore: async (at) => (await db.rateBucket.deleteMany({ where: { updatedAt: { lt: at } } })).count,
  };
}
