'use client';
import { useState } from 'react';
import { useRouter } from 'next/navigation';
import { NativeSelect, Switch, TextInput } from '@mantine/core';
import { newIdempotencyKey } from '@/data/idempotency-key';
import { useRestoreInstance } from '@/data/instance/instance-mutation';
import { usePlans } from '@/data/platform/platform-query';
import { isDone } from '@/data/refusal';
import { Stack, Text } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { FormAlert, FormFoot, useForm } from '@/ui/form';
import { formatBytes } from '@/ui/format';
import { showToast } from '@/ui/toast';
import { isoOf } from './timeline';

interface RestoreInstanceDialogProps {
  readonly slug: string;
  readonly instance: { readonly id: string; readonly name: string };
  /** What the person saw when it was chosen; a backup needs none. */
  readonly revision?: number;
  readonly source: { readonly second: number } | { readonly backupId: string; readonly at: string };
  readonly isInPlace: boolean;
  readonly onClose: () => void;
}

export function RestoreInstanceDialog({ slug, instance, revision, source, isInPlace, onClose }: RestoreInstanceDialogProps) {
  const router = useRouter();
  const restore = useRestoreInstance(slug);
  const plans = usePlans().data;
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  // The timeline goes on moving beneath an open dialog; what was chosen stays.
  const [chosen] = useState(() => ('second' in source ? { toTime: isoOf(source.second) } : { backupId: source.backupId }));
  const [at] = useState(() => ('second' in source ? isoOf(source.second) : source.at));
  const form = useForm({ name: `${instance.name.slice(0, 30)}-restored`, plan: '', deletionProtection: true, typed: '' });
  const submit = async (): Promise<void> => {
    const { name, plan, deletionProtection } = form.values;
    try {
      const result = await restore.mutateAsync({
        instanceId: instance.id, ...chosen, idempotencyKey,
        ...(isInPlace ? { ...(revision === undefined ? {} : { expectedRevision: revision }), into: { inPlace: true } } : { into: { new: { name, deletionProtection, ...(plan === '' ? {} : { plan }) } } }),
      });
      if (!isDone(result)) {
        setIdempotencyKey(newIdempotencyKey());
        form.refuse(result);
        return;
      }
      if (isInPlace) {
        showToast('The restore has begun.');
        onClose();
      } else router.push(`/o/${slug}/i/${result.instance.name}`);
    } catch (error) {
      form.fail(error);
    }
  };
  const when = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at));
  return (
    <Dialog isOpen onClose={onClose} title={isInPlace ? 'Restore in place' : 'Restore as a new instance'}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Stack>
          {isInPlace ? <InPlaceFields name={instance.name} when={when} form={form} /> : (
            <>
              <Text>{`${instance.name} as it was at the end of ${when}. It stays as it is.`}</Text>
              <TextInput label="Name of the new instance" required autoComplete="off" spellCheck={false} maxLength={40} {...form.text('name')} />
              <NativeSelect
                label="Plan" {...form.text('plan')}
                data={[{ value: '', label: 'As the instance has it' }, ...(plans ?? []).map((plan) => ({ value: plan.name, label: `${plan.title} (${formatBytes(plan.memoryBytes)})` }))]}
              />
              <Switch label="Deletion protection" checked={form.values.deletionProtection} onChange={(event) => form.set('deletionProtection', event.currentTarget.checked)} />
            </>
          )}
          <FormAlert>{form.general}</FormAlert>
          <FormFoot>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" color={isInPlace ? 'red' : undefined} loading={restore.isPending} disabled={isInPlace && form.values.typed !== instance.name}>
              {isInPlace ? 'Replace its data' : 'Restore'}
            </Button>
          </FormFoot>
        </Stack>
      </form>
    </Dialog>
  );
}

function InPlaceFields({ name, when, form }: { readonly name: string; readonly when: string; readonly form: { text(field: 'typed'): object } }) {
  return (
    <>
      <Text>
        {`All data of ${name} is replaced by what it held at the end of ${when}. Before that a safety backup is taken and proven, from which this can be undone. Connections end for a moment.`}
      </Text>
      <TextInput label={`Type ${name} to go on`} autoComplete="off" spellCheck={false} {...form.text('typed')} />
    </>
  );
}
