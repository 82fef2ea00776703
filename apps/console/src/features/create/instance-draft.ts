// What a person fills in for a new instance, and the input that it becomes. Shared by creating and importing.
import type { AppendFsync, CreateInstanceInput, Engine, MaxmemoryPolicy, Persistence, SentinelPlacement, SettingInput, Topology } from '@/data/generated/graphql';
import type { Plan, SettingDefinition } from '@/data/platform/platform-query';
import { persistenceInput } from '../persistence/persistence-input';
import { printSavePoints, savePointsDefault } from '../persistence/words';
import { dailySchedule, type ScheduleDraft } from '../schedules/schedule-draft';

export interface InstanceDraft {
  name: string;
  plan: string;
  engine: Engine;
  topology: Topology;
  /** With HA. */
  replicas: number;
  sentinels: SentinelPlacement;
  /** Undefined until it is chosen: as the plan has it. */
  persistence: Persistence | undefined;
  appendFsync: AppendFsync;
  savePoints: string;
  maxmemoryPolicy: MaxmemoryPolicy;
  deletionProtection: boolean;
  /** By name; what is empty or the default is not sent. */
  settings: Readonly<Record<string, string>>;
  hasSchedule: boolean;
  schedule: ScheduleDraft;
}

export function newDraft(): InstanceDraft {
  return {
    name: '', plan: 'small', engine: 'LARDER', topology: 'STANDALONE', replicas: 1, sentinels: 'DEDICATED', persistence: undefined, appendFsync: 'EVERYSEC', savePoints: printSavePoints(savePointsDefault), maxmemoryPolicy: 'NOEVICTION', deletionProtection: true,
    settings: {}, hasSchedule: true, schedule: dailySchedule(),
  };
}

export type SettledDraft = InstanceDraft & { persistence: Persistence };

export function settled(draft: InstanceDraft, plan: Plan | undefined): SettledDraft {
  return { ...draft, persistence: draft.persistence ?? plan?.defaultPersistence ?? 'RDB' };
}

/** Which step of the wizard shows a field; the refusal of a field brings its step back. */
export const fieldsOfStep = [
  ['name', 'plan', 'engine', 'topology', 'replicas', 'sentinels'],
  ['persistence', 'appendFsync', 'savePoints', 'maxmemoryPolicy', 'deletionProtection', 'settings', 'cron', 'timeZone'],
] as const;

export function stepOfField(field: string): number {
  const at = fieldsOfStep.findIndex((fields) => fields.some((name) => field === name || field.startsWith(`${name}.`)));
  return at < 0 ? 2 : at;
}

export function createInput(draft: SettledDraft, organizationId: string, idempotencyKey: string): CreateInstanceInput {
  return {
    organizationId,
    name: draft.name,
    plan: draft.plan,
    ...(draft.engine === 'LARDER' ? {} : { engine: draft.engine }),
    ...(draft.topology === 'HA' ? { topology: draft.topology, replicas: draft.replicas, ...(draft.sentinels === 'DEDICATED' ? {} : { sentinels: draft.sentinels }) } : {}),
    ...persistenceInput(draft),
    maxmemoryPolicy: draft.maxmemoryPolicy,
    deletionProtection: draft.deletionProtection,
    settings: settingsInput(draft.settings),
    idempotencyKey,
  };
}

export function settingsInput(values: Readonly<Record<string, string>>, definitions?: readonly SettingDefinition[]): SettingInput[] {
  return Object.entries(values)
    .filter(([name, value]) => value !== '' && value !== definitions?.find((definition) => definition.name === name)?.defaultValue)
    .map(([name, value]) => ({ name, value }));
}

/** The rule of the schema's authority, said early; the API still decides. */
export function nameFault(name: string): string | undefined {
  if (name.length < 1 || name.length > 40) return 'Must have 1 to 40 characters.';
  return /^[a-z](?:-?[a-z0-9])*$/.test(name) ? undefined : 'Must begin with a letter and hold only a–z, 0–9 and single hyphens, none of them last.';
}
