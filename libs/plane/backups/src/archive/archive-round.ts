// One look at one instance's log: what has been written since the last one goes to storage.
//
//   no stretch   timestamps on? → ask for a rewrite → its base begins a stretch
//   a stretch    continue at (increment, byte) → whole units only → piece after piece → next increment → new base, if there is one
//   another one  of several stores another is primary, or the same one again: what is left of the stretch → its end → a new one (reign.ts)
//
// Invariants
// - Where the next byte comes from stands in the records alone, and moves in the transaction that counts the piece. Nothing is shipped twice
//   and nothing is passed over, whoever dies when.
// - Whatever a round decides it writes under its lease: one that slept through it ends nothing, moves nothing and counts nothing.
// - What is continued is compared first: the last bytes that were archived must still stand before the place. A file that was cut,
//   replaced or lost ends the stretch with its reason: that is a gap, and a new stretch begins with a new base.
// - A second that was said to be covered stays as it was restored then: bytes that come later count as later, whatever their annotations say
//   (a clock that went back, annotations that were off, a disk that stood still).
// - The store keeps superfluous parts until they are archived (aof-disable-auto-gc); it is told to let go of them only after that. While
//   storage fails they grow up to `heldBytesMax`, then the stretch is given up rather than the tenant's disk.
import { createHash } from 'node:crypto';
import {
  hasAppendLog, rollMs, type ArchivePolicy, type InstanceRow, type LogArchiveRow, type LogPlace, type LogStretchRow,
} from '@larder/plane-domain';
import { delay, gibibyte, mebibyte, minuteMs, secondMs } from '@larder/shared-std';
import { IntegrityFault } from '../integrity-fault';
import { RdbReader } from '../rdb/rdb-reader';
import { failureOf } from '../runs/fault';
import { walked } from '../runs/stream-run';
import { leaseMs, Overtaken, underLease, writeUnder, type Hold } from '../under-lease';
import type { LogFile } from './aof-manifest';
import { decideBaseWanted } from './decide-base';
import { LogWalk } from './log-walk';
import type { ArchivePorts, LogView } from './ports';
import { heldStill, lastSecondOf } from './reign';
import { removePiece, storePiece } from './store-piece';

const pieceBytesMax = 64 * mebibyte;
const tailBytesMax = 4096;
const heldBytesMax = 2 * gibibyte;
/** Pieces behind a base before a new one is asked for. */
const piecesMax = 2000;
const waitMs = 500;
/** While the primary does not answer, or is none: somebody is about to choose another. */
const leaderlessMs = secondMs;
const closePauseMs = 100;
const retryMsMax = minuteMs;
/** A log that breaks again and again is not begun anew at once each time. */
const breaksWithinMs = 10 * minuteMs;
/** Between a command and its bytes in the file lie milliseconds; a second that ended this long ago is whole. */
const settleSeconds = 2;

export interface RoundResult {
  readonly result: 'done' | 'busy' | 'ended';
  /** When to look again; null: never. */
  readonly inMs: number | null;
  readonly pieces: number;
}

/** The stretch cannot go on. */
class Broken extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

export async function archiveRound(ports: ArchivePorts, instanceId: string): Promise<RoundResult> {
  return await underLease(ports, archiveLease(instanceId), async (hold) => {
    const instance = await ports.work.records.instances.byIdForLoop(instanceId);
    return instance === undefined ? { result: 'ended', inMs: null, pieces: 0 } : new Round(ports, instance, hold).run();
  }) ?? busy;
}

/** Of everything that writes to an instance's archive. */
export function archiveLease(instanceId: string): string {
  return `archive/${instanceId}`;
}

const busy: RoundResult = { result: 'busy', inMs: leaseMs / 2, pieces: 0 };

/** Archives what there is and ends the stretch: its log is about to be replaced. */
export async function closeStretch(ports: ArchivePorts, instanceId: string, reason: string, message: string): Promise<void> {
  for (;;) {
    const isDone = await underLease(ports, archiveLease(instanceId), async (hold) => {
      const instance = await ports.work.records.instances.byIdForLoop(instanceId);
      if (instance !== undefined) await new Round(ports, instance, hold).close(reason, message);
      return true;
    }).catch((error: unknown) => {
      if (error instanceof Overtaken) return false;
      throw error;
    });
    if (isDone === true) return;
    await delay(ports.clock, closePauseMs); // a round lasts moments, a dead worker's lease seconds
  }
}

class Round {
  readonly #ports: ArchivePorts;
  readonly #instance: InstanceRow;
  readonly #hold: Hold;
  #pieces = 0;

  constructor(ports: ArchivePorts, instance: InstanceRow, hold: Hold) {
    this.#ports = ports;
    this.#instance = instance;
    this.#hold = hold;
  }

  async run(): Promise<RoundResult> {
    const { work, clock } = this.#ports;
    const { id, organizationId, spec, deletedAt } = this.#instance;
    const policy = spec.archive;
    const state = await work.records.logArchives.stateOf(organizationId, id);
    try {
      await this.#removeUnfinished();
      if (policy === null || deletedAt !== null || spec.desiredState === 'DELETED' || !hasAppendLog(spec.persistence)) {
        const isGone = deletedAt !== null || spec.desiredState === 'DELETED';
        await this.#end(isGone ? 'InstanceDeleted' : 'SwitchedOff', isGone ? 'The instance was deleted.' : 'Archiving was switched off.');
        if (state !== undefined) await this.#note({ awaitedBase: null, faultReason: null, faultMessage: null, faultAt: null });
        return { result: 'ended', inMs: null, pieces: 0 };
      }
      const inMs = await this.#go(policy, state);
      await this.#note({ dueAt: new Date(clock.now() + inMs), failures: 0, faultReason: null, faultMessage: null, faultAt: null });
      return { result: 'done', inMs, pieces: this.#pieces };
    } catch (error) {
      if (error instanceof Overtaken) return busy;
      return this.#failed(error, policy, state).catch((fault: unknown) => {
        if (fault instanceof Overtaken) return busy;
        throw fault;
      });
    }
  }

  async close(reason: string, message: string): Promise<void> {
    await this.#removeUnfinished();
    const stretch = await this.#stretch();
    const view = await this.#ports.source.open(this.#instance.id, stretch?.memberId ?? undefined);
    try {
      if (stretch !== undefined && stretch.reign !== null) await this.#shipRest(view, stretch);
      else if (stretch !== undefined && view !== undefined) {
        await this.#ship(view, stretch);
        await this.#ports.work.records.logArchives.coverForLoop(stretch.id, Math.floor(this.#ports.clock.now() / secondMs) - 1);
      }
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
    }
    await this.#end(reason, message);
    // A base that was asked for before says nothing about the log that comes now.
    if (stretch !== undefined) await this.#note({ awaitedBase: null });
  }

  /** What a worker was writing that lost the lease: it cannot be counted any more. */
  async #removeUnfinished(): Promise<void> {
    for (const piece of await this.#ports.work.records.logArchives.unfinishedOfForLoop(this.#instance.id)) await removePiece(this.#ports, piece);
  }

  async #go(policy: ArchivePolicy, state: LogArchiveRow | undefined): Promise<number> {
    // Before the manifest is read: what an increment that comes later holds is younger.
    const wholeSecond = Math.floor(this.#ports.clock.now() / secondMs) - settleSeconds;
    const opened = await this.#ports.source.open(this.#instance.id);
    const stretch = await this.#stretch();
    if (opened === undefined) {
      if (stretch !== undefined) throw new Broken('LogGone', 'the append-only file is gone');
      return waitMs;
    }
    // First the sizes, then the question: what lay there when the store said that it is primary was written as such.
    const view = opened.isOneOfSeveral ? await heldStill(opened) : opened;
    const reign = opened.isOneOfSeveral ? (await view.ask())?.reign ?? null : null;
    if (opened.isOneOfSeveral && reign === null) return leaderlessMs;
    if (stretch !== undefined && ((stretch.memberId ?? view.memberId) !== view.memberId || stretch.reign !== reign)) return this.#changeHands(view, stretch);
    if (stretch === undefined) return this.#begin(view, reign, state?.awaitedMemberId === view.memberId ? state.awaitedBase : null);
    const shipped = await this.#ship(view, stretch);
    await this.#ports.work.records.logArchives.coverForLoop(stretch.id, wholeSecond);
    const base = await this.#ensureBase(view, shipped);
    const [first] = view.manifest.increments;
    if (view.manifest.hasHistory && first !== undefined && shipped.increment >= first.sequence) await this.#release(view, first);
    const isOld = this.#ports.clock.now() - base.atMs > rollMs(policy) && shipped.ordinal > base.ordinal;
    if (isOld || base.isWanted || shipped.ordinal - base.ordinal > piecesMax) await this.#askForBase(view);
    return policy.intervalSeconds * secondMs;
  }

  // ── the beginning ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The log of this reign ends here: between it and the next lies at least the time until a base has been written. */
  async #changeHands(view: LogView, stretch: LogStretchRow): Promise<number> {
    const former = stretch.memberId === null || stretch.memberId === view.memberId ? view : await this.#ports.source.open(this.#instance.id, stretch.memberId);
    await this.#shipRest(former, stretch, view.primarySinceMs);
    await this.#end('PrimaryChanged', 'Another store became primary, or the same one anew; its log begins with a base of its own.');
    await this.#note({ awaitedBase: null });
    return 0;
  }

  /** As far as it is certain that the store wrote it as primary. */
  async #shipRest(view: LogView | undefined, stretch: LogStretchRow, nextSinceMs?: number): Promise<void> {
    if (view === undefined) return;
    try {
      await this.#ship(view, stretch, { toSecond: lastSecondOf(stretch, nextSinceMs) });
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
    }
  }

  async #begin(view: LogView, reign: string | null, awaitedBase: number | null): Promise<number> {
    const { work, clock, ids } = this.#ports;
    const { base, increments: [first] } = view.manifest;
    if (awaitedBase === null || base === undefined || base.sequence <= awaitedBase || first === undefined) {
      const asked = await view.ask();
      if (asked === undefined || !asked.isStamped || !asked.isKept) return waitMs; // the loop is about to switch them on
      if (!asked.isRewriting) {
        if (awaitedBase === null) await this.#note({ awaitedBase: base?.sequence ?? 0, awaitedMemberId: view.memberId });
        await view.askRewrite();
      }
      return waitMs;
    }
    const { id: instanceId, organizationId } = this.#instance;
    const now = new Date(clock.now());
    // Both or none: a base that was once awaited must not begin another stretch, of another log.
    await writeUnder(work, this.#hold, async ({ logArchives }) => {
      await logArchives.startStretchForLoop({
        id: ids.next(), organizationId, instanceId, memberId: view.memberId, reign, increment: first.sequence, offset: 0, ordinal: 0, lastPieceId: null, tailChecksum: null, tailBytes: 0,
        lastSecond: null, coveredSecond: null, startedAt: now, endedAt: null, endReason: null, endMessage: null,
      });
      await logArchives.noteForLoop(instanceId, organizationId, { awaitedBase: null }, now);
    });
    const stretch = (await this.#stretch())!;
    await this.#ensureBase(view, stretch);
    return 0;
  }

  /** Not while one runs: the base of that one is as good. */
  async #askForBase(view: LogView): Promise<void> {
    const asked = await view.ask();
    if (asked?.isStamped === true && !asked.isRewriting) await view.askRewrite();
  }

  /** The youngest base of the store is in the archive; when it was cut, before which piece it stands, and whether another is needed. */
  async #ensureBase(view: LogView, stretch: LogStretchRow): Promise<{ readonly atMs: number; readonly ordinal: number; readonly isWanted: boolean }> {
    const { work: { records: { logArchives } }, clock } = this.#ports;
    const { base, increments: [first] } = view.manifest;
    const landmarks = (await logArchives.landmarksOf(stretch.organizationId, stretch.instanceId)).filter(({ stretchId }) => stretchId === stretch.id);
    const known = landmarks.filter(({ kind }) => kind === 'BASE').sort((left, right) => left.sequence - right.sequence);
    const newest = known.at(-1);
    const there = known.find(({ sequence }) => sequence === base?.sequence);
    if (base === undefined || first === undefined || there !== undefined) {
      return { atMs: newest?.createdAt.getTime() ?? clock.now(), ordinal: newest?.ordinal ?? 0, isWanted: decideBaseWanted(landmarks, clock.now()) };
    }
    const ordinal = await this.#ordinalOf(stretch, first);
    if (ordinal !== undefined) await this.#storeBase(view, stretch, base, ordinal);
    return { atMs: clock.now(), ordinal: ordinal ?? stretch.ordinal, isWanted: false };
  }

  /** Before which piece of log an increment begins; undefined where the shipping has not come that far. */
  async #ordinalOf(stretch: LogStretchRow, first: LogFile): Promise<number | undefined> {
    if (stretch.increment < first.sequence) return undefined;
    let from = Math.max(0, stretch.ordinal - piecesMax * 2);
    for (;;) {
      const pieces = await this.#ports.work.records.logArchives.logOf(stretch.id, from, 1000);
      const found = pieces.find(({ sequence }) => sequence >= first.sequence);
      if (found !== undefined) return found.ordinal;
      if (pieces.length < 1000) return stretch.ordinal;
      from = pieces.at(-1)!.ordinal + 1;
    }
  }

  async #storeBase(view: LogView, stretch: LogStretchRow, base: LogFile, ordinal: number): Promise<void> {
    const size = await view.sizeOf(base.name);
    if (size === undefined) return; // a newer one is already there
    const cutSecond = await cutSecondOf(view.read(base.name, 0, Math.min(size, 4096)));
    // The whole second of the cut is in doubt, and the log before it may know a later second than the cut's clock did.
    const firstSecond = Math.max(cutSecond, await this.#lastSecondBefore(stretch, ordinal)) + 1;
    const reader = new RdbReader();
    const { organizationId, instanceId } = stretch;
    const isOurs = await storePiece(this.#ports, this.#hold, {
      organizationId, instanceId, stretchId: stretch.id, kind: 'BASE', ordinal, sequence: base.sequence, fromByte: 0, toByte: size, firstSecond, lastSecond: null,
      previousId: null,
    }, walked(view.read(base.name, 0, size), reader), () => reader.keyCounts, async () => true);
    if (!isOurs) throw new Overtaken();
    this.#pieces += 1;
  }

  /** Of the log in front of that piece; merged pieces leave holes in the numbers. */
  async #lastSecondBefore(stretch: LogStretchRow, ordinal: number): Promise<number> {
    if (ordinal === stretch.ordinal) return stretch.lastSecond ?? 0;
    for (let back = 1; ordinal > 0; back *= 8) {
      const from = Math.max(0, ordinal - back);
      const before = (await this.#ports.work.records.logArchives.logOf(stretch.id, from, back)).filter((piece) => piece.ordinal < ordinal).at(-1);
      if (before !== undefined || from === 0) return before?.lastSecond ?? 0;
    }
    return 0;
  }

  // ── the log ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Until nothing whole is left to ship; the stretch as it stands then. */
  async #ship(view: LogView, from: LogStretchRow, rest?: { readonly toSecond: number | undefined }): Promise<LogStretchRow> {
    const files = [...view.manifest.past, ...view.manifest.increments];
    const last = view.manifest.increments.at(-1);
    let stretch = from;
    await this.#compareTail(view, stretch, files);
    for (;;) {
      const file = files.find(({ sequence }) => sequence === stretch.increment);
      const size = file === undefined ? undefined : await view.sizeOf(file.name);
      if (file === undefined || size === undefined) throw new Broken('LogLost', `increment ${stretch.increment} went away before it was archived`);
      if (size < stretch.offset) throw new Broken('LogCut', `${file.name} has ${size} bytes, of which ${stretch.offset} had been archived`);
      const shipped = size === stretch.offset ? undefined : await this.#shipPiece(view, stretch, file, size, rest?.toSecond);
      if (shipped !== undefined) {
        stretch = shipped;
        continue;
      }
      // A later one may be of another reign: a replica that is filled anew begins one, too.
      if (rest !== undefined) return stretch;
      const next = files.find(({ sequence }) => sequence > file.sequence);
      if (next === undefined || file.sequence === last?.sequence) return stretch;
      // The manifest names a next one only when this one is whole.
      if (stretch.offset < size) throw new Broken('LogTorn', `${file.name} ends in the middle of a command`);
      stretch = await this.#move(stretch, { increment: next.sequence, offset: 0, tailChecksum: null, tailBytes: 0 });
    }
  }

  async #shipPiece(view: LogView, stretch: LogStretchRow, file: LogFile, size: number, toSecond?: number): Promise<LogStretchRow | undefined> {
    const walk = new LogWalk(stretch.offset, secondAfter(stretch), toSecond);
    let end = stretch.offset;
    try {
      for await (const chunk of view.read(file.name, stretch.offset, size)) {
        walk.push(chunk);
        end = walk.unitEnd;
        if (walk.isCut || end - stretch.offset >= pieceBytesMax) break;
      }
    } catch (error) {
      if (error instanceof IntegrityFault) throw new Broken('LogDamaged', error.message);
      throw error;
    }
    if (end === stretch.offset) return undefined;
    const tail = new Tail();
    const { organizationId, instanceId, ordinal } = stretch;
    let moved: LogStretchRow | undefined;
    const isOurs = await storePiece(this.#ports, this.#hold, {
      organizationId, instanceId, stretchId: stretch.id, kind: 'LOG', ordinal, sequence: file.sequence, fromByte: stretch.offset, toByte: end,
      firstSecond: walk.firstSecond, lastSecond: walk.lastSecond, previousId: stretch.lastPieceId,
    }, exactly(tail.watch(view.read(file.name, stretch.offset, end)), end - stretch.offset), () => null, async (records, pieceId) => {
      const change = { offset: end, ordinal: ordinal + 1, lastPieceId: pieceId, lastSecond: walk.isCut ? walk.lastSecond : walk.second, tailChecksum: tail.digest(), tailBytes: tail.length };
      moved = { ...stretch, ...change };
      return records.logArchives.moveForLoop(stretch.id, placeOf(stretch), change);
    });
    if (!isOurs) throw new Overtaken();
    this.#pieces += 1;
    return moved;
  }

  async #compareTail(view: LogView, stretch: LogStretchRow, files: readonly LogFile[]): Promise<void> {
    const file = files.find(({ sequence }) => sequence === stretch.increment);
    if (stretch.tailChecksum === null || file === undefined || ((await view.sizeOf(file.name)) ?? 0) < stretch.offset) return;
    const tail = new Tail();
    for await (const _chunk of tail.watch(view.read(file.name, stretch.offset - stretch.tailBytes, stretch.offset))) void _chunk;
    if (tail.digest() !== stretch.tailChecksum) throw new Broken('LogChanged', `${file.name} is another file than the one that was archived`);
  }

  async #move(stretch: LogStretchRow, change: Partial<LogStretchRow>): Promise<LogStretchRow> {
    if (!(await writeUnder(this.#ports.work, this.#hold, ({ logArchives }) => logArchives.moveForLoop(stretch.id, placeOf(stretch), change)))) throw new Overtaken();
    return { ...stretch, ...change };
  }

  /** Everything that is history has been shipped. A rewrite that ends in this very moment is asked for first. */
  async #release(view: LogView, first: LogFile): Promise<void> {
    const asked = await view.ask();
    const again = await this.#ports.source.open(this.#instance.id);
    if (asked === undefined || asked.isRewriting || again?.manifest.increments[0]?.sequence !== first.sequence) return;
    await writeUnder(this.#ports.work, this.#hold, async () => undefined); // what another worker has not shipped yet is not ours to release
    await view.releaseHistory();
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #failed(error: unknown, policy: ArchivePolicy | null, state: LogArchiveRow | undefined): Promise<RoundResult> {
    const now = this.#ports.clock.now();
    const isBroken = error instanceof Broken;
    const { reason, message } = isBroken ? { reason: error.reason, message: sentence(error.message) } : failureOf(error);
    if (isBroken) {
      await this.#end(reason, message);
      await this.#tell('ArchiveGap', `The archive of the log has a gap: ${message}`);
    } else if (state?.faultReason !== reason) await this.#tell('ArchiveFailed', `The log is not archived for now: ${message}`);
    if (!isBroken && (await this.#isHoldingTooMuch())) {
      await this.#end('StorageFailed', `Storage failed for too long: ${message}`);
      await (await this.#ports.source.open(this.#instance.id))?.releaseHistory().catch(() => undefined);
    }
    const failures = isBroken ? 0 : (state?.failures ?? 0) + 1;
    const inMs = isBroken ? await this.#pauseAfterBreak(now) : Math.min(retryMsMax, (policy?.intervalSeconds ?? 1) * secondMs * 2 ** Math.min(failures, 10));
    await this.#note({ dueAt: new Date(now + inMs), ...(isBroken ? { awaitedBase: null } : {}), failures, faultReason: reason, faultMessage: message, faultAt: state?.faultReason === reason ? state.faultAt : new Date(now) });
    return { result: 'done', inMs, pieces: this.#pieces };
  }

  async #pauseAfterBreak(now: number): Promise<number> {
    const { id, organizationId } = this.#instance;
    const breaks = (await this.#ports.work.records.logArchives.stretchesOf(organizationId, id)).filter(({ endedAt }) => endedAt !== null && now - endedAt.getTime() < breaksWithinMs).length;
    return breaks <= 2 ? 0 : Math.min(retryMsMax, secondMs * 2 ** breaks);
  }

  async #isHoldingTooMuch(): Promise<boolean> {
    const view = await this.#ports.source.open(this.#instance.id).catch(() => undefined);
    if (view === undefined) return false;
    let bytes = 0;
    for (const { name } of view.manifest.past) bytes += (await view.sizeOf(name)) ?? 0;
    return bytes > heldBytesMax;
  }

  async #end(reason: string, message: string): Promise<void> {
    const stretch = await this.#stretch();
    if (stretch === undefined) return;
    await writeUnder(this.#ports.work, this.#hold, ({ logArchives }) => logArchives.moveForLoop(stretch.id, placeOf(stretch), {
      endedAt: new Date(this.#ports.clock.now()), endReason: reason, endMessage: message,
      // Where nothing says more, the last write that was archived is the last second that is whole but for itself.
      coveredSecond: Math.max(stretch.coveredSecond ?? 0, (stretch.lastSecond ?? 0) - 1) || null,
    }));
  }

  #stretch(): Promise<LogStretchRow | undefined> {
    return this.#ports.work.records.logArchives.openStretchForLoop(this.#instance.id);
  }

  #note(change: Parameters<ArchivePorts['work']['records']['logArchives']['noteForLoop']>[2]): Promise<void> {
    const { id, organizationId } = this.#instance;
    return writeUnder(this.#ports.work, this.#hold, ({ logArchives }) => logArchives.noteForLoop(id, organizationId, change, new Date(this.#ports.clock.now())));
  }

  async #tell(reason: string, message: string): Promise<void> {
    const { id: instanceId, organizationId } = this.#instance;
    await this.#ports.work.records.instanceEvents.record({ organizationId, instanceId, severity: 'WARNING', reason, message }, new Date(this.#ports.clock.now()))
      .catch(() => undefined);
  }
}

function placeOf({ increment, offset, ordinal }: LogStretchRow): LogPlace {
  return { increment, offset, ordinal };
}

/** In which second bytes count that come now without saying theirs. */
function secondAfter({ lastSecond, coveredSecond }: LogStretchRow): number | null {
  return coveredSecond === null ? lastSecond : Math.max(lastSecond ?? 0, coveredSecond + 1);
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

/** SHA-256 of the last bytes of what passes. */
class Tail {
  #bytes = Buffer.alloc(0);

  async *watch(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.#bytes = Buffer.from(Buffer.concat([this.#bytes, chunk.subarray(-tailBytesMax)]).subarray(-tailBytesMax));
      yield chunk;
    }
  }

  get length(): number {
    return this.#bytes.length;
  }

  digest(): string {
    return createHash('sha256').update(this.#bytes).digest('hex');
  }
}

/** A file that is shorter than it was a moment ago must not become a piece. */
async function* exactly(source: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of source) {
    seen += chunk.length;
    yield chunk;
  }
  if (seen !== bytes) throw new Broken('LogCut', `the log gave ${seen} bytes where ${bytes} stood`);
}

/** `ctime` among the first fields of an RDB. */
async function cutSecondOf(head: AsyncIterable<Uint8Array>): Promise<number> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of head) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const at = bytes.indexOf('\xfa\x05ctime', 0, 'latin1');
  const value = at < 0 ? undefined : readShortNumber(bytes, at + 7);
  if (value === undefined) throw new Broken('BaseUnknown', 'the base of the append-only file does not say when it was written');
  return value;
}

/** A string of an RDB that holds a number: as digits, or as an integer of 8, 16 or 32 bits. */
function readShortNumber(bytes: Buffer, at: number): number | undefined {
  switch (bytes[at]) {
    case undefined: return undefined;
    case 0xc0: return bytes.readInt8(at + 1);
    case 0xc1: return bytes.readInt16LE(at + 1);
    case 0xc2: return bytes.readUInt32LE(at + 1);
    default: return Number(bytes.toString('latin1', at + 1, at + 1 + (bytes[at]! & 0x3f))) || undefined;
  }
}
