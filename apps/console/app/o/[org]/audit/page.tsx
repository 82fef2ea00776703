import { AuditScreen } from '@/features/audit/audit-screen';

export const metadata = { title: 'Audit log' };

export default async function Page({ params }: { readonly params: Promise<{ org: string }> }) {
  return <AuditScreen slug={(await params).org} />;
}
