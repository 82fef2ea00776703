'use client';
import { NumberInput, Switch } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { Archive } from '@/data/archive/archive-query';
import { archiveKeys } from '@/data/archive/keys';
import { newIdempotencyKey } from '@/data/idempotency-key';
import { useUpdateInstance } from '@/data/instance/instance-mutation';
import { isDone } from '@/data/refusal';
import { Stack, Text } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { FormAlert, FormFoot, useForm } from '@/ui/form';
import { showToast } from '@/ui/toast';

interface ArchivePolicyDialogProps {
  readonly slug: string;
  readonly archive: Archive;
  readonly onClose: () => void;
}

export function ArchivePolicyDialog({ slug, archive, onClose }: ArchivePolicyDialogProps) {
  const cache = useQueryClient();
  const update = useUpdateInstance(slug);
  const form = useForm({ isEnabled: true, intervalSeconds: archive.archive?.intervalSeconds ?? 10, retentionHours: archive.archive?.retentionHours ?? 72 }, ['archive']);
  const submit = async (): Promise<void> => {
    try {
      const result = await update.mutateAsync({ instanceId: archive.id, expectedRevision: archive.revision, archive: form.values, idempotencyKey: newIdempotencyKey() });
      if (!isDone(result)) return void form.refuse(result);
      void cache.invalidateQueries({ queryKey: archiveKeys.ofInstance(archive.id) });
      showToast(form.values.isEnabled ? 'The log is being archived.' : 'The log is no longer archived.');
      onClose();
    } catch (error) {
      form.fail(error);
    }
  };
  const number = (name: 'intervalSeconds' | 'retentionHours') => ({
    name, value: form.values[name], error: form.faults[`archive.${name}`], disabled: !form.values.isEnabled, allowDecimal: false, hideControls: true,
    onChange: (value: string | number) => form.set(name, Number(value)),
  });
  return (
    <Dialog isOpen onClose={onClose} title="Archive of the log">
      <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Stack>
          <Text>Every write goes to the backup storage, sealed as backups are. What a lost machine would cost is what was written since the last time it went there.</Text>
          <Switch label="Archive the log" checked={form.values.isEnabled} onChange={(event) => form.set('isEnabled', event.currentTarget.checked)} />
          <NumberInput label="Every so many seconds" min={1} max={3600} {...number('intervalSeconds')} />
          <NumberInput label="Kept for so many hours" description="So far back a second can be restored." min={1} max={8784} {...number('retentionHours')} />
          <FormAlert>{form.general ?? form.faults.archive}</FormAlert>
          <FormFoot>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={update.isPending}>Save</Button>
          </FormFoot>
        </Stack>
      </form>
    </Dialog>
  );
}
