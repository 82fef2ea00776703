// Files that tenants sent for an import.
import type { KeyCount, UploadRow, Uploads } from '@larder/plane-domain';
import { keyCountsJson } from './backups';
import type { Db } from './client';
import type { Upload } from './generated/client';

export function uploadsOn(db: Db): Uploads {
  return {
    byId: async (organizationId, id) => toRow(await db.upload.findFirst({ where: { id, organizationId } })),
    async insert({ sizeBytes, keyCounts, ...row }) {
      await db.upload.create({ data: { ...row, sizeBytes: sizeBytes === null ? null : BigInt(sizeBytes), keyCounts: keyCountsJson(keyCounts) } });
    },
    async write(organizationId, id, { sizeBytes, keyCounts, ...change }) {
      await db.upload.updateMany({
        where: { id, organizationId },
        data: {
          ...change,
          ...(sizeBytes === undefined ? {} : { sizeBytes: sizeBytes === null ? null : BigInt(sizeBytes) }),
          ...(keyCounts === undefined ? {} : { keyCounts: keyCountsJson(keyCounts) }),
        },
      });
    },
    expiredForLoop: async (at, limit) =>
      (await db.upload.findMany({ where: { expiresAt: { lte: at }, state: { not: 'DELETED' } }, orderBy: { expiresAt: 'asc' }, take: limit })).map(uploadRow),
  };
}

function toRow(row: Upload | null): UploadRow | undefined {
  return row === null ? undefined : uploadRow(row);
}

function uploadRow({ sizeBytes, keyCounts, ...row }: Upload): UploadRow {
  return { ...row, sizeBytes: sizeBytes === null ? null : Number(sizeBytes), keyCounts: keyCounts as unknown as KeyCount[] | null };
}
