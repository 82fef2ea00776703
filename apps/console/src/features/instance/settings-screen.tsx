'use client';
// The wish, editable; below it what cannot be taken back lightly.
import { useState } from 'react';
import { useRouter } from 'next/navigation';
import { TextInput } from '@mantine/core';
import { newIdempotencyKey } from '@/data/idempotency-key';
import { useUpdateInstance } from '@/data/instance/instance-mutation';
import { useInstance, type Instance } from '@/data/instance/instance-query';
import { useMay } from '@/data/organization/organization-query';
import { useAbout } from '@/data/platform/platform-query';
import { isDone } from '@/data/refusal';
import { Stack } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { FormAlert, FormFoot, useForm } from '@/ui/form';
import { Panel } from '@/ui/page';
import { showToast } from '@/ui/toast';
import { BehaviourFields } from '../create/behaviour-fields';
import { settingsInput } from '../create/instance-draft';
import { PlanChoice } from '../create/plan-choice';
import { SettingFields } from '../create/setting-fields';
import { persistenceInput } from '../persistence/persistence-input';
import { printSavePoints } from '../persistence/words';
import { DangerZone } from './danger-zone';

export function SettingsScreen({ slug, name }: { readonly slug: string; readonly name: string }) {
  const instance = useInstance(slug, name).data;
  const may = useMay(slug);
  if (!instance) return null;
  return (
    <>
      <ChangeForm key={instance.id} slug={slug} instance={instance} isAllowed={may('instance.update')} />
      <DangerZone slug={slug} instance={instance} />
    </>
  );
}

interface ChangeFormProps {
  readonly slug: string;
  readonly instance: Instance;
  readonly isAllowed: boolean;
}

function ChangeForm({ slug, instance, isAllowed }: ChangeFormProps) {
  const router = useRouter();
  const update = useUpdateInstance(slug);
  const definitions = useAbout().data?.instanceSettings;
  // The revision that the form was filled from: a change by someone else in between is refused, not overwritten.
  const [revision, setRevision] = useState(instance.revision);
  const form = useForm(() => valuesOf(instance));

  const submit = async (): Promise<void> => {
    const { settings, persistence, appendFsync, savePoints, ...values } = form.values;
    try {
      const result = await update.mutateAsync({
        instanceId: instance.id, expectedRevision: revision, idempotencyKey: newIdempotencyKey(), ...values,
        ...persistenceInput({ persistence, appendFsync, savePoints }), settings: settingsInput(settings, definitions),
      });
      if (!isDone(result)) return void form.refuse(result);
      setRevision(result.instance.revision);
      showToast(result.changeOperation ? 'The change is being applied.' : 'Saved.');
      if (result.instance.name !== instance.name) router.replace(`/o/${slug}/i/${result.instance.name}/settings`);
    } catch (error) {
      form.fail(error);
    }
  };

  const reload = (): void => {
    setRevision(instance.revision);
    const fresh = valuesOf(instance);
    for (const key of Object.keys(fresh) as (keyof typeof fresh)[]) form.set(key, fresh[key]);
  };

  return (
    <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <Panel title="Settings" note="Changes are applied to the running store; nothing here restarts it. Another number of threads comes with the next restart.">
        <fieldset disabled={!isAllowed} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
          <Stack gap="xl">
            <TextInput label="Name" required maw={420} autoComplete="off" spellCheck={false} maxLength={40} {...form.text('name')} />
            <PlanChoice value={form.values.plan} onChange={(plan) => form.set('plan', plan)} error={form.faults.plan} />
            <BehaviourFields values={form.values} faults={form.faults} onChange={form.set} />
            <SettingFields values={form.values.settings} faults={form.faults} onChange={(settings) => form.set('settings', settings)} />
            <FormAlert>{form.general}</FormAlert>
            {!isAllowed && <p style={{ margin: 0, fontSize: 14 }}>Your role may look, not change.</p>}
            <FormFoot>
              {instance.revision > revision && <Button variant="default" onClick={reload}>Load the newer version</Button>}
              <Button type="submit" loading={update.isPending} disabled={!isAllowed}>Save changes</Button>
            </FormFoot>
          </Stack>
        </fieldset>
      </Panel>
    </form>
  );
}

function valuesOf(instance: Instance) {
  return {
    name: instance.name,
    plan: instance.plan.name,
    persistence: instance.persistence,
    appendFsync: instance.appendFsync,
    savePoints: printSavePoints(instance.savePoints),
    maxmemoryPolicy: instance.maxmemoryPolicy,
    deletionProtection: instance.deletionProtection,
    settings: Object.fromEntries(instance.settings.map(({ name, value }) => [name, value])) as Readonly<Record<string, string>>,
  };
}
