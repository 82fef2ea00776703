// Objects that no row speaks of: what an overtaken attempt, a killed upload or a restored database left behind.
//
// Invariant: a row names its object before the first byte is written, so an object without a row is nobody's. It is still given an
// hour, so that a database that is being put back does not lose what it is about to speak of again.
import { hourMs } from '@larder/shared-std';
import type { Repositories, UploadRow } from '@larder/plane-domain';
import type { SweptStorage } from '../storage/swept-storage';

export const orphanAgeMs = hourMs;
const uploadsMax = 100;

export async function sweepStorage(records: Repositories, storage: SweptStorage, at: Date): Promise<{ readonly orphans: number; readonly partial: number }> {
  const before = new Date(at.getTime() - orphanAgeMs);
  const partial = await storage.removePartial(before);
  // Listed first, known second: what is named meanwhile is known.
  const seen: string[] = [];
  for await (const object of storage.list('organizations/')) if (object.modifiedAt < before) seen.push(object.key);
  const known = await records.backups.storageKeysForLoop();
  const orphans = seen.filter((key) => !known.has(key));
  for (const key of orphans) await storage.delete(key);
  return { orphans: orphans.length, partial };
}

export async function removeExpiredUploads(records: Repositories, storage: SweptStorage, at: Date): Promise<number> {
  const expired: readonly UploadRow[] = await records.uploads.expiredForLoop(at, uploadsMax);
  for (const upload of expired) {
    if (upload.storageKey !== null) await storage.delete(upload.storageKey);
    await records.uploads.write(upload.organizationId, upload.id, { state: 'DELETED', storageKey: null, dataKeySealed: null });
  }
  return expired.length;
}
