import { ActivityScreen } from '@/features/instance/activity-screen';

export default async function Page({ params }: { readonly params: Promise<{ org: string; name: string }> }) {
  const { org, name } = await params;
  return <ActivityScreen slug={org} name={name} />;
}
