// Who belongs to an organisation, as what; and who was asked to.
import type { Invitations, MemberRow, Members } from '@larder/plane-domain';
import type { Db } from './client';
import type { Invitation, Membership } from './generated/client';
import { readPage } from './page';

export function membersOn(db: Db): Members {
  return {
    byId: async (organizationId, id) => toMember(await db.membership.findFirst({ where: { id, organizationId } })),
    async roleOf(organizationId, userId) {
      const row = await db.membership.findUnique({ where: { organizationId_userId: { organizationId, userId } }, select: { role: true } });
      return row?.role;
    },
    page: (organizationId, page) => readPage(db.membership, { organizationId }, page, memberRow),
    async insert(member) {
      const { count } = await db.membership.createMany({ data: [{ ...member, updatedAt: member.createdAt }], skipDuplicates: true });
      return count === 1 ? 'inserted' : 'already-member';
    },
    async setRole(organizationId, id, role) {
      await db.membership.updateMany({ where: { id, organizationId }, data: { role, updatedAt: new Date() } });
    },
    async remove(organizationId, id) {
      await db.membership.deleteMany({ where: { id, organizationId } });
    },
    countOwners: (organizationId) => db.membership.count({ where: { organizationId, role: 'OWNER' } }),
  };
}

export function invitationsOn(db: Db): Invitations {
  return {
    byId: async (organizationId, id) => (await db.invitation.findFirst({ where: { id, organizationId } })) ?? undefined,
    byTokenHash: async (tokenHash) => (await db.invitation.findUnique({ where: { tokenHash } })) ?? undefined,
    pageOpen: (organizationId, page, at) =>
      readPage(db.invitation, { organizationId, acceptedAt: null, revokedAt: null, expiresAt: { gt: at } }, page, (row: Invitation) => row),
    async insert(invitation) {
      await db.invitation.create({ data: invitation });
    },
    async accept(id, at) {
      const { count } = await db.invitation.updateMany({
        where: { id, acceptedAt: null, revokedAt: null, expiresAt: { gt: at } }, data: { acceptedAt: at },
      });
      return count === 1;
    },
    async revoke(organizationId, id, at) {
      await db.invitation.updateMany({ where: { id, organizationId, acceptedAt: null, revokedAt: null }, data: { revokedAt: at } });
    },
  };
}

function toMember(row: Membership | null): MemberRow | undefined {
  return row === null ? undefined : memberRow(row);
}

function memberRow({ updatedAt: _updatedAt, ...row }: Membership): MemberRow {
  return row;
}
