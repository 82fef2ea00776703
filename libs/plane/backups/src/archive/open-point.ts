// An instance as it was at the end of a second, as one append-only file: a base, and behind it every command up to that second.
//
//   RDB of the base ‖ piece ‖ piece ‖ … ‖ last piece up to the cut
//
// Such a file is what an engine takes for an append-only file with an RDB in front, so a store loads it by itself and nothing has to run
// in between. Pieces are whole units and the last is cut before the first unit of a later second.
//
// Invariants
// - Every piece's SHA-256 is that of its bytes when they were read from the store, and the pieces follow each other without a gap; else
//   the stream ends with a fault and whoever reads throws away what he has. A piece that is gone or damaged is marked LOST: the timeline
//   then shows a gap.
// - The same records give the same bytes: a restore that died begins anew.
import {
  chooseBase, decideTimeline, findBreak, sealedAs, whyNotRestorable, type ByteStream, type LogPieceRow, type LogStretchRow, type Repositories, type Timeline,
} from '@larder/plane-domain';
import { Meter } from '../byte-streams';
import { IntegrityFault } from '../integrity-fault';
import { unpack } from '../sealed/packed-stream';
import type { SeedPorts } from '../restore/seed-source';
import { LogWalk } from './log-walk';

const pageMax = 500;

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
  return stream(ports, base, second);
}

/** How many bytes it will have: the piece with the cut is read for that. */
export async function measurePoint(ports: SeedPorts, organizationId: string, instanceId: string, second: number): Promise<number> {
  const { stretches, landmarks } = await known(ports.records, organizationId, instanceId);
  const base = chooseBase(stretches, landmarks, second);
  if (base === undefined) throw new IntegrityFault(`second ${second} cannot be restored`);
  let bytes = base.toByte;
  for await (const part of piecesTo(ports.records, base, second)) {
    if (part.lastSecond !== null && part.lastSecond <= second) bytes += part.toByte - part.fromByte;
    else for await (const chunk of cut(piece(ports, part), part, second)) bytes += chunk.length;
  }
  return bytes;
}

async function* stream(ports: SeedPorts, base: LogPieceRow, second: number): AsyncGenerator<Uint8Array> {
  yield* piece(ports, base);
  for await (const part of piecesTo(ports.records, base, second)) {
    if (part.lastSecond !== null && part.lastSecond <= second) yield* piece(ports, part);
    else yield* cut(piece(ports, part), part, second);
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

/** Those with a write of that second or an earlier one. */
async function* piecesTo(records: Reads, base: LogPieceRow, second: number): AsyncGenerator<LogPieceRow> {
  let before: LogPieceRow | undefined;
  for (let from = base.ordinal; ;) {
    const page = await records.logArchives.logOf(base.stretchId, from, pageMax);
    for (const part of page) {
      if (part.firstSecond !== null && part.firstSecond > second) return;
      const fault = findBreak(before === undefined ? [part] : [before, part], before?.ordinal ?? base.ordinal);
      if (fault !== undefined) throw new IntegrityFault(`the archive of the log has a gap: ${fault}`);
      yield part;
      before = part;
    }
    if (page.length < pageMax) return;
    from = page.at(-1)!.ordinal + 1;
  }
}

async function* piece({ records, storage, secrets }: SeedPorts, row: LogPieceRow): AsyncGenerator<Uint8Array> {
  const raw = new Meter();
  const boundTo = sealedAs.pieceKey(row.id);
  try {
    if ((await storage.stat(row.storageKey)) === undefined) throw new IntegrityFault(`the stored object ${row.storageKey} is gone from ${storage.location}`);
    yield* raw.watch(unpack(await storage.get(row.storageKey), secrets.open(row.dataKeySealed, boundTo), boundTo));
    if (raw.bytes !== row.toByte - row.fromByte || raw.digest() !== row.rawChecksum) throw new IntegrityFault(`the stored object ${row.storageKey} is not the one that was stored`);
  } catch (error) {
    if (error instanceof IntegrityFault) await records.logArchives.writePieceForLoop(row.id, { state: 'LOST', verificationMessage: error.message });
    throw error;
  }
}

async function known(records: Reads, organizationId: string, instanceId: string): Promise<Known> {
  const [stretches, landmarks] = [await records.logArchives.stretchesOf(organizationId, instanceId), await records.logArchives.landmarksOf(organizationId, instanceId)];
  return { stretches, landmarks };
}
