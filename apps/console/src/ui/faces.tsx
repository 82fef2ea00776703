'use client';
// The four faces of whatever is asked for: loading, error, empty, data. One component decides, so no screen forgets one.
import type { ReactNode } from 'react';
import { IconCloudOff, IconLock, IconMoodSad } from '@tabler/icons-react';
import { ApiError } from '@/data/execute';
import { Skeleton } from './blocks';
import { Button } from './button';
import classes from './faces.module.css';

interface Asked<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

interface FacesProps<T> {
  readonly query: Asked<T>;
  readonly loading?: ReactNode;
  readonly isEmpty?: (data: T) => boolean;
  readonly empty?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

export function Faces<T>({ query, loading, isEmpty, empty, children }: FacesProps<T>) {
  // Data once seen stays on show while a later refetch fails: the next period may mend it.
  if (query.data !== undefined) return isEmpty?.(query.data) ? empty : children(query.data);
  if (query.error) return <ErrorFace error={query.error} onRetry={() => void query.refetch()} />;
  return loading ?? <LoadingRows />;
}

export function LoadingRows({ count = 4, height = 44 }: { readonly count?: number; readonly height?: number }) {
  return (
    <div className={classes.rows} role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, index) => <Skeleton key={index} height={height} />)}
    </div>
  );
}

export function ErrorFace({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  const { icon, title } = wordsFor(error);
  return (
    <div className={classes.face} role="alert">
      <span className={classes.mark} data-tone="bad">{icon}</span>
      <p className={classes.title}>{title}</p>
      <p className={classes.text}>{error.message}</p>
      {onRetry && <Button variant="default" onClick={onRetry}>Try again</Button>}
    </div>
  );
}

function wordsFor(error: Error): { icon: ReactNode; title: string } {
  const kind = error instanceof ApiError ? error.kind : 'broken';
  if (kind === 'unreachable') return { icon: <IconCloudOff size={22} aria-hidden />, title: 'Larder cannot be reached' };
  if (kind === 'forbidden' || kind === 'unauthenticated') return { icon: <IconLock size={22} aria-hidden />, title: 'You may not see this' };
  return { icon: <IconMoodSad size={22} aria-hidden />, title: 'This could not be loaded' };
}

interface EmptyFaceProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

export function EmptyFace({ icon, title, children, action }: EmptyFaceProps) {
  return (
    <div className={classes.face}>
      <span className={classes.mark}>{icon}</span>
      <p className={classes.title}>{title}</p>
      {children !== undefined && <p className={classes.text}>{children}</p>}
      {action}
    </div>
  );
}
