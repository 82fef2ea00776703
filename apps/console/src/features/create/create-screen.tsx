'use client';
/**
 * A new instance in three steps. What the last step shows is what is sent: the mutation is printed from the same object. The
 * schedule is a second mutation, sent once the instance exists; if it is refused the instance stands and a line says so.
 */
import { useEffect, useRef, useState } from 'react';
import { useRouter } from 'next/navigation';
import { TextInput } from '@mantine/core';
import { IconArrowLeft, IconArrowRight } from '@tabler/icons-react';
import { newIdempotencyKey } from '@/data/idempotency-key';
import { useCreateInstance } from '@/data/instance/instance-mutation';
import { useOrganization } from '@/data/organization/organization-query';
import { usePlans, useAbout } from '@/data/platform/platform-query';
import { isDone } from '@/data/refusal';
import { useCreateSchedule } from '@/data/schedule/schedule-mutation';
import { Stack } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { LoadingRows } from '@/ui/faces';
import { FormAlert, useForm, type Form } from '@/ui/form';
import { later } from '@/ui/later';
import { PageHead, Panel } from '@/ui/page';
import { showToast } from '@/ui/toast';
import { scheduleValues } from '../schedules/schedule-draft';
import { EngineChoice } from './engine-choice';
import { createInput, nameFault, newDraft, settingsInput, settled, stepOfField, type InstanceDraft } from './instance-draft';
import { PlanChoice } from './plan-choice';
import { Steps } from './steps';
import { TopologyChoice } from './topology-choice';

const loadBehaviour = () => import('./behaviour-step').then((module) => module.BehaviourStep);
const loadReview = () => import('./review').then((module) => module.Review);
const BehaviourStep = later(loadBehaviour, <LoadingRows />);
const Review = later(loadReview, <LoadingRows />);

const titles = ['Name and plan', 'Behaviour and backups', 'Review'] as const;
type DraftForm = Form<InstanceDraft>;

export function CreateScreen({ slug }: { readonly slug: string }) {
  const [step, setStep] = useState(0);
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const router = useRouter();
  const organization = useOrganization(slug);
  const create = useCreateInstance(slug);
  const createSchedule = useCreateSchedule();
  const form = useForm<InstanceDraft>(newDraft, ['cron', 'timeZone', 'retentionCount', 'retentionDays']);
  const plan = usePlans().data?.find(({ name }) => name === form.values.plan);
  const definitions = useAbout().data?.instanceSettings;
  const draft = settled(form.values, plan);
  const input = createInput({ ...draft, settings: Object.fromEntries(settingsInput(form.values.settings, definitions).map(({ name, value }) => [name, value])) }, organization.data?.id ?? '', idempotencyKey);
  const schedule = form.values.hasSchedule ? scheduleValues(form.values.schedule) : undefined;

  // The later steps come while the first is filled in.
  useEffect(() => void Promise.all([loadBehaviour(), loadReview()]), []);

  const submit = async (): Promise<void> => {
    try {
      const result = await create.mutateAsync(input);
      if (!isDone(result)) {
        // A changed input needs a key of its own.
        setIdempotencyKey(newIdempotencyKey());
        const first = form.refuse(result)[0];
        if (first !== undefined) setStep(stepOfField(first));
        return;
      }
      if (schedule) {
        const added = await createSchedule.mutateAsync({ ...schedule, instanceId: result.instance.id }).catch((error: Error) => ({ __typename: 'Failed', message: error.message }));
        if (!isDone(added)) showToast(`The instance is being created, but its backup schedule was refused: ${added.message}`, 'bad');
      }
      router.push(`/o/${slug}/i/${result.instance.name}`);
    } catch (error) {
      form.fail(error);
    }
  };

  const forward = (): void => {
    if (step === 0) {
      const message = nameFault(form.values.name);
      if (message !== undefined) return void form.refuse({ __typename: 'InvalidInput', message, faults: [{ field: 'name', message }] });
    }
    if (step < 2) setStep(step + 1);
    else void submit();
  };

  return (
    <>
      <PageHead title="New instance" lead="A store of its own: process, memory, password and backups." />
      <Steps titles={titles} at={step} onGo={setStep} />
      <form noValidate onSubmit={(event) => { event.preventDefault(); forward(); }}>
        <StepPanel key={step} title={titles[step]!}>
          {step === 0 && <NameAndPlan form={form} memoryBytes={plan?.memoryBytes} />}
          {step === 1 && <BehaviourStep form={form} draft={draft} />}
          {step === 2 && <Review draft={draft} input={input} schedule={schedule} plan={plan} />}
          <FormAlert>{form.general ?? organization.error?.message}</FormAlert>
          <div style={{ display: 'flex', justifyContent: 'space-between', gap: 8 }}>
            <Button variant="default" disabled={step === 0} leftSection={<IconArrowLeft size={16} aria-hidden />} onClick={() => setStep(step - 1)}>Back</Button>
            {step < 2
              ? <Button type="submit" rightSection={<IconArrowRight size={16} aria-hidden />}>Continue</Button>
              : <Button type="submit" loading={create.isPending || createSchedule.isPending} disabled={!organization.data}>Create instance</Button>}
          </div>
        </StepPanel>
      </form>
    </>
  );
}

/** Focus goes to the new step's heading, so that keyboard and screen reader begin there; not on the first show. */
function StepPanel({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (title === titles[0]) return;
    ref.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [title]);
  return (
    <div ref={ref} tabIndex={-1} style={{ outline: 'none' }} role="group" aria-label={title}>
      <Panel title={title}><Stack gap="xl">{children}</Stack></Panel>
    </div>
  );
}

function NameAndPlan({ form, memoryBytes }: { readonly form: DraftForm; readonly memoryBytes: number | undefined }) {
  return (
    <>
      <TextInput
        label="Name" description="Small letters, digits and hyphens. It can be changed later." placeholder="orders-cache" required autoFocus maw={420}
        autoComplete="off" spellCheck={false} maxLength={40} {...form.text('name')}
      />
      <PlanChoice value={form.values.plan} onChange={(plan) => form.set('plan', plan)} error={form.faults.plan} />
      <EngineChoice value={form.values.engine} onChange={(engine) => form.set('engine', engine)} error={form.faults.engine} />
      <TopologyChoice
        topology={form.values.topology} replicas={form.values.replicas} sentinels={form.values.sentinels} memoryBytes={memoryBytes} faults={form.faults}
        onTopology={(topology) => form.set('topology', topology)} onReplicas={(replicas) => form.set('replicas', replicas)} onSentinels={(sentinels) => form.set('sentinels', sentinels)}
      />
    </>
  );
}
