import { BackupsScreen } from '@/features/backups/backups-screen';

export default async function Page({ params }: { readonly params: Promise<{ org: string; name: string }> }) {
  const { org, name } = await params;
  return <BackupsScreen slug={org} name={name} />;
}
