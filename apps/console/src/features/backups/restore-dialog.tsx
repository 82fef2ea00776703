'use client';
import { useState } from 'react';
import { useRouter } from 'next/navigation';
import { NativeSelect, Switch, TextInput } from '@mantine/core';
import type { Backup } from '@/data/backup/backup-query';
import { newIdempotencyKey } from '@/data/idempotency-key';
import { useRestoreBackup } from '@/data/instance/instance-mutation';
import { usePlans } from '@/data/platform/platform-query';
import { isDone } from '@/data/refusal';
import { Stack, Text } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { FormAlert, FormFoot, useForm } from '@/ui/form';
import { formatBytes, formatCount, formatMoment } from '@/ui/format';

interface RestoreDialogProps {
  readonly slug: string;
  readonly backup: Backup;
  readonly onClose: () => void;
}

export function RestoreDialog({ slug, backup, onClose }: RestoreDialogProps) {
  const router = useRouter();
  const restore = useRestoreBackup(slug);
  const plans = usePlans().data;
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const form = useForm({ name: `${backup.instanceName.slice(0, 30)}-restored`, plan: '', deletionProtection: true });
  const submit = async (): Promise<void> => {
    const { plan, ...values } = form.values;
    try {
      const result = await restore.mutateAsync({ ...values, ...(plan === '' ? {} : { plan }), backupId: backup.id, idempotencyKey });
      if (!isDone(result)) {
        setIdempotencyKey(newIdempotencyKey());
        form.refuse(result);
        return;
      }
      router.push(`/o/${slug}/i/${result.instance.name}`);
    } catch (error) {
      form.fail(error);
    }
  };
  return (
    <Dialog isOpen onClose={onClose} title="Restore as a new instance">
      <form onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Stack>
          <Text>
            {`From the backup of ${backup.instanceName} of ${formatMoment(backup.completedAt ?? backup.createdAt)}`}
            {backup.keyCount != null && `, ${formatCount(backup.keyCount)} keys`}. The instance it was taken from stays as it is.
          </Text>
          <TextInput label="Name of the new instance" required autoComplete="off" spellCheck={false} maxLength={40} {...form.text('name')} />
          <NativeSelect
            label="Plan" {...form.text('plan')}
            data={[{ value: '', label: 'As the instance had it' }, ...(plans ?? []).map((plan) => ({ value: plan.name, label: `${plan.title} (${formatBytes(plan.memoryBytes)})` }))]}
          />
          <Switch label="Deletion protection" checked={form.values.deletionProtection} onChange={(event) => form.set('deletionProtection', event.currentTarget.checked)} />
          <FormAlert>{form.general}</FormAlert>
          <FormFoot>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={restore.isPending}>Restore</Button>
          </FormFoot>
        </Stack>
      </form>
    </Dialog>
  );
}
