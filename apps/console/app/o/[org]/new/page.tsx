import { CreateScreen } from '@/features/create/create-screen';

export const metadata = { title: 'New instance' };

export default async function Page({ params }: { readonly params: Promise<{ org: string }> }) {
  return <CreateScreen slug={(await params).org} />;
}
