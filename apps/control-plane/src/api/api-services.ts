// The API's composition: the domain's doors joined to their rooms.
import { identityOn, signerOf } from '@larder/plane-identity';
import { accessMemoryOn, openChangeFeed, type PostgresChangeFeed } from '@larder/plane-records';
import type { PlaneServices } from '@larder/plane-graphql';
import { installedEngines } from '../engines';
import type { Platform } from '../platform';
import { backupDoors, type BackupDoors } from './backup-doors';

export interface ApiServices {
  readonly platform: Platform;
  readonly plane: PlaneServices;
  readonly changes: PostgresChangeFeed;
  readonly backups: BackupDoors;
  close(): Promise<void>;
}

export function joinApi(platform: Platform, version: string, backups: BackupDoors = backupDoors(platform)): ApiServices {
  const { settings, wake, secretBox, clock, ids } = platform;
  const changes = openChangeFeed(platform.databaseUrl, clock);
  const { work, records: access } = accessMemoryOn(platform.work, changes, clock);
  const consoleUrl = (settings.publicUrl ?? `http://${settings.publicHost}:${settings.consolePort}`).replace(/\/+$/, '');
  // Behind a public address the console's server passes /graphql and /api on; without one the API is reached by itself.
  const apiUrl = settings.publicUrl === null ? `http://${settings.publicHost}:${settings.apiPort}` : consoleUrl;
  return {
    platform, changes, backups,
    plane: {
      work, access, wake, secretBox, clock, ids, changes,
      identity: identityOn({ records: { ...work.records, ...access }, clock, ids }),
      downloads: signerOf(platform.masterKey, 'download'),
      facts: {
        version, apiUrl, consoleUrl, engines: installedEngines(settings), publicHost: settings.publicHost, uploadBytesMax: settings.uploadBytesMax, introspection: settings.introspection,
        allowedOrigins: originsOf(consoleUrl, settings.publicHost, [settings.consolePort, settings.apiPort]), isSecure: consoleUrl.startsWith('https:'),
      },
    },
    async close() {
      await changes.close();
      await platform.close();
    },
  };
}

/** The console as its setting says, and this machine by its usual names. */
function originsOf(consoleUrl: string, publicHost: string, ports: readonly number[]): string[] {
  const hosts = [...new Set([publicHost, 'localhost', '127.0.0.1'])];
  return [new URL(consoleUrl).origin, ...hosts.flatMap((host) => ports.map((port) => `http://${host}:${port}`))];
}
