'use client';
import { useEffect } from 'react';
import { useRouter, useSearchParams } from 'next/navigation';
import { PasswordInput, TextInput } from '@mantine/core';
import { isDone } from '@/data/refusal';
import { useSignIn } from '@/data/viewer/viewer-mutation';
import { useViewer, type Viewer } from '@/data/viewer/viewer-query';
import { Stack } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { FormAlert, useForm } from '@/ui/form';
import { Door } from './door';

export function SignIn() {
  const router = useRouter();
  const next = useSearchParams().get('next');
  const viewer = useViewer();
  const signIn = useSignIn();
  const form = useForm({ email: '', password: '' });
  const signedIn = viewer.data ?? undefined;

  useEffect(() => {
    if (signedIn) router.replace(safePath(next) ?? homeOf(signedIn));
  }, [signedIn, next, router]);

  const submit = async (): Promise<void> => {
    try {
      const result = await signIn.mutateAsync(form.values);
      if (!isDone(result)) form.refuse({ ...result, message: result.message + waitOf(result.retryAfterSeconds) });
    } catch (error) {
      form.fail(error);
    }
  };

  return (
    <Door title="Sign in to Larder" lead="Redis-compatible stores with backups that are proven by restoring them.">
      <form onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Stack gap="md">
          <TextInput label="Email" type="email" autoComplete="username" required autoFocus size="md" {...form.text('email')} />
          <PasswordInput label="Password" autoComplete="current-password" required size="md" {...form.text('password')} visibilityToggleButtonProps={{ 'aria-label': 'Show password', tabIndex: 0 }} />
          <FormAlert>{form.general ?? (viewer.error && !viewer.data ? viewer.error.message : undefined)}</FormAlert>
          <Button type="submit" size="md" fullWidth loading={signIn.isPending || signedIn !== undefined}>Sign in</Button>
        </Stack>
      </form>
    </Door>
  );
}

export function homeOf(viewer: Viewer): string {
  const first = viewer.organizations.nodes[0];
  return first ? `/o/${first.slug}` : '/welcome';
}

/** Only a path of ours: a link must not send someone who has just signed in elsewhere. */
function safePath(path: string | null): string | undefined {
  return path !== null && /^\/[^/\\]/.test(path) ? path : undefined;
}

function waitOf(seconds: number | null | undefined): string {
  return seconds ? ` Try again in ${seconds} seconds.` : '';
}
