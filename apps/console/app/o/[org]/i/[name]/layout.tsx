import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { InstanceFrame } from '@/features/instance/instance-frame';

interface Props {
  readonly params: Promise<{ org: string; name: string }>;
  readonly children: ReactNode;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).name };
}

export default async function Layout({ params, children }: Props) {
  const { org, name } = await params;
  return <InstanceFrame slug={org} name={name}>{children}</InstanceFrame>;
}
