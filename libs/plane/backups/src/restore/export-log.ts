// A backup, or a second of the archive, as a data directory that a redis-server with `appendonly yes` starts on: a tar with one base and its
// manifest, its size known beforehand.
//
//   appendonlydir/appendonly.aof.1.base.rdb     an RDB, and behind it the log up to the second
//   appendonlydir/appendonly.aof.manifest
import type { ByteStream, Seed } from '@larder/plane-domain';
import { measurePoint } from '../archive/open-point';
import { IntegrityFault } from '../integrity-fault';
import { seedSourceOn, type SeedPorts } from './seed-source';
import { tarBytes, writeTar } from './tar';

const base = 'appendonly.aof.1.base.rdb';
const manifest = Buffer.from(`file ${base} seq 1 type b\n`);

export async function exportLog(ports: SeedPorts, organizationId: string, seed: Seed, nowMs: number): Promise<{ readonly sizeBytes: number; readonly body: ByteStream }> {
  const sizeBytes = seed.kind === 'POINT' ? await measurePoint(ports, organizationId, seed.instanceId, seed.second) : await backupBytes(ports, organizationId, seed);
  return {
    sizeBytes: tarBytes([sizeBytes, manifest.length]),
    body: writeTar([
      { path: `appendonlydir/${base}`, sizeBytes, body: await seedSourceOn(ports).open(organizationId, seed) },
      { path: 'appendonlydir/appendonly.aof.manifest', sizeBytes: manifest.length, body: once(manifest) },
    ], nowMs),
  };
}

async function backupBytes({ records }: SeedPorts, organizationId: string, seed: Exclude<Seed, { kind: 'POINT' }>): Promise<number> {
  const sizeBytes = seed.kind === 'BACKUP' ? (await records.backups.byId(organizationId, seed.backupId))?.rawSizeBytes : undefined;
  if (sizeBytes == null) throw new IntegrityFault('the backup is gone');
  return sizeBytes;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
