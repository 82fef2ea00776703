import { MembersScreen } from '@/features/members/members-screen';

export const metadata = { title: 'Members' };

export default async function Page({ params }: { readonly params: Promise<{ org: string }> }) {
  return <MembersScreen slug={(await params).org} />;
}
