'use client';
/**
 * An RDB file becomes a new instance: the file is sent first, with its progress; then the same choices as for any instance. The
 * API looks into the file when the instance is asked for, and says what is wrong with it.
 */
import { useRef, useState } from 'react';
import { useRouter } from 'next/navigation';
import { TextInput } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { uploadRdb } from '@/data/backup/upload';
import { newIdempotencyKey } from '@/data/idempotency-key';
import { useImportBackup } from '@/data/instance/instance-mutation';
import { useMay, useOrganization } from '@/data/organization/organization-query';
import { useAbout, usePlans } from '@/data/platform/platform-query';
import { isDone } from '@/data/refusal';
import { Stack } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { FormAlert, FormFoot, useForm } from '@/ui/form';
import { formatBytes } from '@/ui/format';
import { ProgressBar } from '@/ui/meter';
import { PageHead, Panel } from '@/ui/page';
import { BehaviourFields } from '../create/behaviour-fields';
import { createInput, nameFault, newDraft, settled } from '../create/instance-draft';
import { PlanChoice } from '../create/plan-choice';
import { FilePicker } from './file-picker';

export function ImportScreen({ slug }: { readonly slug: string }) {
  const router = useRouter();
  const organization = useOrganization(slug);
  const about = useAbout();
  const may = useMay(slug);
  const importBackup = useImportBackup(slug);
  const form = useForm(newDraft, ['file']);
  const plans = usePlans().data;
  const draft = settled(form.values, plans?.find(({ name }) => name === form.values.plan));
  const [file, setFile] = useState<File>();
  const [progress, setProgress] = useState<number>();
  // A file that has been taken is not sent again when only the name was refused.
  const sent = useRef<{ readonly file: File; readonly uploadId: string }>(undefined);
  const abort = useRef<AbortController>(undefined);

  const upload = async (chosen: File, organizationId: string, uploadUrl: string): Promise<string> => {
    if (sent.current?.file === chosen) return sent.current.uploadId;
    abort.current = new AbortController();
    setProgress(0);
    try {
      const { uploadId } = await uploadRdb(chosen, uploadUrl, organizationId, setProgress, abort.current.signal);
      sent.current = { file: chosen, uploadId };
      return uploadId;
    } finally {
      setProgress(undefined);
    }
  };

  const submit = async (): Promise<void> => {
    if (!organization.data || !about.data) return;
    const early = nameFault(form.values.name);
    if (early !== undefined) return void form.refuse({ __typename: 'InvalidInput', message: early, faults: [{ field: 'name', message: early }] });
    if (!file) return form.fail(new Error('Choose an RDB file.'));
    try {
      const uploadId = await upload(file, organization.data.id, about.data.uploadUrl);
      const result = await importBackup.mutateAsync({ ...createInput(draft, organization.data.id, newIdempotencyKey()), uploadId });
      if (!isDone(result)) {
        if (result.__typename === 'UploadRefused' || result.__typename === 'NotFound') sent.current = undefined;
        form.refuse(result);
        return;
      }
      router.push(`/o/${slug}/i/${result.instance.name}`);
    } catch (error) {
      form.fail(error);
    }
  };

  const isBusy = progress !== undefined || importBackup.isPending;
  return (
    <>
      <PageHead title="Import" lead="Upload data of Redis up to 7.0 or of Larder and get it as a new instance: a dump.rdb, an append-only file, or a data directory as a tar." />
      <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Panel title="File">
          <Stack>
            <FilePicker file={file} isDisabled={isBusy} note={about.data && `Up to ${formatBytes(about.data.uploadBytesMax)}.`} onPick={(picked) => { setFile(picked); form.clear(); }} />
            {progress !== undefined && (
              <div style={{ display: 'flex', alignItems: 'center', gap: 12 }}>
                <div style={{ flex: 1 }}><ProgressBar label="Upload" percent={progress * 100} /></div>
                <Button size="compact-sm" variant="default" onClick={() => abort.current?.abort()}>Cancel</Button>
              </div>
            )}
          </Stack>
        </Panel>
        <Panel title="New instance">
          <Stack gap="xl">
            <TextInput label="Name" required maw={420} autoComplete="off" spellCheck={false} maxLength={40} {...form.text('name')} />
            <PlanChoice value={form.values.plan} onChange={(plan) => form.set('plan', plan)} error={form.faults.plan} />
            <BehaviourFields values={draft} faults={form.faults} onChange={(name, value) => form.set(name, value as never)} />
            <FormAlert>{form.general}</FormAlert>
            <FormFoot>
              <Button type="submit" loading={isBusy} disabled={!organization.data || !about.data || !may('backup.import')} leftSection={<IconFileUpload size={16} aria-hidden />}>Upload and create</Button>
            </FormFoot>
          </Stack>
        </Panel>
      </form>
    </>
  );
}
