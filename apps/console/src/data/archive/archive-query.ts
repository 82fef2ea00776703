import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { execute } from '../execute';
import { InstanceArchiveDocument, RestorePointDocument } from '../generated/documents/archive-query';
import type { InstanceArchiveQuery, RestorePointQuery } from '../generated/graphql';
import { archiveKeys } from './keys';

export type Archive = Extract<NonNullable<InstanceArchiveQuery['node']>, { __typename: 'Instance' }>;
export type RestorePoint = Extract<NonNullable<RestorePointQuery['node']>, { __typename: 'Instance' }>['restorePoint'];

export function useArchive(id: string) {
  return useQuery({
    queryKey: archiveKeys.ofInstance(id),
    queryFn: async (): Promise<Archive | null> => {
      const { node } = await execute(InstanceArchiveDocument, { id });
      return node?.__typename === 'Instance' ? node : null;
    },
    refetchInterval: 5_000,
  });
}

/** What a restore to this second would read. */
export function useRestorePoint(id: string, toTime: string | undefined) {
  return useQuery({
    queryKey: archiveKeys.point(id, toTime ?? ''),
    queryFn: async (): Promise<RestorePoint | null> => {
      const { node } = await execute(RestorePointDocument, { id, toTime: toTime! });
      return node?.__typename === 'Instance' ? node.restorePoint : null;
    },
    enabled: toTime !== undefined,
    placeholderData: keepPreviousData,
  });
}
