// One attempt at a backup: the store's RDB into an object of this attempt's own.
//
// Invariants
// - The row names the object and its key before the first byte is written: nothing lies in storage that no row speaks of, except what
//   an attempt that was overtaken leaves, and that is removed by the attempt itself, by the one that overtook it, or by the sweep.
// - Each attempt has its own name and its own key. A worker that slept through its lease and ends after its successor cannot overwrite
//   what the successor wrote; moveForLoop() lets one of them complete the row, with all of its own facts.
import { randomBytes } from 'node:crypto';
import { backupStorageKey, sealedAs, type BackupRow, type ByteStream } from '@larder/plane-domain';
import { dayMs } from '@larder/shared-std';
import { Meter } from '../byte-streams';
import { RdbReader } from '../rdb/rdb-reader';
import { pack } from '../sealed/packed-stream';
import { nowOf, type RunPorts } from './ports';

type Facts = Pick<BackupRow, 'sizeBytes' | 'rawSizeBytes' | 'keyCount' | 'keyCounts' | 'checksum' | 'rawChecksum' | 'engineVersion' | 'storageKey' | 'dataKeySealed'>;

/** The attempt's object. The first has the backup's plain name. */
export function attemptKey(backup: Pick<BackupRow, 'organizationId' | 'instanceId' | 'id'>, attempt: number): string {
  return backupStorageKey(backup.organizationId, backup.instanceId, attempt === 1 ? backup.id : `${backup.id}-${attempt}`);
}

/** False where the row was no longer as it was read. Rejects with why it could not be done; the row then is RUNNING still. */
export async function streamRun(ports: RunPorts, row: BackupRow): Promise<boolean> {
  const { backups } = ports.work.records;
  const attempt = row.attempts + 1;
  const startedAt = nowOf(ports);
  const dataKey = randomBytes(32);
  const storageKey = attemptKey(row, attempt);
  const dataKeySealed = ports.secrets.seal(dataKey, sealedAs.backupKey(row.id));
  if (!(await backups.moveForLoop(row.id, row.state, { state: 'RUNNING', startedAt, attempts: attempt, storageKey, dataKeySealed }, startedAt))) return false;
  const facts = { ...await copy(ports, row, storageKey, dataKey), storageKey, dataKeySealed };
  const completedAt = nowOf(ports);
  const isOurs = await backups.moveForLoop(row.id, 'RUNNING', {
    ...facts, state: 'COMPLETED', verification: 'PENDING', completedAt, durationMs: completedAt.getTime() - startedAt.getTime(),
    expiresAt: await expiryOf(ports, row, completedAt), errorReason: null, errorMessage: null,
  }, completedAt);
  if (!isOurs) await ports.storage.delete(storageKey);
  else for (let earlier = 1; earlier < attempt; earlier += 1) await ports.storage.delete(attemptKey(row, earlier));
  return isOurs;
}

async function copy(ports: RunPorts, row: BackupRow, storageKey: string, dataKey: Uint8Array): Promise<Omit<Facts, 'storageKey' | 'dataKeySealed'>> {
  const [raw, stored, reader] = [new Meter(), new Meter(), new RdbReader()];
  const { rdb, engineVersion } = await ports.source.open(row.instanceId);
  const sealed = stored.watch(pack(walked(raw.watch(rdb), reader), dataKey, sealedAs.backupKey(row.id)));
  const { sizeBytes } = await ports.storage.put(storageKey, sealed);
  const keyCounts = reader.keyCounts;
  return {
    sizeBytes, rawSizeBytes: raw.bytes, keyCounts, keyCount: keyCounts.reduce((sum, { keys }) => sum + keys, 0),
    checksum: stored.digest(), rawChecksum: raw.digest(), engineVersion,
  };
}

/** A file that is not whole never becomes an object: the fault reaches put() before the last byte. */
export async function* walked(rdb: ByteStream, reader: RdbReader): AsyncGenerator<Uint8Array> {
  for await (const chunk of rdb) {
    reader.push(chunk);
    yield chunk;
  }
  reader.finish();
}

async function expiryOf(ports: RunPorts, row: BackupRow, completedAt: Date): Promise<Date | null> {
  if (row.scheduleId === null) return null;
  const schedule = await ports.work.records.backupSchedules.byId(row.organizationId, row.scheduleId);
  return schedule?.retentionDays == null ? null : new Date(completedAt.getTime() + schedule.retentionDays * dayMs);
}
