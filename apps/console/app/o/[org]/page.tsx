import { InstancesScreen } from '@/features/instances/instances-screen';

export const metadata = { title: 'Instances' };

export default async function Page({ params }: { readonly params: Promise<{ org: string }> }) {
  return <InstancesScreen slug={(await params).org} />;
}
