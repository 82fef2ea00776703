import { Suspense } from 'react';
import { AcceptInvitation } from '@/features/session/accept-invitation';

export const metadata = { title: 'Invitation' };

export default function Page() {
  return <Suspense><AcceptInvitation /></Suspense>;
}
