/**
 * Writes what subscriptions bring into the query cache, so that every screen that shows an instance moves at once.
 * A row that is not in a loaded page is left to the next refetch: only the server knows where it belongs.
 */
import { useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import { InstanceUpdatedDocument } from '../generated/documents/instance-subscription';
import type { Page } from '../pages';
import { useSubscription } from '../subscription';
import type { Instance, InstanceRow } from './instance-query';
import { instanceKeys } from './keys';

export function useInstanceLive(slug: string, organizationId: string | undefined): void {
  const cache = useQueryClient();
  useSubscription(
    InstanceUpdatedDocument,
    organizationId === undefined ? undefined : { organizationId },
    ({ instanceUpdated }) => writeInstance(cache, slug, instanceUpdated),
  );
}

export function writeInstance(cache: QueryClient, slug: string, instance: Instance): void {
  // Under the name it is shown by: a renamed one is found again by its id.
  for (const [queryKey, shown] of cache.getQueriesData<Instance | null>({ queryKey: instanceKeys.details(slug) })) {
    if (shown?.id === instance.id) cache.setQueryData(queryKey, instance);
  }
  for (const [queryKey, list] of cache.getQueriesData<InfiniteData<Page<InstanceRow>>>({ queryKey: instanceKeys.lists(slug) })) {
    if (list === undefined) continue;
    if (instance.state === 'DELETED' || !list.pages.some((page) => page.nodes.some((row) => row.id === instance.id))) {
      void cache.invalidateQueries({ queryKey });
    } else {
      cache.setQueryData(queryKey, { ...list, pages: list.pages.map((page) => replaceIn(page, instance)) });
    }
  }
}

function replaceIn(page: Page<InstanceRow>, instance: InstanceRow): Page<InstanceRow> {
  return { ...page, nodes: page.nodes.map((row) => (row.id === instance.id ? instance : row)) };
}
