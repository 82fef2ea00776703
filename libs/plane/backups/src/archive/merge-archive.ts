// Many small objects of a log become few larger ones: those of an hour that is over, later those of a day, up to 16 MiB of log each.
//
//   ordinal   7   8   9  …  366 │ 367                      7 │ 367
//            [.] [.] [.]    [.] │ [..]          ──>    [merged] [..]        previous of 367: the merged one
//
// Invariants
// - The new object lies in storage before one transaction replaces the rows, under the archive's lease: whoever dies before it leaves a
//   WRITING row, as with any piece. The old objects are nobody's then and go by their age (prune-archive.ts): a restore that began before
//   reads them to its end.
// - A merged piece gives the same writes at every second as its parts did, and every part was checked before it was merged.
// - Not over a file's end, so that every base still stands before a piece.
import type { LogPieceRow } from '@larder/plane-domain';
import { delay, hourMs, mebibyte, secondMs } from '@larder/shared-std';
import { IntegrityFault } from '../integrity-fault';
import { Overtaken, underLease, type Hold } from '../under-lease';
import { archiveLease } from './archive-round';
import { LogWalk } from './log-walk';
import { readPiece } from './open-point';
import type { ArchivePorts } from './ports';
import { allPieces, storePiece } from './store-piece';

/** Of log in one object; what is read at once to merge it. */
const mergedBytesMax = 16 * mebibyte;
const hourSeconds = hourMs / secondMs;
const daySeconds = 24 * hourSeconds;
/** After the end of an hour, or of a day, until it counts as over. */
const settledSeconds = hourSeconds;
const busyRetries = 10;
const busyPauseMs = 500;

type MergePorts = Pick<ArchivePorts, 'work' | 'storage' | 'secrets' | 'ids' | 'clock' | 'holder'>;
type Mergeable = Pick<LogPieceRow, 'id' | 'state' | 'ordinal' | 'sequence' | 'fromByte' | 'toByte' | 'lastSecond' | 'previousId'>;

/** Runs of pieces that become one each. `apart`: pieces that must stay the first of theirs. Pure. */
export function decideMerges<P extends Mergeable>(log: readonly P[], nowSecond: number, apart: ReadonlySet<string> = new Set()): P[][] {
  const groups: P[][] = [];
  let group: P[] = [];
  let bytes = 0;
  for (const piece of log) {
    const [size, before] = [piece.toByte - piece.fromByte, group.at(-1)];
    const span = spanOf(piece, nowSecond);
    const isNext = before !== undefined && span !== undefined && span === spanOf(before, nowSecond) && piece.sequence === before.sequence
      && piece.previousId === before.id && piece.fromByte === before.toByte && bytes + size <= mergedBytesMax && !apart.has(piece.id);
    if (!isNext) {
      groups.push(group);
      [group, bytes] = [[], 0];
    }
    if (span === undefined) continue;
    group.push(piece);
    bytes += size;
  }
  return [...groups, group].filter(({ length }) => length > 1);
}

/** The day or hour that it belongs to, once that is over. */
function spanOf({ state, lastSecond }: Mergeable, nowSecond: number): string | undefined {
  if (state !== 'STORED' || lastSecond === null) return undefined;
  const spanIn = (seconds: number): number | undefined => {
    const span = Math.floor(lastSecond / seconds);
    return (span + 1) * seconds + settledSeconds <= nowSecond ? span : undefined;
  };
  const [day, hour] = [spanIn(daySeconds), spanIn(hourSeconds)];
  return day !== undefined ? `day ${day}` : hour !== undefined ? `hour ${hour}` : undefined;
}

/** How many objects were replaced. `apart` is added to, for the next call. */
export async function mergeArchive(
  ports: MergePorts, { organizationId, instanceId }: { readonly organizationId: string; readonly instanceId: string }, apart: Set<string> = new Set(), isStopped = (): boolean => false,
): Promise<number> {
  let replaced = 0;
  for (const { id } of await ports.work.records.logArchives.stretchesOf(organizationId, instanceId)) {
    for (let hasMore = true; hasMore;) {
      const [before, known] = [replaced, apart.size];
      const log = await ports.work.records.logArchives.logOf(id, 0, allPieces);
      for (const group of decideMerges(log, Math.floor(ports.clock.now() / secondMs), apart)) {
        if (isStopped()) return replaced;
        const merged = await whenFree(ports, instanceId, (hold) => merge(ports, hold, group, apart));
        if (merged === undefined) return replaced; // the log itself goes first
        replaced += merged;
      }
      hasMore = replaced > before || apart.size > known;
    }
  }
  return replaced;
}

/** Rounds last moments. Between two groups one may begin. */
async function whenFree(ports: MergePorts, instanceId: string, act: (hold: Hold) => Promise<number>): Promise<number | undefined> {
  for (let attempt = 0; attempt < busyRetries; attempt += 1) {
    const done = await underLease(ports, archiveLease(instanceId), act);
    if (done !== undefined) return done;
    await delay(ports.clock, busyPauseMs);
  }
  return undefined;
}

async function merge(ports: MergePorts, hold: Hold, decided: readonly LogPieceRow[], apart: Set<string>): Promise<number> {
  // As they are now: what the first one follows may have been merged since.
  const group = await ports.work.records.logArchives.logOf(decided[0]!.stretchId, decided[0]!.ordinal, decided.length);
  if (group.length !== decided.length || group.some(({ id }, index) => id !== decided[index]!.id)) return 0;
  const whole: Uint8Array[] = [];
  const parts: LogPieceRow[] = [];
  let second = group[0]!.firstSecond;
  for (const part of group) {
    const bytes = await read(ports, part);
    if (bytes === undefined) return 0;
    const walk = new LogWalk(part.fromByte, second);
    for (const chunk of bytes) walk.push(chunk);
    // Its writes count as later than its annotations say (archive-round.ts): as one with the piece before it, they would not.
    if (parts.length > 0 && walk.firstSecond !== part.firstSecond) {
      apart.add(part.id);
      break;
    }
    second = walk.second;
    whole.push(...bytes);
    parts.push(part);
  }
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (first === last) return 0;
  const isMerged = await storePiece(ports, hold, {
    organizationId: first.organizationId, instanceId: first.instanceId, stretchId: first.stretchId, kind: 'LOG', ordinal: first.ordinal, sequence: first.sequence,
    fromByte: first.fromByte, toByte: last.toByte, firstSecond: parts.find(({ firstSecond }) => firstSecond !== null)?.firstSecond ?? null, lastSecond: last.lastSecond,
    previousId: first.previousId,
  }, chunksOf(whole), () => null, async (records, mergedId) => {
    await records.logArchives.replacePiecesForLoop(parts.map(({ id }) => id), mergedId);
    return true;
  });
  if (!isMerged) throw new Overtaken();
  return parts.length;
}

/** Undefined where it is damaged or gone: it has been marked, and is left as it is. */
async function read(ports: MergePorts, part: LogPieceRow): Promise<Uint8Array[] | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of readPiece({ records: ports.work.records, storage: ports.storage, secrets: ports.secrets }, part)) chunks.push(chunk);
  } catch (error) {
    if (error instanceof IntegrityFault) return undefined;
    throw error;
  }
  return chunks;
}

async function* chunksOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
