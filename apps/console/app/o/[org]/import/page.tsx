import { ImportScreen } from '@/features/import/import-screen';

export const metadata = { title: 'Import' };

export default async function Page({ params }: { readonly params: Promise<{ org: string }> }) {
  return <ImportScreen slug={(await params).org} />;
}
