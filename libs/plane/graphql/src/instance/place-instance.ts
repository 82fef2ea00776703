// Writes a new wish: the one way in which an instance comes to be, from a form, a backup or an upload.
import {
  checkQuota, defaultArchive, draftInstance, memoryOf, plannedStepsOf, refusal, sealedAs, type ArchivePolicy, type InstanceSpec, type InstanceWish, type OperationKind, type RefusalOf, type Repositories, type SavePoint, type Seed,
} from '@larder/plane-domain';
import { actorOf, drawPassword } from '@larder/plane-identity';
import type { RequestContext } from '../context';
import type { Done } from '../mutation';
import type { PlaneServices } from '../services';
import type { ArchiveInput, SavePointInput, SettingInput } from './instance.input';

export interface StoredInstanceWork {
  readonly instanceId: string;
  readonly operationId: string;
}

export interface Placement {
  readonly organizationId: string;
  readonly wish: InstanceWish;
  readonly seed: Seed | null;
  readonly kind: Extract<OperationKind, 'CREATE_INSTANCE' | 'RESTORE_BACKUP' | 'IMPORT_BACKUP' | 'RESTORE_TO_TIME'>;
  readonly at: Date;
}

type PlaceRefusal = RefusalOf<'InvalidInput' | 'NotSupportedYet' | 'NotFound' | 'NameTaken' | 'QuotaExceeded'>;

export async function placeInstance(
  plane: PlaneServices, context: RequestContext, records: Repositories, { organizationId, wish, seed, kind, at }: Placement,
): Promise<Done<StoredInstanceWork> | PlaceRefusal> {
  const plans = await records.plans.all();
  const draft = draftInstance(wish, plans, seed);
  if (!draft.ok) return draft.error;
  const spec = draft.value;
  await records.organizations.lock(organizationId);
  if ((await records.instances.byName(organizationId, spec.name)) !== undefined) return refusal.nameTaken(spec.name);
  const memoryBytes = memoryOf(plans.find((plan) => plan.id === spec.planId), spec);
  const [quota, usage] = [await records.organizations.quota(organizationId), await records.organizations.usage(organizationId)];
  const exceeded = checkQuota(quota, usage, { INSTANCES: 1, MEMORY: memoryBytes });
  if (exceeded) return exceeded;

  const viewer = context.requireViewer();
  const instanceId = plane.ids.next();
  const inserted = await records.instances.insert({
    id: instanceId, organizationId, spec, createdAt: at, createdById: viewer.kind === 'user' ? viewer.user.id : null,
    passwordSealed: plane.secretBox.seal(Buffer.from(drawPassword()), sealedAs.password(instanceId)),
    systemPasswordSealed: plane.secretBox.seal(Buffer.from(drawPassword()), sealedAs.systemPassword(instanceId)),
  });
  if (inserted === 'name-taken') return refusal.nameTaken(spec.name);
  const operationId = plane.ids.next();
  await records.operations.insert({
    id: operationId, organizationId, instanceId, kind, steps: plannedStepsOf(kind, spec.topology), generation: 1, isCancelable: false, createdAt: at,
    backupId: seed?.kind === 'BACKUP' ? seed.backupId : null, actor: actorOf(viewer),
  });
  return {
    stored: { instanceId, operationId }, target: `Instance:${instanceId}`, targetName: spec.name, wake: (queue) => queue.instance(instanceId),
  };
}

type Group = Pick<InstanceWish, 'topology' | 'replicas' | 'sentinels'>;
type GroupInput = { readonly [K in keyof Group]?: Group[K] | null };

/** How many stores and whose Sentinels: as asked, else as `source` has it; its replicas count only where the topology is the same. */
export function toGroup(input: GroupInput, source: InstanceSpec | undefined): Group {
  const topology = input.topology ?? source?.topology ?? 'STANDALONE';
  const replicas = input.replicas ?? (source?.topology === topology ? source.replicas : undefined);
  const sentinels = input.sentinels ?? source?.sentinels;
  return { topology, ...(replicas === undefined ? {} : { replicas }), ...(sentinels === undefined ? {} : { sentinels }) };
}

/** Undefined: not spoken of; null: off. */
export function toArchive(input: ArchiveInput | null | undefined): ArchivePolicy | null | undefined {
  if (input == null) return undefined;
  const { isEnabled, intervalSeconds, retentionHours } = input;
  return isEnabled === false ? null
    : { intervalSeconds: intervalSeconds ?? defaultArchive.intervalSeconds, retentionHours: retentionHours ?? defaultArchive.retentionHours };
}

/** A list of the schema as the domain's map; a name given twice is refused, because which one counts would be a guess. */
export function toSettings(list: readonly SettingInput[] | null | undefined): Record<string, string> | RefusalOf<'InvalidInput'> | undefined {
  if (list == null) return undefined;
  const settings = Object.fromEntries(list.map(({ name, value }) => [name, value]));
  const twice = list.find((setting, index) => list.findIndex(({ name }) => name === setting.name) !== index);
  return twice ? refusal.invalidInput([{ field: `settings.${twice.name}`, message: 'is given twice' }]) : settings;
}

/** One spelling, whatever the client's order of fields: wishes are compared as text. */
export function toSavePoints(list: readonly SavePointInput[]): SavePoint[] {
  return list.map(({ seconds, changes }) => ({ seconds, changes }));
}

export function isFault(settings: Record<string, string> | RefusalOf<'InvalidInput'> | undefined): settings is RefusalOf<'InvalidInput'> {
  return settings !== undefined && Array.isArray(settings['faults']);
}
