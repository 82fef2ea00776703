import { TokensScreen } from '@/features/tokens/tokens-screen';

export const metadata = { title: 'API tokens' };

export default async function Page({ params }: { readonly params: Promise<{ org: string }> }) {
  return <TokensScreen slug={(await params).org} />;
}
