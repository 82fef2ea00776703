// The backups' doors joined to their rooms, alike in both processes.
import path from 'node:path';
import { LocalScratchEngine, seedSourceOn, storageOf, type SweptStorage } from '@larder/plane-backups';
import type { SeedSource } from '@larder/plane-domain';
import type { Platform } from './platform';

export interface BackupRooms {
  readonly storage: SweptStorage;
  readonly scratch: LocalScratchEngine;
  readonly seeds: SeedSource;
}

export function backupRooms({ settings, root, work, secretBox }: Platform): BackupRooms {
  const storage = storageOf(settings);
  return {
    storage,
    scratch: new LocalScratchEngine({
      root: path.join(settings.home, 'scratch'), engineCommand: settings.engineCommand ?? path.join(root, 'apps/data-plane/bin/larder-server'),
    }),
    seeds: seedSourceOn({ records: work.records, storage, secrets: secretBox }),
  };
}
