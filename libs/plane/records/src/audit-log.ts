// The audit log: one chain of hashes per organisation, and `platform` for what belongs to none.
//
//   hash(n) = SHA-256( hash(n−1) ‖ canonical JSON of entry n without its hash )
//
// Invariants: rows are never changed (a trigger refuses); sequence has no gaps, because an advisory lock per chain, held to the end of
// the transaction, orders the writers. Append last in a transaction: everyone else of the organisation waits meanwhile.
import { createHash } from 'node:crypto';
import { systemClock, systemRandom, uuidV7 } from '@larder/shared-std';
import type { AuditLog, AuditRow } from '@larder/plane-domain';
import type { Db } from './client';
import type { AuditEntry, Prisma } from './generated/client';
import { readPage } from './page';

export const platformChain = 'platform';
const genesis = '0'.repeat(64);
const verifyBatch = 1_000;
const ids = uuidV7(systemClock, systemRandom);

export function auditLogOn(db: Db): AuditLog {
  return {
    async append(draft) {
      const chain = draft.organizationId ?? platformChain;
      await db.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended(${`audit:${chain}`}, 0))) AS locked`;
      const last = await db.auditEntry.findFirst({ where: { chain }, orderBy: { sequence: 'desc' }, select: { sequence: true, hash: true } });
      const entry = {
        ...draft, detail: (draft.detail ?? {}) as Prisma.InputJsonValue, id: ids.next(), chain,
        sequence: (last?.sequence ?? 0n) + 1n, at: new Date(), prevHash: last?.hash ?? genesis,
      };
      await db.auditEntry.create({ data: { ...entry, hash: hashOf(entry) } });
    },
    page: (organizationId, page, filter) =>
      readPage(db.auditEntry, { organizationId, ...(filter.action === undefined ? {} : { action: filter.action }),
        ...(filter.target === undefined ? {} : { target: filter.target }) }, page, toRow),
    async verify(chain) {
      let before = { sequence: 0n, hash: genesis };
      for (;;) {
        const entries = await db.auditEntry.findMany({
          where: { chain, sequence: { gt: before.sequence } }, orderBy: { sequence: 'asc' }, take: verifyBatch,
        });
        for (const entry of entries) {
          const follows = entry.sequence === before.sequence + 1n && entry.prevHash === before.hash && entry.hash === hashOf(entry);
          if (!follows) return Number(entry.sequence);
          before = entry;
        }
        if (entries.length < verifyBatch) return undefined;
      }
    },
  };
}

type Hashed = Omit<AuditEntry, 'hash' | 'detail'> & { readonly detail: unknown };

function hashOf(entry: Hashed): string {
  const { id, chain, sequence, organizationId, actor, actorName, action, target, targetName, detail, outcome, ip, requestId, at, prevHash } = entry;
  const text = canonicalJson({
    id, chain, sequence: String(sequence), organizationId, actor, actorName, action, target, targetName, detail, outcome, ip, requestId,
    at: at.toISOString(),
  });
  return createHash('sha256').update(prevHash).update(text).digest('hex');
}

/** Keys sorted at every depth: PostgreSQL's jsonb does not keep their order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    (inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner));
}

function toRow({ chain: _chain, ...entry }: AuditEntry): AuditRow {
  return { ...entry, sequence: Number(entry.sequence) };
}
