'use client';
// Whose program the stores run. Shown only where there is a choice: the API tells which engines are installed.
import type { Engine } from '@/data/generated/graphql';
import { useAbout } from '@/data/platform/platform-query';
import { ChoiceCards } from '@/ui/choice-cards';
import { engineTitles } from '../instance/engine-words';

const texts: Readonly<Record<Engine, string>> = {
  LARDER: 'Our own: Redis’ commands and files, on as many threads as the plan has.',
  REDIS: 'The redis-server of this machine, on one thread.',
  VALKEY: 'The valkey-server of this machine, on one thread.',
};

interface EngineChoiceProps {
  readonly value: Engine;
  readonly onChange: (engine: Engine) => void;
  readonly error?: string;
}

export function EngineChoice({ value, onChange, error }: EngineChoiceProps) {
  const engines = useAbout().data?.engines ?? [];
  if (engines.length < 2 && error === undefined) return null;
  return (
    <ChoiceCards
      legend="Engine" name="engine" value={value} onChange={onChange} error={error} columns={engines.length}
      choices={engines.map((engine) => ({ value: engine, title: engineTitles[engine], text: texts[engine] }))}
    />
  );
}
