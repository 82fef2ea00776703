'use client';
import { useState } from 'react';
import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import type { TokenScope } from '@/data/generated/graphql';
import { useOrganization } from '@/data/organization/organization-query';
import { isDone } from '@/data/refusal';
import { useCreateApiToken } from '@/data/token/token-mutation';
import { Stack, Text } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { SecretField } from '@/ui/copy';
import { Dialog } from '@/ui/dialog';
import { FormAlert, FormFoot, useForm } from '@/ui/form';

const scopes: readonly (readonly [TokenScope, string])[] = [
  ['READ', 'Read everything'],
  ['INSTANCES_WRITE', 'Create and change instances'],
  ['INSTANCES_DELETE', 'Delete instances'],
  ['BACKUPS_WRITE', 'Take, restore and download backups'],
  ['BACKUPS_DELETE', 'Delete backups'],
  ['AUDIT_READ', 'Read the audit log'],
];

const DAY_MS = 86_400_000;

export function CreateTokenDialog({ slug, onClose }: { readonly slug: string; readonly onClose: () => void }) {
  const organizationId = useOrganization(slug).data?.id;
  const create = useCreateApiToken(slug);
  const form = useForm<{ name: string; scopes: TokenScope[]; expiresAt: string }>({ name: '', scopes: ['READ'], expiresAt: '90' });
  const [secret, setSecret] = useState<string>();
  const submit = async (): Promise<void> => {
    if (organizationId === undefined) return;
    const { expiresAt: days, ...values } = form.values;
    try {
      const result = await create.mutateAsync({
        ...values, organizationId, expiresAt: days === '' ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString(),
      });
      if (isDone(result)) setSecret(result.secret);
      else form.refuse(result);
    } catch (error) {
      form.fail(error);
    }
  };
  if (secret !== undefined) {
    return (
      <Dialog isOpen onClose={onClose} title="Keep this token now">
        <Stack>
          <Text>It is stored hashed and not shown again. Send it as <code>Authorization: Bearer …</code> to /graphql.</Text>
          <SecretField label="Token" text={secret} />
          <FormFoot><Button onClick={onClose}>I have kept it</Button></FormFoot>
        </Stack>
      </Dialog>
    );
  }
  return (
    <Dialog isOpen onClose={onClose} title="New API token">
      <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Stack>
          <TextInput label="Name" placeholder="ci" required autoFocus autoComplete="off" {...form.text('name')} />
          <Checkbox.Group label="Scopes" value={form.values.scopes} onChange={(value) => form.set('scopes', value as TokenScope[])} error={form.faults.scopes}>
            <Stack gap="xs">{scopes.map(([value, label]) => <Checkbox key={value} value={value} label={label} />)}</Stack>
          </Checkbox.Group>
          <NativeSelect
            label="Expires" {...form.text('expiresAt')}
            data={[{ value: '7', label: 'in 7 days' }, { value: '30', label: 'in 30 days' }, { value: '90', label: 'in 90 days' }, { value: '365', label: 'in a year' }, { value: '', label: 'never' }]}
          />
          <FormAlert>{form.general}</FormAlert>
          <FormFoot>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={create.isPending}>Create token</Button>
          </FormFoot>
        </Stack>
      </form>
    </Dialog>
  );
}
