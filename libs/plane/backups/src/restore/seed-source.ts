// A stored object as the plain RDB that it was, or an instance's log up to a second: for a restored instance's first start, and for a
// download.
//
// Invariant: what comes out was checked piece by piece, and its SHA-256 at the end: whoever reads to the end without a fault has the file
// that was taken, and whoever meets a fault must throw away what he has.
import { sealedAs, type BackupStorage, type ByteStream, type Repositories, type SecretBox, type Seed, type SeedSource } from '@larder/plane-domain';
import { openPoint } from '../archive/open-point';
import { Meter } from '../byte-streams';
import { IntegrityFault } from '../integrity-fault';
import { unpack } from '../sealed/packed-stream';

export interface SeedPorts {
  readonly records: Pick<Repositories, 'backups' | 'uploads' | 'logArchives'>;
  readonly storage: BackupStorage;
  readonly secrets: SecretBox;
}

interface Stored {
  readonly storageKey: string;
  readonly dataKeySealed: string;
  readonly boundTo: string;
  readonly rawChecksum: string | null;
}

export function seedSourceOn(ports: SeedPorts): SeedSource {
  const { records, storage, secrets } = ports;
  return {
    async open(organizationId, seed): Promise<ByteStream> {
      if (seed.kind === 'POINT') return openPoint(ports, organizationId, seed.instanceId, seed.second);
      const { storageKey, dataKeySealed, boundTo, rawChecksum } = await locate(records, organizationId, seed);
      if ((await storage.stat(storageKey)) === undefined) throw new IntegrityFault(`the stored object ${storageKey} is gone from ${storage.location}`);
      return checked(unpack(await storage.get(storageKey), secrets.open(dataKeySealed, boundTo), boundTo), rawChecksum);
    },
  };
}

async function locate(records: SeedPorts['records'], organizationId: string, seed: Exclude<Seed, { kind: 'POINT' }>): Promise<Stored> {
  if (seed.kind === 'BACKUP') {
    const row = await records.backups.byId(organizationId, seed.backupId);
    if (row?.state !== 'COMPLETED' || row.storageKey === null || row.dataKeySealed === null) throw new IntegrityFault('the backup is gone');
    if (row.verification === 'FAILED') throw new IntegrityFault(`the backup was not verified: ${row.verificationMessage ?? ''}`);
    return { storageKey: row.storageKey, dataKeySealed: row.dataKeySealed, boundTo: sealedAs.backupKey(row.id), rawChecksum: row.rawChecksum };
  }
  const row = await records.uploads.byId(organizationId, seed.uploadId);
  const isUsable = row?.state === 'READY' || row?.state === 'CONSUMED';
  if (row === undefined || !isUsable || row.storageKey === null || row.dataKeySealed === null) throw new IntegrityFault('the uploaded file is gone');
  return { storageKey: row.storageKey, dataKeySealed: row.dataKeySealed, boundTo: sealedAs.uploadKey(row.id), rawChecksum: row.checksum };
}

async function* checked(rdb: ByteStream, rawChecksum: string | null): AsyncGenerator<Uint8Array> {
  const meter = new Meter();
  yield* meter.watch(rdb);
  if (rawChecksum !== null && meter.digest() !== rawChecksum) throw new IntegrityFault('the RDB is not the one that was stored');
}
