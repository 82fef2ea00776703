'use client';
// A plain table with named columns; scrolls sideways in its panel where the window is narrow.
import type { ReactNode } from 'react';
import { VisuallyHidden } from './blocks';
import { Button } from './button';
import classes from './data-table.module.css';

export interface Column<T> {
  readonly title: string;
  readonly isTitleHidden?: boolean;
  readonly align?: 'end';
  readonly cell: (row: T) => ReactNode;
}

interface DataTableProps<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
}

export function DataTable<T>({ caption, columns, rows, keyOf }: DataTableProps<T>) {
  return (
    <table className={classes.table}>
      <caption><VisuallyHidden>{caption}</VisuallyHidden></caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.title} scope="col" data-align={column.align}>
              {column.isTitleHidden ? <VisuallyHidden>{column.title}</VisuallyHidden> : column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => <td key={column.title} data-align={column.align}>{column.cell(row)}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface MoreRowsProps {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
}

export function MoreRows({ hasNextPage, isFetchingNextPage, fetchNextPage }: MoreRowsProps) {
  if (!hasNextPage) return null;
  return (
    <div className={classes.more}>
      <Button variant="default" size="xs" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>Show more</Button>
    </div>
  );
}
