import { UsageScreen } from '@/features/usage/usage-screen';

export const metadata = { title: 'Usage and plans' };

export default async function Page({ params }: { readonly params: Promise<{ org: string }> }) {
  return <UsageScreen slug={(await params).org} />;
}
