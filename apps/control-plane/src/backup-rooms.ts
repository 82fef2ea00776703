// The backups' doors joined to their rooms, alike in both processes.
import path from 'node:path';
import { LocalLogSource, LocalScratchEngine, seedSourceOn, storageOf, type ArchivePorts, type LogLink, type SweptStorage } from '@larder/plane-backups';
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

/** For the worker: whoever archives or closes an archive. */
export function archivePortsOn(platform: Platform, link: LogLink, holder: string): { readonly ports: ArchivePorts; readonly scratch: LocalScratchEngine } {
  const { settings, work, secretBox: secrets, clock, ids } = platform;
  const { storage, scratch } = backupRooms(platform);
  const source = new LocalLogSource({ records: work.records, secrets, link, bindAddress: settings.bindAddress });
  return { scratch, ports: { work, source, storage, scratch, secrets, clock, ids, holder } };
}
