/** Snapshots and the append-only file. */

import { LIMITS, choice, flag, memory, number, plain, structured, text } from '../row';
import { INITIAL_SAVE_POINTS, savePoints } from '../structured';

const { INT_MAX, INT_MIN, LONG_MAX } = LIMITS;
const IMMUTABLE = { access: 'immutable' } as const;

export const persistenceRows = [
  structured('save', INITIAL_SAVE_POINTS, savePoints, 'Save after so many seconds if so many keys changed'),
  text('dbfilename', 'dump.rdb', 'Name of the snapshot file', { access: 'protected', keepsEmpty: true, refuse: refuseNotBaseName('dbfilename', 'filename', true) }),
  flag('rdbcompression', true, 'Compress long strings in snapshots'),
  flag('rdbchecksum', true, 'End snapshots with a checksum', IMMUTABLE),
  flag('rdb-del-sync-files', false, 'Delete snapshots that only replication needed'),
  flag('rdb-save-incremental-fsync', true, 'Sync a growing snapshot in steps'),
  number('rdb-key-save-delay', 0, plain(INT_MIN, INT_MAX), 'Microseconds to wait after each saved key, for tests', { isHidden: true }),
  number('rdb-version', 10, plain(10, 11), 'Format version of written snapshots', { isHidden: true, since: 'larder' }),
  number('key-load-delay', 0, plain(INT_MIN, INT_MAX), 'Microseconds to wait after each loaded key, for tests', { isHidden: true }),
  number('loading-process-events-interval-bytes', 2 * 1024 ** 2, plain(1024, INT_MAX), 'Bytes loaded between two looks at clients', { isHidden: true }),
  flag('stop-writes-on-bgsave-error', true, 'Refuse writes while snapshots fail'),
  choice('sanitize-dump-payload', 'no', ['no', 'yes', 'clients'], 'Check payloads of RESTORE and snapshots deeply', { isDebug: true }),

  flag('appendonly', false, 'Keep an append-only file', { isDeniedWhileLoading: true }),
  text('appendfilename', 'appendonly.aof', 'First part of the names of append-only files', { ...IMMUTABLE, keepsEmpty: true, refuse: refuseNotBaseName('appendfilename', 'filename', false) }),
  text('appenddirname', 'appendonlydir', 'Directory of the append-only files', { ...IMMUTABLE, keepsEmpty: true, refuse: refuseNotBaseName('appenddirname', 'dirname', false) }),
  choice('appendfsync', 'everysec', ['everysec', 'always', 'no'], 'When written bytes are forced to disk'),
  flag('no-appendfsync-on-rewrite', false, 'Do not force bytes to disk during a save or rewrite'),
  number('auto-aof-rewrite-percentage', 100, plain(0, INT_MAX), 'Growth in percent that starts a rewrite; 0 never'),
  number('auto-aof-rewrite-min-size', 64 * 1024 ** 2, memory(0, LONG_MAX), 'Size below which no rewrite starts'),
  flag('aof-load-truncated', true, 'Load an append-only file whose end is cut off'),
  flag('aof-use-rdb-preamble', true, 'Begin a rewritten file with a snapshot'),
  flag('aof-timestamp-enabled', false, 'Note the time in the append-only file'),
  flag('aof-rewrite-incremental-fsync', true, 'Sync a growing rewrite in steps'),
  flag('aof-disable-auto-gc', false, 'Keep files that a rewrite made superfluous'),
] as const;

function refuseNotBaseName(name: string, noun: string, mayBeEmpty: boolean): (value: string) => string | undefined {
  return (value) => {
    if (value === '' && !mayBeEmpty) return `${name} can't be empty`;
    return /[/\\]/.test(value) ? `${name} can't be a path, just a ${noun}` : undefined;
  };
}
