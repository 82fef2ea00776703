'use client';
import { useState } from 'react';
import { NativeSelect, TextInput } from '@mantine/core';
import type { Role } from '@/data/generated/graphql';
import { useInviteMember } from '@/data/member/member-mutation';
import { useOrganization } from '@/data/organization/organization-query';
import { isDone } from '@/data/refusal';
import { Stack, Text } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { CopyField } from '@/ui/copy';
import { Dialog } from '@/ui/dialog';
import { FormAlert, FormFoot, useForm } from '@/ui/form';
import { roleChoices } from './roles';

export function InviteDialog({ slug, onClose }: { readonly slug: string; readonly onClose: () => void }) {
  const organizationId = useOrganization(slug).data?.id;
  const invite = useInviteMember(slug);
  const form = useForm<{ email: string; role: Role }>({ email: '', role: 'DEVELOPER' });
  const [link, setLink] = useState<string>();
  const submit = async (): Promise<void> => {
    if (organizationId === undefined) return;
    try {
      const result = await invite.mutateAsync({ organizationId, ...form.values });
      if (isDone(result)) setLink(result.url);
      else form.refuse(result);
    } catch (error) {
      form.fail(error);
    }
  };
  if (link !== undefined) {
    return (
      <Dialog isOpen onClose={onClose} title="Hand this link over">
        <Stack>
          <Text>{`Whoever opens it joins as invited. It is for ${form.values.email}, works once, and is not shown again.`}</Text>
          <CopyField label="Invitation link" text={link} />
          <FormFoot><Button onClick={onClose}>Done</Button></FormFoot>
        </Stack>
      </Dialog>
    );
  }
  return (
    <Dialog isOpen onClose={onClose} title="Invite someone">
      <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Stack>
          <TextInput label="Email" type="email" required autoFocus autoComplete="off" {...form.text('email')} />
          <NativeSelect label="Role" data={roleChoices} {...form.text('role')} description="Viewers look; developers run instances and backups; admins also delete and manage people; owners may do everything." />
          <FormAlert>{form.general}</FormAlert>
          <FormFoot>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={invite.isPending}>Make the invitation</Button>
          </FormFoot>
        </Stack>
      </form>
    </Dialog>
  );
}
