// Objects that their rows no longer speak of: what an overtaken attempt or a killed upload left behind.
//
// Invariants
// - A row names its object before the first byte is written, and is removed weeks after its object. So an object of a known backup under another
//   name than the row's is left over; and one of a backup that these records do not know belongs to someone else (a second
//   installation, a database from before), and is never touched.
// - An hour's grace, so that an attempt that was overtaken may clear up after itself.
import { hourMs } from '@larder/shared-std';
import type { Repositories, UploadRow } from '@larder/plane-domain';
import type { SweptStorage } from '../storage/swept-storage';

export const leftoverAgeMs = hourMs;
const uploadsMax = 100;
const backupName = /^organizations\/([^/]+)\/instances\/[^/]+\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-\d+)?\.rdb\.zst\.enc$/;
const uploadName = /^organizations\/([^/]+)\/uploads\/([0-9a-f-]{36})\.rdb\.zst\.enc$/;

export interface Swept {
  readonly leftovers: number;
  readonly partial: number;
  /** Objects that nobody here knows. */
  readonly foreign: number;
}

export async function sweepStorage(records: Repositories, storage: SweptStorage, at: Date): Promise<Swept> {
  const before = new Date(at.getTime() - leftoverAgeMs);
  const partial = await storage.removePartial(before);
  // Listed first, known second: what is named meanwhile is known.
  const seen: string[] = [];
  for await (const object of storage.list('organizations/')) if (object.modifiedAt < before) seen.push(object.key);
  const named = await records.backups.storageKeysForLoop();
  let [leftovers, foreign] = [0, 0];
  for (const key of seen.filter((each) => !named.has(each))) {
    if (await isLeftover(records, key)) {
      await storage.delete(key);
      leftovers += 1;
    } else foreign += 1;
  }
  return { leftovers, partial, foreign };
}

async function isLeftover(records: Repositories, key: string): Promise<boolean> {
  const [, organizationId, backupId] = backupName.exec(key) ?? [];
  if (organizationId !== undefined && backupId !== undefined) {
    const row = await records.backups.byIdForLoop(backupId);
    return row !== undefined && row.organizationId === organizationId && row.storageKey !== key;
  }
  const [, owner, uploadId] = uploadName.exec(key) ?? [];
  if (owner === undefined || uploadId === undefined) return false;
  const row = await records.uploads.byId(owner, uploadId);
  return row !== undefined && row.storageKey !== key;
}

export async function removeExpiredUploads(records: Repositories, storage: SweptStorage, at: Date): Promise<number> {
  const expired: readonly UploadRow[] = await records.uploads.expiredForLoop(at, uploadsMax);
  for (const upload of expired) {
    if (upload.storageKey !== null) await storage.delete(upload.storageKey);
    await records.uploads.write(upload.organizationId, upload.id, { state: 'DELETED', storageKey: null, dataKeySealed: null });
  }
  return expired.length;
}
