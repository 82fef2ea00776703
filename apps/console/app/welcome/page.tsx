import { Welcome } from '@/features/session/welcome';

export const metadata = { title: 'Welcome' };

export default function Page() {
  return <Welcome />;
}
