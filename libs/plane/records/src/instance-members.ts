// The processes of instances, and the identity by which each is known again.
import type { InstanceMemberRow, InstanceMembers, PersistenceSeen } from '@larder/plane-domain';
import type { Db } from './client';
import type { InstanceMember, Prisma } from './generated/client';

export function instanceMembersOn(db: Db): InstanceMembers {
  return {
    ofInstances: async (instanceIds) =>
      (await db.instanceMember.findMany({ where: { instanceId: { in: [...instanceIds] } }, orderBy: [{ instanceId: 'asc' }, { name: 'asc' }] })).map(memberRow),
    all: async () => (await db.instanceMember.findMany()).map(memberRow),
    async write(id, fence, { identity, ...change }, at) {
      const identityColumns = identity === undefined ? {}
        : { pid: identity?.pid ?? null, pidStartTicks: identity?.pidStartTicks ?? null, bootId: identity?.bootId ?? null };
      await db.instanceMember.updateMany({
        // The fence lies on the instance: a later holder of its lease may have written already.
        where: { id, instance: { statusFence: { lte: fence } } },
        data: { ...change, ...identityColumns, updatedAt: at },
      });
    },
    async noteSeen(id, seen) {
      await db.instanceMember.updateMany({ where: { id }, data: { persistenceSeen: seen as unknown as Prisma.InputJsonValue } });
    },
    async remove(id) {
      await db.instanceMember.deleteMany({ where: { id } });
    },
  };
}

export function memberRow({ pid, pidStartTicks, bootId, createdAt: _createdAt, updatedAt: _updatedAt, persistenceSeen, ...row }: InstanceMember): InstanceMemberRow {
  return { ...row, persistenceSeen: persistenceSeen as PersistenceSeen | null, identity: pid !== null && pidStartTicks !== null && bootId !== null ? { pid, pidStartTicks, bootId } : null };
}
