import { Suspense } from 'react';
import { SignIn } from '@/features/session/sign-in';

export const metadata = { title: 'Sign in' };

export default function Page() {
  return <Suspense><SignIn /></Suspense>;
}
