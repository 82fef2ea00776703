// What retention no longer keeps, what storage has lost, and what lies there that no row names.
//
// Invariants
// - No object that a restore may be reading goes: what retention lets go of stays an hour longer than it is offered, and what was replaced
//   by a merged piece stays for hours after that piece was made.
// - Only objects of stretches that these records know are touched. Without its row an object cannot be read by anybody: its key is in there.
import { decideOldBases, type ArchivePolicy, type LogPieceRow, type LogStretchRow, type StoredObject } from '@larder/plane-domain';
import { hourMs } from '@larder/shared-std';
import type { ArchivePorts } from './ports';
import { allPieces, goneFromStorage, removePiece } from './store-piece';

const pageMax = 500;
/** A restore that was accepted at the edge of what is offered reads on for so long. */
const offeredLastMs = hourMs;
/** An object that was put a moment ago may be missing from a list. */
const graceMs = hourMs / 4;
/** Of an object that no row names, and of the piece in whose place it lies. */
const leftoverAgeMs = 6 * hourMs;
const pieceName = /\/log\/([0-9a-f-]{36})\/(\d{9,})-(base|log)-[0-9a-f-]{36}\.zst\.enc$/;

type PrunePorts = Pick<ArchivePorts, 'storage' | 'work'>;
interface InstanceRef {
  readonly organizationId: string;
  readonly instanceId: string;
}

/** Bases whose successor is old enough, with the log between them; of a stretch that ended, all of it. How many objects. */
export async function pruneArchive(ports: PrunePorts, at: InstanceRef, retentionHours: ArchivePolicy['retentionHours'], nowMs: number): Promise<number> {
  const { logArchives } = ports.work.records;
  const offeredAtMs = nowMs - offeredLastMs;
  const landmarks = await logArchives.landmarksOf(at.organizationId, at.instanceId);
  let removed = 0;
  for (const stretch of await logArchives.stretchesOf(at.organizationId, at.instanceId)) {
    if (stretch.endedAt !== null && stretch.endedAt.getTime() < offeredAtMs - retentionHours * hourMs) {
      removed += await removeStretch(ports, at, stretch);
      continue;
    }
    const bases = landmarks.filter(({ stretchId, kind }) => stretchId === stretch.id && kind === 'BASE');
    const old = decideOldBases(bases, retentionHours, offeredAtMs);
    // Bases first: from then on nothing says that the log in front of the kept one can be restored.
    for (const base of old) removed += await remove(ports, base);
    const kept = bases.filter((base) => !old.includes(base)).map(({ ordinal }) => ordinal);
    // Also what a worker left that died in the middle of this. Without any base yet, the first one stands before all of the log.
    if (kept.length > 0) removed += await removeLogBefore(ports, stretch, Math.min(...kept));
  }
  return removed;
}

async function removeLogBefore(ports: PrunePorts, { id }: LogStretchRow, keepFrom: number): Promise<number> {
  let removed = 0;
  for (;;) {
    const log = (await ports.work.records.logArchives.logOf(id, 0, pageMax)).filter(({ ordinal }) => ordinal < keepFrom);
    for (const piece of log) removed += await remove(ports, piece);
    if (log.length < pageMax) return removed;
  }
}

/** With all that lies in its place, and what a worker left unfinished. */
async function removeStretch(ports: PrunePorts, at: InstanceRef, stretch: LogStretchRow): Promise<number> {
  const { logArchives } = ports.work.records;
  const landmarks = await logArchives.landmarksOf(at.organizationId, at.instanceId);
  const unfinished = await logArchives.unfinishedOfForLoop(at.instanceId);
  let removed = 0;
  for (const piece of [...landmarks, ...unfinished].filter(({ stretchId }) => stretchId === stretch.id)) removed += await remove(ports, piece);
  removed += await removeLogBefore(ports, stretch, Number.POSITIVE_INFINITY);
  for await (const { key } of ports.storage.list(`${folderOf(at)}${stretch.id}/`)) await ports.storage.delete(key);
  await logArchives.removeStretchForLoop(stretch.id);
  return removed;
}

async function remove(ports: PrunePorts, piece: LogPieceRow): Promise<number> {
  await removePiece(ports, piece);
  return 1;
}

export interface Audit {
  /** Pieces whose objects are gone, and those whose objects are there again. */
  readonly lost: number;
  readonly back: number;
  /** Objects that no row names, removed. */
  readonly leftovers: number;
}

/** Compares what the records name with what lies in storage. */
export async function auditArchive(ports: PrunePorts, at: InstanceRef, nowMs: number): Promise<Audit> {
  const { storage, work: { records: { logArchives } } } = ports;
  // Listed first, named second: a row is written before its object.
  const objects = new Map<string, StoredObject>();
  for await (const object of storage.list(folderOf(at))) objects.set(object.key, object);
  const named = new Set((await logArchives.unfinishedOfForLoop(at.instanceId)).map(({ storageKey }) => storageKey));
  const logs = new Map<string, readonly LogPieceRow[]>();
  for (const { id } of await logArchives.stretchesOf(at.organizationId, at.instanceId)) logs.set(id, await logArchives.logOf(id, 0, allPieces));
  const bases = (await logArchives.landmarksOf(at.organizationId, at.instanceId)).filter(({ kind }) => kind === 'BASE');
  let [lost, back, leftovers] = [0, 0, 0];
  for (const piece of [...bases, ...[...logs.values()].flat()]) {
    named.add(piece.storageKey);
    const object = objects.get(piece.storageKey);
    if (piece.state === 'STORED' && object === undefined && nowMs - piece.createdAt.getTime() >= graceMs) {
      await logArchives.writePieceForLoop(piece.id, { state: 'LOST', verificationMessage: goneFromStorage });
      lost += 1;
    } else if (piece.state === 'LOST' && piece.verificationMessage === goneFromStorage && object?.sizeBytes === piece.sizeBytes) {
      await logArchives.writePieceForLoop(piece.id, { state: 'STORED', verificationMessage: null });
      back += 1;
    }
  }
  for (const object of objects.values()) {
    if (named.has(object.key) || !isLeftover(object, logs, nowMs)) continue;
    await storage.delete(object.key);
    leftovers += 1;
  }
  return { lost, back, leftovers };
}

function isLeftover({ key, modifiedAt }: StoredObject, logs: ReadonlyMap<string, readonly LogPieceRow[]>, nowMs: number): boolean {
  const [, stretchId = '', ordinal = '', kind] = pieceName.exec(key) ?? [];
  const log = logs.get(stretchId);
  if (log === undefined || nowMs - modifiedAt.getTime() < leftoverAgeMs) return false;
  const instead = kind === 'log' ? log.findLast((piece) => piece.ordinal <= Number(ordinal)) : undefined;
  return instead === undefined || nowMs - instead.createdAt.getTime() >= leftoverAgeMs;
}

function folderOf({ organizationId, instanceId }: InstanceRef): string {
  return `organizations/${organizationId}/instances/${instanceId}/log/`;
}
