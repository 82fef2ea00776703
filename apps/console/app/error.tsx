'use client';
import { Door } from '@/features/session/door';
import { ErrorFace } from '@/ui/faces';

export default function ErrorPage({ error, reset }: { readonly error: Error; readonly reset: () => void }) {
  return <Door title="Larder"><ErrorFace error={error} onRetry={reset} /></Door>;
}
