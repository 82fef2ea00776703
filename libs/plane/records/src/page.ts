// Keyset pages, newest first: ids are UUIDv7, so id order is time order and no row is skipped or shown twice while others are added.
//
// One row more than asked for is read; its presence is hasNextPage. A first page that holds everything is its own count.
import type { Page, PageRequest } from '@larder/plane-domain';

export const firstMax = 100;

interface Source<R> {
  findMany(args: { where: object; orderBy: { id: 'desc' }; take: number }): Promise<R[]>;
  count(args: { where: object }): Promise<number>;
}

/** `where` must hold the tenant; the cursor's condition is added to it. */
export async function readPage<R, T>(
  source: Source<R>, where: object, request: PageRequest, toItem: (row: R) => T,
): Promise<Page<T>> {
  const first = Math.min(Math.max(request.first, 1), firstMax);
  const after = request.after === null ? where : { AND: [where, { id: { lt: request.after } }] };
  const rows = await source.findMany({ where: after, orderBy: { id: 'desc' }, take: first + 1 });
  const totalCount = request.after === null && rows.length <= first ? rows.length : await source.count({ where });
  return { items: rows.slice(0, first).map(toItem), hasNextPage: rows.length > first, totalCount };
}
