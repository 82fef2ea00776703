// Tenants, their quotas and what they use of them.
import { defaultQuota, sentinelGroupName, type OrganizationRow, type Organizations, type OwnedNoun, type Quota, type Usage } from '@larder/plane-domain';
import type { Db } from './client';
import type { Organization } from './generated/client';
import { readPage } from './page';

export function organizationsOn(db: Db): Organizations {
  return {
    owning: async (noun, id) => (await ownerQueries[noun](db, id))?.organizationId,
    byId: async (id) => toRow(await db.organization.findFirst({ where: { id, deletedAt: null } })),
    bySlug: async (slug) => toRow(await db.organization.findFirst({ where: { slug, deletedAt: null } })),
    pageOfUser: (userId, page) =>
      readPage(db.organization, { deletedAt: null, memberships: { some: { userId } } }, page, organizationRow),
    async insert(row) {
      const { count } = await db.organization.createMany({ data: [{ ...row, updatedAt: row.createdAt }], skipDuplicates: true });
      return count === 1 ? 'inserted' : 'slug-taken';
    },
    async rename(id, name) {
      await db.organization.update({ where: { id }, data: { name, updatedAt: new Date() } });
    },
    async lock(id) {
      await db.$queryRaw`SELECT 1 FROM organizations WHERE id = ${id}::uuid FOR UPDATE`;
    },
    async quota(id) {
      const row = await db.quota.findUnique({ where: { organizationId: id } });
      return row === null ? defaultQuota : {
        instancesMax: row.instancesMax, memoryBytesMax: Number(row.memoryBytesMax), backupsMax: row.backupsMax,
        backupBytesMax: Number(row.backupBytesMax), apiTokensMax: row.apiTokensMax, membersMax: row.membersMax,
      } satisfies Quota;
    },
    usage: (id) => readUsage(db, id),
  };
}

const ownerOnly = { organizationId: true } as const;
const ownerQueries: Readonly<Record<OwnedNoun, (db: Db, id: string) => Promise<{ organizationId: string } | null>>> = {
  Member: (db, id) => db.membership.findUnique({ where: { id }, select: ownerOnly }),
  Invitation: (db, id) => db.invitation.findUnique({ where: { id }, select: ownerOnly }),
  ApiToken: (db, id) => db.apiToken.findUnique({ where: { id }, select: ownerOnly }),
  Instance: (db, id) => db.instance.findUnique({ where: { id }, select: ownerOnly }),
  Operation: (db, id) => db.operation.findUnique({ where: { id }, select: ownerOnly }),
  BackupSchedule: (db, id) => db.backupSchedule.findUnique({ where: { id }, select: ownerOnly }),
  Backup: (db, id) => db.backup.findUnique({ where: { id }, select: ownerOnly }),
  Upload: (db, id) => db.upload.findUnique({ where: { id }, select: ownerOnly }),
};

/** An instance counts until it is gone; a person counts from the invitation on. */
async function readUsage(db: Db, id: string): Promise<Usage> {
  const [row] = await db.$queryRaw<[Readonly<Record<keyof Usage, bigint | number>>]>`
    SELECT
      (SELECT count(*) FROM instances WHERE organization_id = o.id AND deleted_at IS NULL AND name <> ${sentinelGroupName}) AS "INSTANCES",
      (SELECT coalesce(sum(p.memory_bytes * (1 + i.replicas)), 0)::bigint FROM instances i JOIN plans p ON p.id = i.plan_id
        WHERE i.organization_id = o.id AND i.deleted_at IS NULL AND i.name <> ${sentinelGroupName}) AS "MEMORY",
      (SELECT count(*) FROM backups WHERE organization_id = o.id AND state IN ('PENDING', 'RUNNING', 'COMPLETED')) AS "BACKUPS",
      (SELECT coalesce(sum(size_bytes), 0)::bigint FROM backups WHERE organization_id = o.id AND state = 'COMPLETED')
        + (SELECT coalesce(sum(size_bytes), 0)::bigint FROM log_pieces WHERE organization_id = o.id) AS "BACKUP_BYTES",
      (SELECT count(*) FROM api_tokens WHERE organization_id = o.id AND revoked_at IS NULL
        AND (expires_at IS NULL OR expires_at > now())) AS "API_TOKENS",
      (SELECT count(*) FROM memberships WHERE organization_id = o.id)
        + (SELECT count(*) FROM invitations WHERE organization_id = o.id AND accepted_at IS NULL AND revoked_at IS NULL
          AND expires_at > now()) AS "MEMBERS"
    FROM (SELECT ${id}::uuid AS id) o`;
  return {
    INSTANCES: Number(row.INSTANCES), MEMORY: Number(row.MEMORY), BACKUPS: Number(row.BACKUPS),
    BACKUP_BYTES: Number(row.BACKUP_BYTES), API_TOKENS: Number(row.API_TOKENS), MEMBERS: Number(row.MEMBERS),
  };
}

function toRow(row: Organization | null): OrganizationRow | undefined {
  return row === null ? undefined : organizationRow(row);
}

function organizationRow({ id, slug, name, createdAt }: Organization): OrganizationRow {
  return { id, slug, name, createdAt };
}
