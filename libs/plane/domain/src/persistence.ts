// What of an instance is on disk: the modes, their knobs, and what a crash would cost. Pure.
//
//   NONE      nothing; empty after every restart
//   RDB       snapshots at save points; a crash loses what came after the last one
//   AOF       every write in an append-only file; a crash loses what was not yet flushed (appendFsync)
//   RDB_AOF   both; a start reads the append-only file, the snapshots are copies
//
// Invariant: knobs of a mode that is not on are kept, not used: going back finds them as they were.
import type { InputFault } from './refusals';

export const persistences = ['NONE', 'RDB', 'AOF', 'RDB_AOF'] as const;
export type Persistence = (typeof persistences)[number];

/** The modes that the engine really has; one that is missing here is named by the schema and answers NotSupportedYet. */
export const enginePersistences: readonly Persistence[] = persistences;

export const appendFsyncs = ['ALWAYS', 'EVERYSEC', 'NO'] as const;
export type AppendFsync = (typeof appendFsyncs)[number];

/** A snapshot is taken once `seconds` have passed since the last with at least `changes` changes. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

export interface PersistenceSpec {
  readonly persistence: Persistence;
  readonly appendFsync: AppendFsync;
  readonly savePoints: readonly SavePoint[];
}

export const defaultAppendFsync: AppendFsync = 'EVERYSEC';
/** After five minutes with a change, after one with a hundred. */
export const defaultSavePoints: readonly SavePoint[] = [{ seconds: 300, changes: 1 }, { seconds: 60, changes: 100 }];

export function hasSnapshots(persistence: Persistence): boolean {
  return persistence === 'RDB' || persistence === 'RDB_AOF';
}

export function hasAppendLog(persistence: Persistence): boolean {
  return persistence === 'AOF' || persistence === 'RDB_AOF';
}

const savePointsMax = 8;
const savePointSecondsMin = 5;
const savePointSecondsMax = 86_400;
const savePointChangesMax = 1_000_000_000;

/** `given`: what this very request names; a knob that the mode does not use is refused only where somebody set it on purpose. */
export function checkPersistence(spec: PersistenceSpec, given: Partial<PersistenceSpec>): InputFault[] {
  const faults: InputFault[] = [];
  if (given.appendFsync != null && !hasAppendLog(spec.persistence)) {
    faults.push({ field: 'appendFsync', message: `has no meaning with ${spec.persistence}: only AOF and RDB_AOF keep an append-only file` });
  }
  if (given.savePoints != null && !hasSnapshots(spec.persistence)) {
    faults.push({ field: 'savePoints', message: `have no meaning with ${spec.persistence}: only RDB and RDB_AOF take snapshots` });
  }
  return [...faults, ...checkSavePoints(spec.savePoints)];
}

function checkSavePoints(points: readonly SavePoint[]): InputFault[] {
  const fault = (message: string): InputFault[] => [{ field: 'savePoints', message }];
  if (points.length === 0) return fault('must name at least one; a mode without snapshots is NONE or AOF');
  if (points.length > savePointsMax) return fault(`may be ${savePointsMax} at most`);
  const isWhole = (value: number, min: number, max: number): boolean => Number.isInteger(value) && value >= min && value <= max;
  for (const { seconds, changes } of points) {
    if (!isWhole(seconds, savePointSecondsMin, savePointSecondsMax)) return fault(`seconds must be from ${savePointSecondsMin} to ${savePointSecondsMax}`);
    if (!isWhole(changes, 1, savePointChangesMax)) return fault(`changes must be from 1 to ${savePointChangesMax}`);
  }
  return [];
}

// ── what was seen ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** INFO persistence of a running store, as far as people ask about it, and what INFO lacks: the size of its snapshot. */
export interface PersistenceSeen {
  readonly at: string;
  readonly isSaving: boolean;
  /** ISO 8601; of the last snapshot that succeeded. Redis counts its own start as one. */
  readonly lastSaveAt: string | null;
  readonly isLastSaveOk: boolean;
  readonly lastSaveSeconds: number | null;
  /** Of the snapshot's file; a save replaces it in one step. */
  readonly lastSaveBytes: number | null;
  readonly changesSinceSave: number;
  readonly isAppendLogOn: boolean;
  readonly isRewriting: boolean;
  readonly isLastRewriteOk: boolean;
  readonly lastRewriteSeconds: number | null;
  readonly isLastWriteOk: boolean;
  readonly appendLogBytes: number | null;
  /** What the append-only file came to when it was rewritten last, or loaded. */
  readonly appendLogBaseBytes: number | null;
  /** Bytes written and not yet flushed, and flushes under way. */
  readonly pendingBytes: number;
  readonly pendingFsyncs: number;
  readonly delayedFsyncs: number;
}

export function readPersistence(fields: ReadonlyMap<string, string>, nowMs: number, snapshotBytes: number | null = null): PersistenceSeen {
  const number = (name: string): number => Number(fields.get(name) ?? 0) || 0;
  const optional = (name: string): number | null => (fields.has(name) ? number(name) : null);
  const seconds = (name: string): number | null => (Number(fields.get(name) ?? -1) >= 0 ? number(name) : null);
  const savedAt = number('rdb_last_save_time');
  return {
    at: new Date(nowMs).toISOString(),
    isSaving: number('rdb_bgsave_in_progress') === 1,
    lastSaveAt: savedAt > 0 ? new Date(savedAt * 1000).toISOString() : null,
    isLastSaveOk: fields.get('rdb_last_bgsave_status') !== 'err',
    lastSaveSeconds: seconds('rdb_last_bgsave_time_sec'),
    lastSaveBytes: snapshotBytes,
    changesSinceSave: number('rdb_changes_since_last_save'),
    isAppendLogOn: number('aof_enabled') === 1,
    isRewriting: number('aof_rewrite_in_progress') === 1 || number('aof_rewrite_scheduled') === 1,
    isLastRewriteOk: fields.get('aof_last_bgrewrite_status') !== 'err',
    lastRewriteSeconds: seconds('aof_last_rewrite_time_sec'),
    isLastWriteOk: fields.get('aof_last_write_status') !== 'err',
    appendLogBytes: optional('aof_current_size'),
    appendLogBaseBytes: optional('aof_base_size'),
    pendingBytes: number('aof_buffer_length'),
    pendingFsyncs: number('aof_pending_bio_fsync'),
    delayedFsyncs: number('aof_delayed_fsync'),
  };
}

/** Seconds of acknowledged writes that a crash at `nowMs` would take; null: everything that was ever written. */
export interface Exposure {
  readonly lossSeconds: number | null;
  readonly message: string;
}

/** The kernel writes dirty pages back after this at the latest (vm.dirty_expire_centisecs). */
const kernelFlushSeconds = 30;

export function decideExposure({ persistence, appendFsync }: PersistenceSpec, seen: PersistenceSeen, nowMs: number): Exposure {
  if (persistence === 'NONE') return { lossSeconds: null, message: 'A crash or a restart empties it: nothing is on disk.' };
  // Until the log is whole (switching on, or a failed write) what counts is the last snapshot.
  if (hasAppendLog(persistence) && seen.isAppendLogOn && !isFirstRewrite(seen)) {
    if (!seen.isLastWriteOk) return { lossSeconds: null, message: 'The append-only file cannot be written; writes are refused until it can.' };
    switch (appendFsync) {
      case 'ALWAYS': return { lossSeconds: 0, message: 'A crash now loses nothing that was acknowledged.' };
      case 'EVERYSEC': return { lossSeconds: 1, message: 'A crash now loses at most the last second of writes.' };
      case 'NO': return { lossSeconds: kernelFlushSeconds, message: `A crash of the machine loses at most about the last ${kernelFlushSeconds} seconds; a crash of the store alone loses nothing.` };
    }
  }
  if (seen.changesSinceSave === 0) return { lossSeconds: 0, message: 'A crash now loses nothing: nothing has changed since the last snapshot.' };
  const lossSeconds = seen.lastSaveAt === null ? null : Math.max(0, Math.round((nowMs - Date.parse(seen.lastSaveAt)) / 1000));
  const changes = `${seen.changesSinceSave} ${seen.changesSinceSave === 1 ? 'change' : 'changes'}`;
  return {
    lossSeconds,
    message: lossSeconds === null ? `A crash now loses ${changes}: there is no snapshot yet.` : `A crash now loses ${changes}, the oldest at most ${lossSeconds} s old.`,
  };
}

/** Its base has no size yet: the log is being written for the first time. */
function isFirstRewrite(seen: PersistenceSeen): boolean {
  return seen.isRewriting && (seen.appendLogBaseBytes ?? 0) === 0;
}
