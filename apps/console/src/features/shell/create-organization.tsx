'use client';
import { useState } from 'react';
import { useRouter } from 'next/navigation';
import { TextInput } from '@mantine/core';
import { newIdempotencyKey } from '@/data/idempotency-key';
import { useCreateOrganization } from '@/data/organization/organization-mutation';
import { isDone } from '@/data/refusal';
import { Stack } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { FormAlert, FormFoot, useForm } from '@/ui/form';

export function CreateOrganization({ onClose }: { readonly onClose: () => void }) {
  const router = useRouter();
  const create = useCreateOrganization();
  const [idempotencyKey] = useState(newIdempotencyKey);
  const form = useForm({ name: '', slug: '' });
  const slug = form.values.slug === '' ? slugOf(form.values.name) : form.values.slug;
  const submit = async (): Promise<void> => {
    try {
      const result = await create.mutateAsync({ name: form.values.name, slug, idempotencyKey });
      if (!isDone(result)) return void form.refuse(result);
      onClose();
      router.push(`/o/${result.organization.slug}`);
    } catch (error) {
      form.fail(error);
    }
  };
  return (
    <Dialog isOpen onClose={onClose} title="New organisation">
      <form onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Stack gap="md">
          <TextInput label="Name" required data-autofocus {...form.text('name')} />
          <TextInput label="Short name" description="Part of the address of its pages." {...form.text('slug')} placeholder={slugOf(form.values.name)} />
          <FormAlert>{form.general}</FormAlert>
          <FormFoot>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={create.isPending}>Create organisation</Button>
          </FormFoot>
        </Stack>
      </form>
    </Dialog>
  );
}

function slugOf(name: string): string {
  return name.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40);
}
