/** Moves operations in the cache as they move at the server; when one ends, what it may have changed is asked for again. */
import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { backupKeys } from '../backup/keys';
import { OperationUpdatedDocument } from '../generated/documents/operation-subscription';
import type { Page } from '../pages';
import { useSubscription } from '../subscription';
import { operationKeys } from './keys';
import { isRunning, type Operation } from './operation-query';

export function useOperationsLive(organizationId: string | undefined): void {
  const cache = useQueryClient();
  useSubscription(
    OperationUpdatedDocument,
    organizationId === undefined ? undefined : { organizationId },
    ({ operationUpdated: operation }) => {
      const id = operation.instance?.id;
      if (id === undefined) return;
      const queryKey = operationKeys.ofInstance(id);
      const list = cache.getQueryData<InfiniteData<Page<Operation>>>(queryKey);
      if (list?.pages.some((page) => page.nodes.some((row) => row.id === operation.id))) {
        cache.setQueryData(queryKey, {
          ...list,
          pages: list.pages.map((page) => ({ ...page, nodes: page.nodes.map((row) => (row.id === operation.id ? { ...row, ...operation } : row)) })),
        });
      } else {
        void cache.invalidateQueries({ queryKey });
      }
      if (operation.backup != null || !isRunning(operation)) void cache.invalidateQueries({ queryKey: backupKeys.all });
    },
  );
}
