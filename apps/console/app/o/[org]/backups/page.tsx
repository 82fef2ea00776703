import { OrganizationBackupsScreen } from '@/features/backups/organization-backups-screen';

export const metadata = { title: 'Backups' };

export default async function Page({ params }: { readonly params: Promise<{ org: string }> }) {
  return <OrganizationBackupsScreen slug={(await params).org} />;
}
