import { useQuery } from '@tanstack/react-query';
import { execute } from '../execute';
import { ViewerDocument } from '../generated/documents/viewer-query';
import type { ViewerFieldsFragment } from '../generated/graphql';
import { viewerKeys } from './keys';

export type Viewer = ViewerFieldsFragment;

/** Null when nobody is signed in. */
export function useViewer() {
  return useQuery({ queryKey: viewerKeys.all, queryFn: async () => (await execute(ViewerDocument)).viewer ?? null, staleTime: 60_000 });
}
