// What retention no longer keeps, and what storage has lost.
import { decideOldBases, type ArchivePolicy, type LogPieceRow, type Repositories } from '@larder/plane-domain';
import { hourMs } from '@larder/shared-std';
import type { SweptStorage } from '../storage/swept-storage';
import { removePiece } from './store-piece';
import type { ArchivePorts } from './ports';

const pageMax = 500;
/** An object that was put a moment ago may be missing from a list. */
const graceMs = hourMs / 4;

/** Bases whose successor is old enough, with the log between them; of a stretch that ended, all of it. How many objects. */
export async function pruneArchive(
  ports: Pick<ArchivePorts, 'storage' | 'work'>, at: { readonly organizationId: string; readonly instanceId: string }, retentionHours: ArchivePolicy['retentionHours'], nowMs: number,
): Promise<number> {
  const { logArchives } = ports.work.records;
  const horizonMs = nowMs - retentionHours * hourMs;
  const landmarks = await logArchives.landmarksOf(at.organizationId, at.instanceId);
  let removed = 0;
  for (const stretch of await logArchives.stretchesOf(at.organizationId, at.instanceId)) {
    const bases = landmarks.filter(({ stretchId, kind }) => stretchId === stretch.id && kind === 'BASE');
    const isOver = stretch.endedAt !== null && stretch.endedAt.getTime() < horizonMs;
    const old = isOver ? bases : decideOldBases(bases, retentionHours, nowMs);
    const keepFrom = isOver ? Number.POSITIVE_INFINITY : Math.min(...bases.filter((base) => !old.includes(base)).map(({ ordinal }) => ordinal));
    if (old.length === 0 && !isOver) continue;
    // Bases first: from then on nothing says that the log in front of the kept one can be restored.
    for (const base of old) removed += await remove(ports, base);
    for (;;) {
      const log = (await logArchives.logOf(stretch.id, 0, pageMax)).filter(({ ordinal }) => ordinal < keepFrom);
      for (const piece of log) removed += await remove(ports, piece);
      if (log.length < pageMax) break;
    }
    if (isOver) await logArchives.removeStretchForLoop(stretch.id);
  }
  return removed;
}

async function remove(ports: Pick<ArchivePorts, 'storage' | 'work'>, piece: LogPieceRow): Promise<number> {
  await removePiece(ports, piece);
  return 1;
}

/** Pieces whose objects are gone from storage become LOST; how many. */
export async function findLost(records: Repositories, storage: SweptStorage, at: { readonly organizationId: string; readonly instanceId: string }, nowMs: number): Promise<number> {
  const there = new Set<string>();
  for await (const { key } of storage.list(`organizations/${at.organizationId}/instances/${at.instanceId}/log/`)) there.add(key);
  let lost = 0;
  const look = async (pieces: readonly LogPieceRow[]): Promise<void> => {
    for (const { id, state, storageKey, createdAt } of pieces) {
      if (state !== 'STORED' || there.has(storageKey) || nowMs - createdAt.getTime() < graceMs) continue;
      await records.logArchives.writePieceForLoop(id, { state: 'LOST', verificationMessage: 'The object is gone from storage.' });
      lost += 1;
    }
  };
  await look((await records.logArchives.landmarksOf(at.organizationId, at.instanceId)).filter(({ kind }) => kind === 'BASE'));
  for (const stretch of await records.logArchives.stretchesOf(at.organizationId, at.instanceId)) {
    for (let from = 0; ;) {
      const page = await records.logArchives.logOf(stretch.id, from, pageMax);
      await look(page);
      if (page.length < pageMax) break;
      from = page.at(-1)!.ordinal + 1;
    }
  }
  return lost;
}
