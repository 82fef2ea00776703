'use client';
// How a store behaves: persistence, what happens when memory is full, protection. Used when it is made and when it is changed.
import { Switch } from '@mantine/core';
import type { MaxmemoryPolicy } from '@/data/generated/graphql';
import { ChoiceCards, type Choice } from '@/ui/choice-cards';
import { PersistenceFields, type PersistenceValues } from '../persistence/persistence-fields';

const policies: readonly Choice<MaxmemoryPolicy>[] = [
  { value: 'NOEVICTION', title: 'Refuse writes (noeviction)', text: 'Nothing is lost; writes fail until there is room. For queues and primary data.' },
  { value: 'ALLKEYS_LRU', title: 'Evict (allkeys-lru)', text: 'The keys used least recently make room. For caches.' },
];

interface BehaviourValues extends PersistenceValues {
  readonly maxmemoryPolicy: MaxmemoryPolicy;
  readonly deletionProtection: boolean;
}

interface BehaviourFieldsProps {
  readonly values: BehaviourValues;
  readonly faults: Readonly<Record<string, string>>;
  // A method, so that the setter of a larger form fits.
  onChange<K extends keyof BehaviourValues>(name: K, value: BehaviourValues[K]): void;
}

export function BehaviourFields({ values, faults, onChange }: BehaviourFieldsProps) {
  return (
    <>
      <PersistenceFields values={values} faults={faults} onChange={onChange} />
      <ChoiceCards legend="When memory is full" name="maxmemoryPolicy" choices={policies} value={values.maxmemoryPolicy} onChange={(value) => onChange('maxmemoryPolicy', value)} error={faults.maxmemoryPolicy} />
      <Switch
        label="Deletion protection" description="While it is on, nobody can delete the instance."
        checked={values.deletionProtection} onChange={(event) => onChange('deletionProtection', event.currentTarget.checked)}
      />
    </>
  );
}
