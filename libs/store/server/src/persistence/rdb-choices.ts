/** How the settings say that RDB files are written. */
import { rdbStyle } from '@larder/store-persistence';
import type { EncoderOptions, RdbStyle } from '@larder/store-persistence';
import type { StoreServer } from '../store-server';

export interface WritingOptions extends EncoderOptions {
  /** A growing file is synced every few megabytes, so that the last sync is short. */
  syncsInSteps: boolean;
}

/** `kind`: of a save, or of the base that a rewrite of the append-only file makes. */
export function writingOptions({ settings }: StoreServer, kind: 'save' | 'rewrite'): WritingOptions {
  return {
    compresses: settings.flag('rdbcompression'),
    checks: settings.flag('rdbchecksum'),
    syncsInSteps: settings.flag(kind === 'save' ? 'rdb-save-incremental-fsync' : 'aof-rewrite-incremental-fsync'),
  };
}

export function styleOf({ settings, keyspace }: StoreServer): RdbStyle {
  return rdbStyle(keyspace, settings.number('rdb-version'), settings.shown('maxmemory-policy').endsWith('-lru'));
}
