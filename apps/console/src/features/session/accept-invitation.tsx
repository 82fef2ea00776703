'use client';
import { useRouter, useSearchParams } from 'next/navigation';
import { PasswordInput, TextInput } from '@mantine/core';
import { isDone } from '@/data/refusal';
import { useAcceptInvitation } from '@/data/viewer/viewer-mutation';
import { useViewer } from '@/data/viewer/viewer-query';
import { Stack } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { FormAlert, FormFoot, useForm } from '@/ui/form';
import { Door } from './door';

/** Joins as who is signed in; someone without an account makes one on the spot. */
export function AcceptInvitation() {
  const router = useRouter();
  const token = useSearchParams().get('token') ?? '';
  const user = useViewer().data?.user;
  const accept = useAcceptInvitation();
  const form = useForm({ name: '', password: '' });
  const submit = async (): Promise<void> => {
    try {
      const result = await accept.mutateAsync({ token, ...(user ? {} : form.values) });
      if (isDone(result)) router.push(`/o/${result.organization.slug}`);
      else form.refuse(result);
    } catch (error) {
      form.fail(error);
    }
  };
  return (
    <Door title="You are invited" lead={user ? `Join as ${user.email}.` : 'Choose a name and a password to join. If you have an account already, sign in first.'}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Stack>
          {!user && (
            <>
              <TextInput label="Name" autoComplete="name" required size="md" {...form.text('name')} />
              <PasswordInput label="Password" autoComplete="new-password" required size="md" {...form.text('password')} visibilityToggleButtonProps={{ 'aria-label': 'Show password' }} />
            </>
          )}
          <FormAlert>{form.general ?? (token === '' ? 'The link is not whole: it has no token.' : undefined)}</FormAlert>
          <FormFoot>
            {!user && <Button variant="default" onClick={() => router.push(`/sign-in?next=${encodeURIComponent(`/invite?token=${token}`)}`)}>Sign in</Button>}
            <Button type="submit" disabled={token === ''} loading={accept.isPending}>Join</Button>
          </FormFoot>
        </Stack>
      </form>
    </Door>
  );
}
