import { SettingsScreen } from '@/features/instance/settings-screen';

export default async function Page({ params }: { readonly params: Promise<{ org: string; name: string }> }) {
  const { org, name } = await params;
  return <SettingsScreen slug={org} name={name} />;
}
