'use client';
// Asks before a deed on the stores, with what it costs at this moment: the figures go on moving while the question stands.
import { useState } from 'react';
import { useDeedOfStores, type Deed } from '@/data/high-availability/high-availability-mutation';
import { newIdempotencyKey } from '@/data/idempotency-key';
import type { Instance } from '@/data/instance/instance-query';
import { Confirm } from '@/ui/confirm';
import { Facts } from '@/ui/page';
import { deedWords, forecastRows, promotionRows } from './words';

interface DialogProps {
  readonly slug: string;
  readonly instance: Instance;
  readonly onClose: () => void;
}

export function DeedDialog({ slug, instance, deed, onClose }: DialogProps & { readonly deed: Deed }) {
  const act = useDeedOfStores(slug);
  const [idempotencyKey] = useState(newIdempotencyKey);
  const words = deedWords[deed];
  const forecast = instance.availability?.handovers.find(({ mode }) => mode === deed.toUpperCase());
  return (
    <Confirm
      title={words.title} text={words.cost(instance)} verb={words.verb} onClose={onClose} tone={deed === 'failover' || deed === 'removeReplica' ? 'danger' : 'usual'}
      act={() => act.mutateAsync({ deed, input: { instanceId: instance.id, expectedRevision: instance.revision, idempotencyKey } })}
    >
      {forecast && <Facts rows={forecastRows(forecast)} />}
    </Confirm>
  );
}

export function PromoteDialog({ slug, instance, member: name, onClose }: DialogProps & { readonly member: string }) {
  const act = useDeedOfStores(slug);
  const [idempotencyKey] = useState(newIdempotencyKey);
  const member = instance.members.find((each) => each.name === name);
  return (
    <Confirm
      title={`Make store ${name} primary?`} text="It becomes primary once it has everything: writes wait meanwhile, and none is lost. Connections are closed once, so clients connect anew."
      verb="Make primary" tone="usual" onClose={onClose}
      act={() => act.mutateAsync({ deed: 'promote', input: { instanceId: instance.id, member: name, expectedRevision: instance.revision, idempotencyKey } })}
    >
      {member && instance.availability && <Facts rows={promotionRows(member, instance.availability)} />}
    </Confirm>
  );
}
