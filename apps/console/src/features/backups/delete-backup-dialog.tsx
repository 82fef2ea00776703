'use client';
import { useState } from 'react';
import { useDeleteBackup } from '@/data/backup/backup-mutation';
import type { Backup } from '@/data/backup/backup-query';
import { newIdempotencyKey } from '@/data/idempotency-key';
import { isDone } from '@/data/refusal';
import { Stack, Text } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { FormAlert, FormFoot } from '@/ui/form';
import { formatMoment } from '@/ui/format';
import { showToast } from '@/ui/toast';

export function DeleteBackupDialog({ backup, onClose }: { readonly backup: Backup; readonly onClose: () => void }) {
  const remove = useDeleteBackup();
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [fault, setFault] = useState<string>();
  const submit = async (): Promise<void> => {
    try {
      const result = await remove.mutateAsync({ backupId: backup.id, idempotencyKey });
      if (!isDone(result)) return setFault(result.message);
      showToast('The backup is being deleted.');
      onClose();
    } catch (error) {
      setFault((error as Error).message);
    }
  };
  return (
    <Dialog isOpen onClose={onClose} title="Delete this backup?">
      <Stack>
        <Text>{`The backup of ${backup.instanceName} from ${formatMoment(backup.completedAt ?? backup.createdAt)} is removed from storage. This cannot be undone.`}</Text>
        <FormAlert>{fault}</FormAlert>
        <FormFoot>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button color="red" loading={remove.isPending} onClick={() => void submit()}>Delete backup</Button>
        </FormFoot>
      </Stack>
    </Dialog>
  );
}
