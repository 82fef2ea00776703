// What the API needs of the backups: a plain RDB to send, and somewhere to put one that is sent to us.
import { exportLog, receiveUpload, type RefusedBecause } from '@larder/plane-backups';
import type { ByteStream, Seed, SeedSource } from '@larder/plane-domain';
import { backupRooms } from '../backup-rooms';
import type { Platform } from '../platform';

export interface IncomingUpload {
  readonly organizationId: string;
  readonly fileName: string;
  /** Null for a token. */
  readonly createdById: string | null;
  readonly bytesMax: number;
  readonly body: ByteStream;
}
export type UploadAnswer =
  | { readonly ok: true; /** The row's id. */ readonly uploadId: string }
  | { readonly ok: false; readonly reason: RefusedBecause; readonly message: string };

export interface BackupDoors {
  /** Streams, checks and seals; leaves nothing behind where it refuses. Null: cannot be done here. */
  readonly receiveUpload: ((upload: IncomingUpload) => Promise<UploadAnswer>) | null;
  readonly seeds: SeedSource | null;
  /** As a data directory in a tar. */
  readonly exportLog?: (organizationId: string, seed: Seed) => Promise<{ readonly sizeBytes: number; readonly body: ByteStream }>;
}

export function backupDoors(platform: Platform): BackupDoors {
  const { storage, scratch, seeds } = backupRooms(platform);
  const { work: { records }, secretBox: secrets, clock, ids } = platform;
  return {
    seeds, exportLog: (organizationId, seed) => exportLog({ records, storage, secrets }, organizationId, seed, clock.now()),
    receiveUpload: (upload) => receiveUpload({ records, storage, scratch, secrets, clock, ids }, upload),
  };
}
