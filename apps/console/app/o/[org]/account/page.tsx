import { AccountScreen } from '@/features/account/account-screen';

export const metadata = { title: 'Account' };

export default async function Page({ params }: { readonly params: Promise<{ org: string }> }) {
  return <AccountScreen slug={(await params).org} />;
}
