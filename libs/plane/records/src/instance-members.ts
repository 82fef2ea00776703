// The processes of instances, and the identity by which each is known again.
import type { InstanceMemberRow, InstanceMembers, PersistenceSeen } from '@larder/plane-domain';
import type { Db } from './client';
import type { InstanceMember, Prisma, PrismaClient } from './generated/client';

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
    async swapPorts(id, otherId, port, fence, at) {
      // Ports are unique at every moment, so there is one in between that is nobody's. The loop works outside of transactions: this one thing
      // must hold together all the same.
      const swap = async (tx: Db): Promise<void> => {
        const guard = { instance: { statusFence: { lte: fence } } };
        const other = await tx.instanceMember.findUniqueOrThrow({ where: { id: otherId } });
        const { count } = await tx.instanceMember.updateMany({ where: { id, port, ...guard }, data: { port: -port, updatedAt: at } });
        if (count === 0) return;
        await tx.instanceMember.updateMany({ where: { id: otherId }, data: { port, updatedAt: at } });
        await tx.instanceMember.updateMany({ where: { id }, data: { port: other.port, updatedAt: at } });
      };
      await ('$transaction' in db ? (db as PrismaClient).$transaction(swap) : swap(db));
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
