import { OverviewScreen } from '@/features/instance/overview-screen';

export default async function Page({ params }: { readonly params: Promise<{ org: string; name: string }> }) {
  const { org, name } = await params;
  return <OverviewScreen slug={org} name={name} />;
}
