// Operations: work as a person follows it. Ended ones are never opened again, whoever writes.
import type { InstanceSpec, OperationPhase, OperationRow, OperationStep, Operations } from '@larder/plane-domain';
import type { Db } from './client';
import { Prisma, type Operation } from './generated/client';
import { readPage } from './page';

const open: OperationPhase[] = ['PENDING', 'RUNNING'];

export function operationsOn(db: Db): Operations {
  return {
    byId: async (organizationId, id) => toRow(await db.operation.findFirst({ where: { id, organizationId } })),
    byIds: async (organizationId, ids) => (await db.operation.findMany({ where: { organizationId, id: { in: [...ids] } } })).map(operationRow),
    page: (organizationId, page, { instanceId, phases }) =>
      readPage(db.operation, { organizationId, ...(instanceId === undefined ? {} : { instanceId }), ...(phases ? { phase: { in: [...phases] } } : {}) },
        page, operationRow),
    async insert({ steps, undo, ...row }) {
      await db.operation.create({ data: { ...row, undo: undoJson(undo ?? null), steps: stepsJson(steps), updatedAt: row.createdAt } });
    },
    async requestCancel(organizationId, id, at) {
      const { count } = await db.operation.updateMany({
        where: { id, organizationId, isCancelable: true, phase: { in: open } }, data: { cancelRequestedAt: at, updatedAt: at },
      });
      return count === 1;
    },
    openOfInstance: async (instanceId) =>
      (await db.operation.findMany({ where: { instanceId, phase: { in: open } }, orderBy: { id: 'asc' } })).map(operationRow),
    byIdForLoop: async (id) => toRow(await db.operation.findUnique({ where: { id } })),
    async write(id, { steps, undo, ...change }, at) {
      await db.operation.updateMany({
        where: { id, phase: { in: open } }, data: { ...change, ...(undo === undefined ? {} : { undo: undoJson(undo) }), ...(steps === undefined ? {} : { steps: stepsJson(steps) }), updatedAt: at },
      });
    },
  };
}

function stepsJson(steps: readonly OperationStep[]): Prisma.InputJsonValue {
  return steps as unknown as Prisma.InputJsonValue;
}

function undoJson(undo: OperationRow['undo']): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return undo === null ? Prisma.DbNull : undo as unknown as Prisma.InputJsonValue;
}

function toRow(row: Operation | null): OperationRow | undefined {
  return row === null ? undefined : operationRow(row);
}

function operationRow({ updatedAt: _updatedAt, steps, undo, ...row }: Operation): OperationRow {
  return { ...row, steps: steps as unknown as OperationStep[], undo: undo as unknown as Partial<InstanceSpec> | null };
}
