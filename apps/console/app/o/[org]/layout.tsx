import type { ReactNode } from 'react';
import { Shell } from '@/features/shell/shell';

export default async function Layout({ params, children }: { readonly params: Promise<{ org: string }>; readonly children: ReactNode }) {
  const { org } = await params;
  return <Shell slug={org}>{children}</Shell>;
}
