'use client';
// The bare address: to the first organisation, or to the sign-in.
import { useEffect } from 'react';
import { useRouter } from 'next/navigation';
import { useViewer } from '@/data/viewer/viewer-query';
import { ErrorFace, LoadingRows } from '@/ui/faces';
import { Door } from './door';
import { homeOf } from './sign-in';

export function Home() {
  const viewer = useViewer();
  const router = useRouter();
  const { data } = viewer;
  useEffect(() => {
    if (data !== undefined) router.replace(data === null ? '/sign-in' : homeOf(data));
  }, [data, router]);
  return (
    <Door title="Larder">
      {viewer.error && data === undefined ? <ErrorFace error={viewer.error} onRetry={() => void viewer.refetch()} /> : <LoadingRows count={1} />}
    </Door>
  );
}
