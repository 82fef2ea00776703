// Leases with fence tokens: who holds one may work; what it writes carries the token, so that a holder that slept too long is refused
// by the row and not by the clock.
//
// Invariant: the token grows with every taking and never falls, also after a release: a released lease keeps its row.
import type { Leases } from '@larder/plane-domain';
import type { Db } from './client';

export function leasesOn(db: Db): Leases {
  return {
    async take(name, holder, forMs, at) {
      const expiresAt = new Date(at.getTime() + forMs);
      const [taken] = await db.$queryRaw<{ fence_token: bigint }[]>`
        INSERT INTO leases (name, holder, fence_token, expires_at) VALUES (${name}, ${holder}, 1, ${expiresAt})
        ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, fence_token = leases.fence_token + 1, expires_at = EXCLUDED.expires_at
        WHERE leases.expires_at <= ${at} RETURNING fence_token`;
      return taken === undefined ? undefined : { fenceToken: taken.fence_token };
    },
    async renew(name, fenceToken, forMs, at) {
      const { count } = await db.lease.updateMany({
        where: { name, fenceToken, expiresAt: { gt: at } }, data: { expiresAt: new Date(at.getTime() + forMs) },
      });
      return count === 1;
    },
    async release(name, fenceToken) {
      await db.lease.updateMany({ where: { name, fenceToken }, data: { expiresAt: new Date(0) } });
    },
  };
}
