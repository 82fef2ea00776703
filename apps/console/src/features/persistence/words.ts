// Persistence in words: one sentence a mode that says what it costs and what it saves.
import type { AppendFsync, Persistence } from '@/data/generated/graphql';
import { formatBytes } from '@/ui/format';

export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

export const modeTitles: Readonly<Record<Persistence, string>> = {
  NONE: 'None', RDB: 'Snapshots (RDB)', AOF: 'Append-only file (AOF)', RDB_AOF: 'Snapshots and append-only file',
};

export const modeTexts: Readonly<Record<Persistence, string>> = {
  RDB: 'Saved to disk at intervals and on every stop: little disk work, but a crash loses what came after the last snapshot.',
  AOF: 'Every write goes to disk: a crash loses a second at most, for more disk work and a slower start.',
  RDB_AOF: 'Every write goes to disk, with snapshots beside it: the most copies, for the most disk work.',
  NONE: 'Memory alone: fastest, and empty after a restart.',
};

export const fsyncTitles: Readonly<Record<AppendFsync, string>> = { ALWAYS: 'Always', EVERYSEC: 'Every second', NO: 'Left to the system' };

export const fsyncTexts: Readonly<Record<AppendFsync, string>> = {
  EVERYSEC: 'A crash loses the last second at most; nearly as fast as without.',
  ALWAYS: 'A crash loses nothing that was acknowledged; each write waits for the disk.',
  NO: 'Fastest; a crash of the machine loses about half a minute.',
};

export const hasSnapshots = (mode: Persistence): boolean => mode === 'RDB' || mode === 'RDB_AOF';
export const hasAppendLog = (mode: Persistence): boolean => mode === 'AOF' || mode === 'RDB_AOF';

export const savePointsDefault: readonly SavePoint[] = [{ seconds: 300, changes: 1 }, { seconds: 60, changes: 100 }];

/** As redis.conf writes them, which is also how a person types them: `300 1, 60 100`. */
export function printSavePoints(points: readonly SavePoint[]): string {
  return points.map(({ seconds, changes }) => `${seconds} ${changes}`).join(', ');
}

/** What a save or a rewrite came to, as far as it is known. */
export function printEffort(bytes: number | null | undefined, seconds: number | null | undefined): string {
  return [...(bytes == null ? [] : [formatBytes(bytes)]), ...(seconds == null ? [] : [`took ${seconds} s`])].join(', ');
}

/** Undefined where it cannot be read. */
export function parseSavePoints(text: string): SavePoint[] | undefined {
  const points = text.split(',').map((part) => /^\s*(\d{1,9})\s+(\d{1,9})\s*$/.exec(part));
  return points.every((match) => match !== null) ? points.map(([, seconds, changes]) => ({ seconds: Number(seconds), changes: Number(changes) })) : undefined;
}
