'use client';
// The mode, and the knobs that it has. What the engine does not have yet is shown and cannot be chosen.
import { TextInput } from '@mantine/core';
import type { AppendFsync, Persistence } from '@/data/generated/graphql';
import { useAbout } from '@/data/platform/platform-query';
import { ChoiceCards } from '@/ui/choice-cards';
import { fsyncTexts, fsyncTitles, hasAppendLog, hasSnapshots, modeTexts, modeTitles } from './words';

const modes: readonly Persistence[] = ['RDB', 'AOF', 'RDB_AOF', 'NONE'];
const fsyncs: readonly AppendFsync[] = ['EVERYSEC', 'ALWAYS', 'NO'];

export interface PersistenceValues {
  readonly persistence: Persistence;
  readonly appendFsync: AppendFsync;
  /** As it is typed; parsed when it is sent. */
  readonly savePoints: string;
}

interface PersistenceFieldsProps {
  readonly values: PersistenceValues;
  readonly faults: Readonly<Record<string, string>>;
  // A method, so that the setter of a larger form fits.
  onChange<K extends keyof PersistenceValues>(name: K, value: PersistenceValues[K]): void;
}

export function PersistenceFields({ values, faults, onChange }: PersistenceFieldsProps) {
  const offered = useAbout().data?.persistences ?? [];
  return (
    <>
      <ChoiceCards
        legend="Persistence" name="persistence" value={values.persistence} onChange={(value) => onChange('persistence', value)} error={faults.persistence}
        choices={modes.map((mode) => {
          const isOffered = mode === values.persistence || offered.includes(mode);
          return { value: mode, title: modeTitles[mode], text: modeTexts[mode], isDisabled: !isOffered, ...(isOffered ? {} : { side: 'Later' }) };
        })}
      />
      {hasAppendLog(values.persistence) && (
        <ChoiceCards
          legend="When writes reach the disk" name="appendFsync" columns={3} value={values.appendFsync} onChange={(value) => onChange('appendFsync', value)} error={faults.appendFsync}
          choices={fsyncs.map((fsync) => ({ value: fsync, title: fsyncTitles[fsync], text: fsyncTexts[fsync] }))}
        />
      )}
      {hasSnapshots(values.persistence) && (
        <TextInput
          label="Save points" description="Pairs of seconds and changes: a snapshot is taken once so much time has passed with so many changes." maw={420}
          autoComplete="off" spellCheck={false} name="savePoints" value={values.savePoints} error={faults.savePoints}
          aria-invalid={faults.savePoints === undefined ? undefined : true} onChange={(event) => onChange('savePoints', event.currentTarget.value)}
        />
      )}
    </>
  );
}
