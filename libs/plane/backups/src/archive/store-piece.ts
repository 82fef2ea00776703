// One object of the archive: named in the records before its first byte, sealed under a key of its own, and counted in the same transaction
// in which the place in the log moves on.
//
// Invariants
// - A worker that dies anywhere in here leaves a row that is WRITING, which the next round removes with its object; the place has not
//   moved, so the same bytes are shipped again, once.
// - A row becomes STORED under the lease alone. So what is WRITING when somebody has taken the lease never becomes STORED after that.
// - An object that comes to storage after its row is gone (a request that was given up and done all the same) is found by its age
//   (prune-archive.ts).
import { randomBytes } from 'node:crypto';
import { pieceStorageKey, sealedAs, type ByteStream, type KeyCount, type LogPieceRow, type Repositories } from '@larder/plane-domain';
import { Meter } from '../byte-streams';
import { pack } from '../sealed/packed-stream';
import type { Hold } from '../under-lease';
import type { ArchivePorts } from './ports';

/** More than there ever are between two bases. */
export const allPieces = 1_000_000;
/** What a piece says that is LOST and may come back: its storage was away. */
export const goneFromStorage = 'The object is gone from storage.';

export type PieceDraft = Pick<LogPieceRow,
  'organizationId' | 'instanceId' | 'stretchId' | 'kind' | 'ordinal' | 'sequence' | 'fromByte' | 'toByte' | 'firstSecond' | 'lastSecond' | 'previousId'>;

/** `commit` moves what must move with it; false takes the piece back. So does a lease that was lost. */
export async function storePiece(
  ports: Pick<ArchivePorts, 'work' | 'storage' | 'secrets' | 'ids' | 'clock'>, hold: Hold, draft: PieceDraft, bytes: ByteStream, keyCounts: () => readonly KeyCount[] | null,
  commit: (records: Repositories, pieceId: string) => Promise<boolean>,
): Promise<boolean> {
  const { work, storage, secrets, ids, clock } = ports;
  const id = ids.next();
  const dataKey = randomBytes(32);
  const boundTo = sealedAs.pieceKey(id);
  const storageKey = pieceStorageKey({ ...draft, id });
  await work.records.logArchives.insertPieceForLoop({
    ...draft, id, state: 'WRITING', sizeBytes: null, checksum: null, rawChecksum: null, keyCounts: null, storageKey, dataKeySealed: secrets.seal(dataKey, boundTo),
    verification: 'PENDING', verificationMessage: null, createdAt: new Date(clock.now()),
  });
  const [raw, stored] = [new Meter(), new Meter()];
  const { sizeBytes } = await storage.put(storageKey, stored.watch(pack(raw.watch(bytes), dataKey, boundTo)));
  const facts = { state: 'STORED', sizeBytes, checksum: stored.digest(), rawChecksum: raw.digest(), keyCounts: keyCounts() } as const;
  const isOurs = await work.run(async (records) => {
    if (!(await hold.keep(records)) || !(await commit(records, id))) return false;
    await records.logArchives.writePieceForLoop(id, facts);
    return true;
  }).catch((error: Error) => {
    // Removed by a worker that took us for dead. Of any other fault nobody knows whether it came before or after the commit.
    if (error.name === 'PieceGone') return false;
    throw error;
  });
  if (!isOurs) await removePiece(ports, { id, storageKey });
  return isOurs;
}

/** The object first: a row without one is harmless, an object without a row is nobody's. */
export async function removePiece({ storage, work }: Pick<ArchivePorts, 'storage' | 'work'>, { id, storageKey }: Pick<LogPieceRow, 'id' | 'storageKey'>): Promise<void> {
  await storage.delete(storageKey);
  await work.records.logArchives.removePieceForLoop(id);
}
