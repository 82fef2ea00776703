// Batches what a list would otherwise read row by row. One set per request, so nothing of one viewer is shown to another.
//
// Keys carry the organisation, because every read of the records does.
import DataLoader from 'dataloader';
import type {
  ApiTokenRow, BackupRow, InstanceMemberRow, InstanceRow, MetricRow, OperationRow, OrganizationRow, Plan, Repositories, UserRow,
} from '@larder/plane-domain';
import type { Clock } from '@larder/shared-std';

export interface OwnedKey {
  readonly organizationId: string;
  readonly id: string;
}

export interface Loaders {
  readonly user: DataLoader<string, UserRow | undefined>;
  readonly organization: DataLoader<string, OrganizationRow | undefined>;
  readonly instance: DataLoader<OwnedKey, InstanceRow | undefined, string>;
  readonly operation: DataLoader<OwnedKey, OperationRow | undefined, string>;
  readonly backup: DataLoader<OwnedKey, BackupRow | undefined, string>;
  readonly apiToken: DataLoader<OwnedKey, ApiTokenRow | undefined, string>;
  readonly membersOfInstance: DataLoader<string, readonly InstanceMemberRow[]>;
  readonly newestMetrics: DataLoader<string, MetricRow | undefined>;
  plans(): Promise<readonly Plan[]>;
}

/** A sample older than this is not "now" any more. */
const statsMs = 60_000;

export function loadersOn(records: Repositories, access: Pick<Repositories, 'plans'>, clock: Clock): Loaders {
  let plans: Promise<readonly Plan[]> | undefined;
  return {
    user: byId((ids) => records.users.byIds(ids)),
    organization: new DataLoader((ids) => Promise.all(ids.map((id) => records.organizations.byId(id)))),
    instance: owned((organizationId, ids) => records.instances.byIds(organizationId, ids)),
    operation: owned((organizationId, ids) => records.operations.byIds(organizationId, ids)),
    backup: owned((organizationId, ids) => records.backups.byIds(organizationId, ids)),
    apiToken: owned(async (organizationId, ids) =>
      (await Promise.all(ids.map((id) => records.apiTokens.byId(organizationId, id)))).filter((row) => row !== undefined)),
    membersOfInstance: new DataLoader(async (ids) => {
      const rows = Map.groupBy(await records.instanceMembers.ofInstances(ids), (row) => row.instanceId);
      return ids.map((id) => rows.get(id) ?? []);
    }),
    newestMetrics: new DataLoader(async (ids) => {
      const rows = new Map((await records.metrics.newest(ids, new Date(clock.now() - statsMs))).map((row) => [row.instanceId, row]));
      return ids.map((id) => rows.get(id));
    }),
    plans: () => (plans ??= access.plans.all()),
  };
}

function byId<T extends { readonly id: string }>(read: (ids: readonly string[]) => Promise<readonly T[]>): DataLoader<string, T | undefined> {
  return new DataLoader(async (ids) => {
    const rows = new Map((await read(ids)).map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id));
  });
}

function owned<T extends { readonly id: string }>(
  read: (organizationId: string, ids: readonly string[]) => Promise<readonly T[]>,
): DataLoader<OwnedKey, T | undefined, string> {
  return new DataLoader<OwnedKey, T | undefined, string>(async (keys) => {
    const rows = new Map<string, T>();
    for (const [organizationId, group] of Map.groupBy(keys, (key) => key.organizationId)) {
      for (const row of await read(organizationId, group.map((key) => key.id))) rows.set(row.id, row);
    }
    return keys.map((key) => rows.get(key.id));
  }, { cacheKeyFn: (key) => key.id });
}
