'use client';
// The three deeds of the danger zone, each asked for once more before it is done.
import { useState } from 'react';
import { useRouter } from 'next/navigation';
import { NativeSelect, Switch, TextInput } from '@mantine/core';
import { newIdempotencyKey } from '@/data/idempotency-key';
import { useDeleteInstance, useRestartInstance, useRotateCredentials } from '@/data/instance/instance-mutation';
import type { Instance } from '@/data/instance/instance-query';
import { isDone } from '@/data/refusal';
import { Stack, Text } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { FormAlert, FormFoot } from '@/ui/form';
import { showToast } from '@/ui/toast';

export type DangerousDeed = 'restart' | 'rotate' | 'delete';

interface DeedProps {
  readonly slug: string;
  readonly instance: Instance;
  readonly onClose: () => void;
}

export function DangerDialog({ deed, ...rest }: DeedProps & { readonly deed: DangerousDeed }) {
  const Asked = { restart: RestartDialog, rotate: RotateDialog, delete: DeleteDialog }[deed];
  return <Asked {...rest} />;
}

function RestartDialog({ slug, instance, onClose }: DeedProps) {
  const restart = useRestartInstance(slug);
  const [idempotencyKey] = useState(newIdempotencyKey);
  const { fault, run } = useDeed(() => restart.mutateAsync({ instanceId: instance.id, expectedRevision: instance.revision, idempotencyKey }), () => {
    showToast(`${instance.name} is being restarted.`);
    onClose();
  });
  return (
    <Dialog isOpen onClose={onClose} title={`Restart ${instance.name}?`}>
      <Stack>
        <Text>{instance.persistence === 'NONE' ? 'This instance keeps its data in memory alone: a restart empties it.' : 'The data is on disk first and is loaded again.'}</Text>
        <FormAlert>{fault}</FormAlert>
        <FormFoot>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button loading={restart.isPending} onClick={run}>Restart</Button>
        </FormFoot>
      </Stack>
    </Dialog>
  );
}

function RotateDialog({ slug, instance, onClose }: DeedProps) {
  const rotate = useRotateCredentials(slug);
  const router = useRouter();
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [grace, setGrace] = useState('3600');
  const { fault, run } = useDeed(
    () => rotate.mutateAsync({ instanceId: instance.id, expectedRevision: instance.revision, graceSeconds: Number(grace), idempotencyKey }),
    () => {
      onClose();
      router.push(`/o/${slug}/i/${instance.name}`);
    },
  );
  return (
    <Dialog isOpen onClose={onClose} title="Rotate credentials">
      <Stack>
        <Text>The new password is shown once, on the next page.</Text>
        <NativeSelect
          label="The old password goes on working" value={grace} onChange={(event) => setGrace(event.currentTarget.value)}
          data={[{ value: '0', label: 'not at all' }, { value: '600', label: 'for 10 minutes' }, { value: '3600', label: 'for an hour' }, { value: '86400', label: 'for a day' }]}
        />
        <FormAlert>{fault}</FormAlert>
        <FormFoot>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button loading={rotate.isPending} onClick={run}>Rotate credentials</Button>
        </FormFoot>
      </Stack>
    </Dialog>
  );
}

function DeleteDialog({ slug, instance, onClose }: DeedProps) {
  const remove = useDeleteInstance(slug);
  const router = useRouter();
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [typed, setTyped] = useState('');
  const [finalBackup, setFinalBackup] = useState(instance.persistence !== 'NONE');
  const { fault, run } = useDeed(
    () => remove.mutateAsync({ instanceId: instance.id, expectedRevision: instance.revision, finalBackup, idempotencyKey }),
    () => {
      showToast(`${instance.name} is being deleted.`);
      router.push(`/o/${slug}`);
    },
  );
  return (
    <Dialog isOpen onClose={onClose} title={`Delete ${instance.name}?`}>
      <form onSubmit={(event) => { event.preventDefault(); if (typed === instance.name) run(); }}>
        <Stack>
          <Text>The process stops and its data is removed. This cannot be undone; its backups stay.</Text>
          <Switch label="Take a final backup first" checked={finalBackup} onChange={(event) => setFinalBackup(event.currentTarget.checked)} />
          <TextInput label={`Type ${instance.name} to confirm`} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} autoComplete="off" spellCheck={false} autoFocus />
          <FormAlert>{fault}</FormAlert>
          <FormFoot>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" color="red" loading={remove.isPending} disabled={typed !== instance.name}>Delete instance</Button>
          </FormFoot>
        </Stack>
      </form>
    </Dialog>
  );
}

/** Runs a deed once, with its refusal or failure in words. */
function useDeed<R extends { readonly __typename: string }>(act: () => Promise<R>, onDone: () => void) {
  const [fault, setFault] = useState<string>();
  const run = (): void => {
    setFault(undefined);
    act().then(
      (result) => (isDone(result) ? onDone() : setFault((result as unknown as { message: string }).message)),
      (error: Error) => setFault(error.message),
    );
  };
  return { fault, run };
}
