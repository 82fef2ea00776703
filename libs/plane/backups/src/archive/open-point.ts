// An instance as it was at the end of a second, as one append-only file: a base, and behind it every command up to that second.
//
//   RDB of the base ‖ piece ‖ piece ‖ … ‖ last piece up to the cut
//
// Such a file is what an engine takes for an append-only file with an RDB in front, so a store loads it by itself and nothing has to run
// in between. Pieces are whole units and the last is cut before the first unit of a later second.
//
// Invariants
// - Every piece's SHA-256 is that of its bytes when they were read from the store, and the pieces follow each other without a gap; else
//   the stream ends with a fault and whoever reads throws away what he has. A piece that is gone or damaged, and still is at a second
//   look, is marked LOST: the timeline then shows a gap.
// - Which objects it reads is settled before the first byte: that pieces are merged meanwhile does not disturb it.
// - The same records give the same bytes: a restore that died begins anew.
import {
  chooseBase, decideTimeline, findBreak, sealedAs, whyNotRestorable, type ByteStream, type LogPieceRow, type LogStretchRow, type Repositories, type Timeline,
} from '@larder/plane-domain';
import { Meter } from '../byte-streams';
import { IntegrityFault } from '../integrity-fault';
import { RunFault } from '../runs/fault';
import { unpack } from '../sealed/packed-stream';
import type { SeedPorts } from '../restore/seed-source';
import { LogWalk } from './log-walk';
import { allPieces, goneFromStorage } from './store-piece';

type Reads = Pick<Repositories, 'logArchives'>;

interface Known {
  readonly stretches: readonly LogStretchRow[];
  readonly landmarks: readonly LogPieceRow[];
}

export async function readTimeline(records: Reads, organizationId: string, instanceId: string, nowMs: number): Promise<Timeline> {
  const { stretches, landmarks } = await known(records, organizationId, instanceId);
  return decideTimeline(stretches, landmarks, nowMs);
}

export async function openPoint(ports: SeedPorts, organizationId: string, instanceId: string, second: number): Promise<ByteStream> {
  const { stretches, landmarks } = await known(ports.records, organizationId, instanceId);
  const base = chooseBase(stretches, landmarks, second);
  if (base === undefined) throw new IntegrityFault(`second ${second} cannot be restored: ${whyNotRestorable(decideTimeline(stretches, landmarks, second * 1000), second) ?? ''}`);
  return stream(ports, base, await piecesTo(ports.records, base, second), second);
}

/** How many bytes it will have: the piece with the cut is read for that. */
export async function measurePoint(ports: SeedPorts, organizationId: string, instanceId: string, second: number): Promise<number> {
  const { stretches, landmarks } = await known(ports.records, organizationId, instanceId);
  const base = chooseBase(stretches, landmarks, second);
  if (base === undefined) throw new IntegrityFault(`second ${second} cannot be restored`);
  let bytes = base.toByte;
  for (const part of await piecesTo(ports.records, base, second)) {
    if (part.lastSecond !== null && part.lastSecond <= second) bytes += part.toByte - part.fromByte;
    else for await (const chunk of cut(readPiece(ports, part), part, second)) bytes += chunk.length;
  }
  return bytes;
}

async function* stream(ports: SeedPorts, base: LogPieceRow, parts: readonly LogPieceRow[], second: number): AsyncGenerator<Uint8Array> {
  yield* readPiece(ports, base);
  for (const part of parts) {
    if (part.lastSecond !== null && part.lastSecond <= second) yield* readPiece(ports, part);
    else yield* cut(readPiece(ports, part), part, second);
  }
}

/** Up to the first unit of a later second; read to its end all the same, since only then its checksum is known. */
async function* cut(bytes: ByteStream, part: LogPieceRow, second: number): AsyncGenerator<Uint8Array> {
  const walk = new LogWalk(part.fromByte, part.firstSecond, second);
  let held: Uint8Array[] = [];
  let given = part.fromByte;
  for await (const chunk of bytes) {
    if (walk.isCut) continue;
    held.push(chunk);
    walk.push(chunk);
    const whole = held.length === 1 ? held[0]! : Buffer.concat(held);
    const upTo = walk.unitEnd - given;
    if (upTo > 0) yield whole.subarray(0, upTo);
    held = [whole.subarray(upTo)];
    given = walk.unitEnd;
  }
}

/** Those with a write of that second or an earlier one. At once: there are no more than between two bases, or few once they are merged. */
async function piecesTo(records: Reads, base: LogPieceRow, second: number): Promise<readonly LogPieceRow[]> {
  const log = await records.logArchives.logOf(base.stretchId, base.ordinal, allPieces);
  const end = log.findIndex(({ firstSecond }) => firstSecond !== null && firstSecond > second);
  const parts = end < 0 ? log : log.slice(0, end);
  const fault = findBreak(parts, base.ordinal);
  if (fault !== undefined) throw new IntegrityFault(`the archive of the log has a gap: ${fault}`);
  return parts;
}

/** Its bytes as they were in the store. */
export async function* readPiece(ports: SeedPorts, row: LogPieceRow): AsyncGenerator<Uint8Array> {
  try {
    yield* checked(ports, row);
  } catch (error) {
    throw error instanceof IntegrityFault ? await judged(ports, row, error) : error;
  }
}

async function* checked({ storage, secrets }: SeedPorts, row: LogPieceRow): AsyncGenerator<Uint8Array> {
  const raw = new Meter();
  const boundTo = sealedAs.pieceKey(row.id);
  if ((await storage.stat(row.storageKey)) === undefined) throw new Gone(`the stored object ${row.storageKey} is gone from ${storage.location}`);
  yield* raw.watch(unpack(await storage.get(row.storageKey), secrets.open(row.dataKeySealed, boundTo), boundTo));
  if (raw.bytes !== row.toByte - row.fromByte || raw.digest() !== row.rawChecksum) throw new IntegrityFault(`the stored object ${row.storageKey} is not the one that was stored`);
}

class Gone extends IntegrityFault {}

/** An answer that was cut short is no damage: only what is so at a second look is LOST. What the records no longer name is nobody's loss. */
async function judged(ports: SeedPorts, row: LogPieceRow, first: IntegrityFault): Promise<Error> {
  if (!(await isNamed(ports.records, row))) return new RunFault('ArchiveChanged', 'the archive was changed while it was read');
  try {
    for await (const chunk of checked(ports, row)) void chunk;
  } catch (again) {
    if (!(again instanceof IntegrityFault)) return again as Error;
    await ports.records.logArchives.writePieceForLoop(row.id, { state: 'LOST', verificationMessage: again instanceof Gone ? goneFromStorage : again.message });
    return again;
  }
  return new RunFault('ReadFailed', `${first.message}, but was whole when it was read again`);
}

async function isNamed(records: Reads, { id, kind, organizationId, instanceId, stretchId, ordinal }: LogPieceRow): Promise<boolean> {
  const { logArchives } = records;
  const named = kind === 'BASE' ? await logArchives.landmarksOf(organizationId, instanceId) : await logArchives.logOf(stretchId, ordinal, 1);
  return named.some((row) => row.id === id);
}

async function known(records: Reads, organizationId: string, instanceId: string): Promise<Known> {
  const [stretches, landmarks] = [await records.logArchives.stretchesOf(organizationId, instanceId), await records.logArchives.landmarksOf(organizationId, instanceId)];
  return { stretches, landmarks };
}
