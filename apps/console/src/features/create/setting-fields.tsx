'use client';
// One input per setting that the platform lets a tenant change; the platform tells which, with kind, bounds and meaning.
import { NativeSelect, TextInput } from '@mantine/core';
import { useAbout, type SettingDefinition } from '@/data/platform/platform-query';
import { Columns } from '@/ui/blocks';
import { Faces } from '@/ui/faces';

interface SettingFieldsProps {
  readonly values: Readonly<Record<string, string>>;
  readonly faults: Readonly<Record<string, string>>;
  readonly onChange: (values: Readonly<Record<string, string>>) => void;
}

export function SettingFields({ values, faults, onChange }: SettingFieldsProps) {
  return (
    <Faces query={useAbout()}>
      {(about) => (
        <Columns>
          {about.instanceSettings.map((definition) => (
            <SettingField
              key={definition.name} definition={definition} value={values[definition.name] ?? definition.defaultValue}
              fault={faults[`settings.${definition.name}`]} onChange={(value) => onChange({ ...values, [definition.name]: value })}
            />
          ))}
        </Columns>
      )}
    </Faces>
  );
}

interface SettingFieldProps {
  readonly definition: SettingDefinition;
  readonly value: string;
  readonly fault: string | undefined;
  readonly onChange: (value: string) => void;
}

function SettingField({ definition, value, fault, onChange }: SettingFieldProps) {
  const common = {
    name: `settings.${definition.name}`,
    label: definition.name,
    description: definition.doc,
    error: fault,
    value,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
    styles: { label: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } },
  };
  switch (definition.type) {
    case 'BOOLEAN': return <NativeSelect {...common} data={['yes', 'no']} />;
    case 'CHOICE': return <NativeSelect {...common} data={[...(definition.choices ?? [])]} />;
    case 'FLAGS': return <TextInput {...common} placeholder="none" />;
    case 'INTEGER': return <TextInput {...common} type="number" inputMode="numeric" min={definition.min ?? undefined} max={definition.max ?? undefined} />;
  }
}
