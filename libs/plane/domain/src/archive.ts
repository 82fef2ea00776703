// The archive of an instance's append-only file, and what can be restored from it. Pure.
//
//   stretch    a part of the log without a gap:   base 1 ── log 0 ── log 1 ── log 2 ── log 3 ── …
//   base       an RDB that stands for all that came before it           └ base 2 (a rewrite)
//
// The state at second T is a base that was cut before T, and everything behind it in the same stretch up to T. A rewrite does not cut the
// log: its base is one more place to begin at.
//
// Invariants
// - A second is restorable only where every write of it is archived behind a base that an engine has loaded. What is missing is a gap
//   with its reason; no window reaches over it.
// - Seconds are those of the store's own annotations (#TS:), never going back: one that is smaller than an earlier one counts as that.
import { hourMs, secondMs } from '@larder/shared-std';
import type { KeyCount, Verification } from './backup';
import { hasAppendLog, type Persistence } from './persistence';
import type { InputFault } from './refusals';

export interface ArchivePolicy {
  readonly intervalSeconds: number;
  readonly retentionHours: number;
}

export const defaultArchive: ArchivePolicy = { intervalSeconds: 10, retentionHours: 72 };
const intervalMin = 1;
const intervalMax = 3600;
const retentionMax = 24 * 366;

export function checkArchive({ persistence, archive }: { readonly persistence: Persistence; readonly archive: ArchivePolicy | null }): InputFault[] {
  if (archive === null) return [];
  const faults: InputFault[] = [];
  const whole = (field: string, value: number, min: number, max: number): void => {
    if (!Number.isInteger(value) || value < min || value > max) faults.push({ field: `archive.${field}`, message: `must be a whole number from ${min} to ${max}` });
  };
  whole('intervalSeconds', archive.intervalSeconds, intervalMin, intervalMax);
  whole('retentionHours', archive.retentionHours, 1, retentionMax);
  if (!hasAppendLog(persistence)) {
    faults.push({
      field: 'archive', message: `needs AOF or RDB_AOF: with ${persistence} nothing keeps the writes one by one, so there is nothing to restore a second from`,
    });
  }
  return faults;
}

// ── what is archived ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface LogArchiveRow {
  readonly instanceId: string; readonly organizationId: string; readonly dueAt: Date;
  /** A rewrite was asked for, of this member: its first base with a higher number begins a stretch. */
  readonly awaitedBase: number | null; readonly awaitedMemberId: string | null;
  readonly failures: number; readonly faultReason: string | null; readonly faultMessage: string | null; readonly faultAt: Date | null;
}

export interface LogStretchRow {
  readonly id: string; readonly organizationId: string; readonly instanceId: string;
  /** Whose log it is. Of several stores only the primary's is archived, and only while it is: `reign` is the replication id of that time. */
  readonly memberId: string | null; readonly reign: string | null;
  /** The next byte: number of the increment, place in it; and the number of the next piece. */
  readonly increment: number; readonly offset: number; readonly ordinal: number;
  readonly lastPieceId: string | null; readonly tailChecksum: string | null; readonly tailBytes: number;
  /** Unix seconds: of the last write, and up to which every write is archived. */
  readonly lastSecond: number | null; readonly coveredSecond: number | null;
  readonly startedAt: Date; readonly endedAt: Date | null; readonly endReason: string | null; readonly endMessage: string | null;
}

export interface LogPieceRow {
  readonly id: string; readonly organizationId: string; readonly instanceId: string; readonly stretchId: string;
  readonly kind: 'BASE' | 'LOG'; readonly state: 'WRITING' | 'STORED' | 'LOST';
  /** Of a base: of the first piece of log behind it. */
  readonly ordinal: number;
  /** Number of the file. */
  readonly sequence: number;
  readonly fromByte: number; readonly toByte: number;
  /** LOG: of its first and last write. BASE: the first second that it can begin; null while that is not known. */
  readonly firstSecond: number | null; readonly lastSecond: number | null;
  readonly previousId: string | null;
  readonly sizeBytes: number | null; readonly checksum: string | null; readonly rawChecksum: string | null; readonly keyCounts: readonly KeyCount[] | null;
  readonly storageKey: string; readonly dataKeySealed: string;
  readonly verification: Verification; readonly verificationMessage: string | null; readonly createdAt: Date;
}

export function pieceStorageKey(piece: Pick<LogPieceRow, 'organizationId' | 'instanceId' | 'stretchId' | 'kind' | 'ordinal' | 'id'>): string {
  const { organizationId, instanceId, stretchId, kind, ordinal, id } = piece;
  return `organizations/${organizationId}/instances/${instanceId}/log/${stretchId}/${String(ordinal).padStart(9, '0')}-${kind.toLowerCase()}-${id}.zst.enc`;
}

// ── windows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Every second from `from` to `to`, both included. */
export interface RestorableWindow {
  readonly from: number;
  readonly to: number;
}
export interface ArchiveGap extends RestorableWindow {
  readonly reason: string;
  readonly message: string;
}
export interface Timeline {
  readonly windows: readonly RestorableWindow[];
  /** Between windows, and after the last where the archive has ended. */
  readonly gaps: readonly ArchiveGap[];
}

type StretchFacts = Pick<LogStretchRow, 'id' | 'coveredSecond' | 'startedAt' | 'endedAt' | 'endReason' | 'endMessage'>;
type PieceFacts = Pick<LogPieceRow, 'stretchId' | 'kind' | 'state' | 'ordinal' | 'firstSecond' | 'verification'>;

/** `pieces`: all bases, and the pieces of log that are lost. */
export function decideTimeline(stretches: readonly StretchFacts[], pieces: readonly PieceFacts[], nowMs: number): Timeline {
  const parts = [...stretches].sort((left, right) => left.startedAt.getTime() - right.startedAt.getTime())
    .flatMap((stretch) => windowsOf(stretch, pieces.filter(({ stretchId }) => stretchId === stretch.id)));
  const windows: RestorableWindow[] = [];
  const gaps: ArchiveGap[] = [];
  for (const [index, part] of parts.entries()) {
    const before = windows.at(-1);
    // A clock that went back: the earlier part keeps its seconds.
    const from = before === undefined ? part.from : Math.max(part.from, before.to + 1);
    if (from > part.to) continue;
    if (before !== undefined && from > before.to + 1) {
      const { reason, message } = parts[index - 1]!.end ?? unknownEnd;
      gaps.push({ from: before.to + 1, to: from - 1, reason, message });
    }
    windows.push({ from, to: part.to });
  }
  const [last, end] = [windows.at(-1), parts.at(-1)?.end];
  const now = Math.floor(nowMs / secondMs);
  if (last !== undefined && end !== undefined && now > last.to) gaps.push({ from: last.to + 1, to: now, ...end });
  return { windows, gaps };
}

/** Without what retention has given up already, although it still lies there. */
export function offeredTimeline({ windows, gaps }: Timeline, { retentionHours }: ArchivePolicy, nowMs: number): Timeline {
  const oldest = Math.ceil((nowMs - retentionHours * hourMs) / secondMs);
  const offered = <T extends RestorableWindow>(parts: readonly T[]): T[] => parts.filter(({ to }) => to >= oldest).map((part) => ({ ...part, from: Math.max(part.from, oldest) }));
  const kept = offered(windows);
  return { windows: kept, gaps: offered(gaps).filter(({ from }) => kept.length > 0 && from > kept[0]!.from) };
}

const unknownEnd = { reason: 'NotArchived', message: 'Nothing was archived.' };
const lostEnd = { reason: 'PieceLost', message: 'An object of the archive is damaged or gone from storage.' };

function windowsOf(stretch: StretchFacts, pieces: readonly PieceFacts[]): (RestorableWindow & { readonly end?: Pick<ArchiveGap, 'reason' | 'message'> })[] {
  const { coveredSecond, endedAt, endReason, endMessage } = stretch;
  if (coveredSecond === null) return [];
  const ended = endedAt === null ? undefined : { reason: endReason ?? 'Ended', message: endMessage ?? 'The archive ended.' };
  const bases = pieces.filter(isUsableBase).sort((left, right) => left.ordinal - right.ordinal);
  const lost = pieces.filter(({ kind, state }) => kind === 'LOG' && state === 'LOST').sort((left, right) => left.ordinal - right.ordinal);
  const windows: (RestorableWindow & { readonly end?: Pick<ArchiveGap, 'reason' | 'message'> })[] = [];
  let reached = -1;
  for (const base of bases) {
    if (base.ordinal < reached) continue;
    const hole = lost.find(({ ordinal }) => ordinal >= base.ordinal);
    const to = hole === undefined ? coveredSecond : Math.min(coveredSecond, (hole.firstSecond ?? base.firstSecond!) - 1);
    reached = hole === undefined ? Number.POSITIVE_INFINITY : hole.ordinal + 1;
    const end = hole === undefined ? ended : lostEnd;
    if (base.firstSecond! <= to) windows.push({ from: base.firstSecond!, to, ...(end ? { end } : {}) });
  }
  return windows;
}

function isUsableBase({ kind, state, verification, firstSecond }: PieceFacts): boolean {
  return kind === 'BASE' && state === 'STORED' && verification === 'VERIFIED' && firstSecond !== null;
}

/** Why this second cannot be restored, as one sentence; undefined where it can. */
export function whyNotRestorable({ windows, gaps }: Timeline, second: number): string | undefined {
  if (windows.some(({ from, to }) => from <= second && second <= to)) return undefined;
  const [first, last] = [windows[0], windows.at(-1)];
  if (first === undefined || last === undefined) return 'Nothing can be restored yet: no base of the log has been archived and proven.';
  const gap = gaps.find(({ from, to }) => from <= second && second <= to);
  if (gap !== undefined) return `It lies in a gap of the archive, from ${iso(gap.from)} to ${iso(gap.to)}: ${gap.message}`;
  return second < first.from ? `The archive begins at ${iso(first.from)}.` : `The archive reaches to ${iso(last.to)} so far.`;
}

function iso(second: number): string {
  return new Date(second * secondMs).toISOString().replace('.000Z', 'Z');
}

/** The base to begin at: the youngest that was cut before, in a stretch that reaches that far, with no lost piece in between. */
export function chooseBase<P extends PieceFacts>(stretches: readonly StretchFacts[], pieces: readonly P[], second: number): P | undefined {
  const order = new Map([...stretches].sort((left, right) => left.startedAt.getTime() - right.startedAt.getTime()).map(({ id }, index) => [id, index]));
  return pieces
    .filter((base) => {
      const stretch = stretches.find(({ id }) => id === base.stretchId);
      if (stretch === undefined || !isUsableBase(base)) return false;
      const own = windowsOf(stretch, [base, ...pieces.filter(({ stretchId, kind }) => stretchId === stretch.id && kind === 'LOG')]);
      return own.some(({ from, to }) => from <= second && second <= to);
    })
    // A second that two stretches speak of (a clock that went back) belongs to the earlier one, as the timeline has it.
    .sort((left, right) => order.get(left.stretchId)! - order.get(right.stretchId)! || right.ordinal - left.ordinal)[0];
}

/** A break in a list of pieces that should follow each other without a gap, as one sentence. Merged pieces leave holes in the numbers. */
export function findBreak(pieces: readonly Pick<LogPieceRow, 'id' | 'ordinal' | 'sequence' | 'fromByte' | 'toByte' | 'previousId' | 'state'>[], first: number): string | undefined {
  for (const [index, piece] of pieces.entries()) {
    const before = pieces[index - 1];
    if (before === undefined && piece.ordinal !== first) return `piece ${first} is missing`;
    if (piece.state !== 'STORED') return `piece ${piece.ordinal} is ${piece.state.toLowerCase()}`;
    if (before === undefined) continue;
    const follows = piece.sequence === before.sequence ? piece.fromByte === before.toByte : piece.sequence > before.sequence && piece.fromByte === 0;
    if (!follows || piece.previousId !== before.id) return `piece ${piece.ordinal} does not follow piece ${before.ordinal}`;
  }
  return undefined;
}

// ── retention ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Bases that retention may take with the log up to the next one kept; of each stretch the youngest that is old enough stays. */
export function decideOldBases<P extends PieceFacts & { readonly id: string }>(bases: readonly P[], retentionHours: number, nowMs: number): P[] {
  const horizon = (nowMs - retentionHours * hourMs) / secondMs;
  const usable = bases.filter(isUsableBase).sort((left, right) => left.ordinal - right.ordinal);
  const keep = usable.findLast(({ firstSecond }) => firstSecond! <= horizon);
  return keep === undefined ? [] : bases.filter(({ kind, ordinal, id }) => kind === 'BASE' && id !== keep.id && ordinal < keep.ordinal);
}

/** A base is asked for so often, so that retention can let go of the past in steps and no restore reads days of log. */
export function rollMs({ retentionHours }: ArchivePolicy): number {
  return Math.min(24, Math.max(1, retentionHours / 4)) * hourMs;
}
