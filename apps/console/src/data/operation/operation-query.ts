import { execute } from '../execute';
import { InstanceOperationsDocument } from '../generated/documents/operation-query';
import type { OperationFieldsFragment } from '../generated/graphql';
import { pageOrNone, usePages } from '../pages';
import { operationKeys } from './keys';

export type Operation = OperationFieldsFragment;

export function useInstanceOperations(id: string) {
  return usePages<Operation>({
    queryKey: operationKeys.ofInstance(id),
    load: async (after) => {
      const { node } = await execute(InstanceOperationsDocument, { id, first: 20, after });
      return pageOrNone(node?.__typename === 'Instance' ? node.operations : null);
    },
    refetchInterval: 10_000,
  });
}

export function isRunning(operation: Operation): boolean {
  return operation.phase === 'PENDING' || operation.phase === 'RUNNING';
}
