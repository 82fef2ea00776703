import { Home } from '@/features/session/home';

export default function Page() {
  return <Home />;
}
