// Relay pages as an endless list: one shape for all of them.
import { keepPreviousData, useInfiniteQuery, type QueryKey } from '@tanstack/react-query';

export interface Page<T> {
  readonly totalCount: number;
  readonly pageInfo: { readonly endCursor?: string | null; readonly hasNextPage: boolean };
  readonly nodes: readonly T[];
}

interface PagesOptions<T> {
  readonly queryKey: QueryKey;
  readonly load: (after: string | null) => Promise<Page<T>>;
  readonly refetchInterval?: number;
}

const none: Page<never> = { totalCount: 0, pageInfo: { endCursor: null, hasNextPage: false }, nodes: [] };

/** What is gone, or of another organisation, has no pages. */
export function pageOrNone<T>(page: Page<T> | undefined | null): Page<T> {
  return page ?? none;
}

export interface Pages<T> {
  readonly pages: readonly Page<T>[];
  readonly pageParams: readonly (string | null)[];
}

export function usePages<T>({ queryKey, load, refetchInterval = 15_000 }: PagesOptions<T>) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => load(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => (last.pageInfo.hasNextPage ? (last.pageInfo.endCursor ?? null) : null),
    select: (data) => ({ nodes: data.pages.flatMap((page) => page.nodes), totalCount: data.pages[0]?.totalCount ?? 0 }),
    placeholderData: keepPreviousData,
    refetchInterval,
  });
}
