// The repositories that the loop uses, in memory, with the rules of the real ones: revisions, fences, leases, ended operations.
import type {
  BackupRow, InstanceEventRow, InstanceMemberRow, InstanceRow, InstanceSpec, MetricRow, OperationKind, OperationRow, Repositories,
} from '@larder/plane-domain';
import { builtInPlans, hasEnded, plannedStepsOf } from '@larder/plane-domain';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class FakeRecords {
  readonly instances = new Map<string, Mutable<InstanceRow>>();
  readonly members = new Map<string, Mutable<InstanceMemberRow>>();
  readonly operations = new Map<string, Mutable<OperationRow>>();
  readonly events: InstanceEventRow[] = [];
  readonly samples: MetricRow[] = [];
  /** Instances that a backup is being taken of. */
  readonly backedUp = new Set<string>();
  readonly leases = new Map<string, { fenceToken: bigint; expiresAt: Date }>();
  #ids = 0;

  addInstance(spec: InstanceSpec, at: Date): Mutable<InstanceRow> {
    const id = `instance-${(this.#ids += 1)}`;
    const row: Mutable<InstanceRow> = {
      id, organizationId: 'org', spec, generation: 1, revision: 1, observedGeneration: 0, conditions: [], endpoint: null, seededAt: null,
      passwordSealed: 'first', previousPasswordSealed: null, previousPasswordUntil: null, systemPasswordSealed: 'system', statusFence: 0n, availability: null,
      dueAt: null, failures: 0, createdById: null, createdAt: at, updatedAt: at, deletedAt: null,
    };
    this.instances.set(id, row);
    return row;
  }

  addOperation(instance: InstanceRow, kind: OperationKind, at: Date): Mutable<OperationRow> {
    const row: Mutable<OperationRow> = {
      id: `operation-${(this.#ids += 1)}`, organizationId: instance.organizationId, instanceId: instance.id, backupId: null, kind, phase: 'PENDING',
      steps: plannedStepsOf(kind, instance.spec.topology), percent: 0, generation: instance.generation, isCancelable: false, cancelRequestedAt: null, errorReason: null,
      errorMessage: null, actor: 'system', undo: null, createdAt: at, startedAt: null, endedAt: null,
    };
    this.operations.set(row.id, row);
    return row;
  }

  repositories(): Repositories {
    const records: Pick<Repositories, 'instances' | 'instanceMembers' | 'instanceEvents' | 'operations' | 'leases' | 'plans' | 'metrics' | 'backups'> = {
      plans: { all: async () => builtInPlans, sync: async () => undefined },
      instances: {
        ...absent('byId', 'byName', 'byIds', 'page', 'insert'),
        sharingIdsForLoop: async () => [],
        byIdForLoop: async (id) => copy(this.instances.get(id)),
        liveIdsForLoop: async () => [...this.instances.values()].filter((row) => row.deletedAt === null).map((row) => row.id),
        dueIdsForLoop: async (at) => [...this.instances.values()]
          .filter((row) => row.deletedAt === null && ((row.dueAt !== null && row.dueAt <= at) || row.observedGeneration < row.generation)).map((row) => row.id),
        writeSpec: async (_organizationId, id, expectedRevision, { spec, bumpGeneration, passwords }) => {
          const row = this.instances.get(id)!;
          if (row.revision !== expectedRevision) return 'revision-conflict';
          Object.assign(row, { spec, revision: row.revision + 1, generation: row.generation + (bumpGeneration ? 1 : 0), ...passwords });
          return copy(row)!;
        },
        writeStatusForLoop: async (id, fence, { dropPreviousPassword, ...status }) => {
          const row = this.instances.get(id)!;
          if (row.statusFence > fence) return 'fenced';
          Object.assign(row, status, { statusFence: fence });
          if (dropPreviousPassword) Object.assign(row, { previousPasswordSealed: null, previousPasswordUntil: null });
          return 'written';
        },
        ensureMemberForLoop: async (id, name, [low, high], _host, skip) => {
          const known = [...this.members.values()].find((row) => row.instanceId === id && row.name === name);
          if (known) return copy(known)!;
          const used = new Set([...skip, ...[...this.members.values()].map((row) => row.port)]);
          for (let port = low; port <= high; port += 1) {
            if (used.has(port)) continue;
            const row: InstanceMemberRow = {
              id: `member-${(this.#ids += 1)}`, organizationId: 'org', instanceId: id, name, port, directory: '', identity: null, runId: null, startedAt: null,
              exitedAt: null, exitReason: null, restartNonce: 0, credentialVersion: 0, crashes: 0, notBefore: null,
              threads: null, persistence: null, persistenceAt: null, persistenceSeen: null, rewindId: null,
            };
            this.members.set(row.id, row);
            return copy(row)!;
          }
          return 'range-exhausted';
        },
      },
      instanceMembers: {
        ofInstances: async (ids) => [...this.members.values()].filter((row) => ids.includes(row.instanceId)).map((row) => copy(row)!),
        all: async () => [...this.members.values()].map((row) => copy(row)!),
        write: async (id, fence, change) => {
          const row = this.members.get(id);
          if (row && this.instances.get(row.instanceId)!.statusFence <= fence) Object.assign(row, change);
        },
        swapPorts: async (id, otherId, port, fence) => {
          const [row, other] = [this.members.get(id)!, this.members.get(otherId)!];
          if (row.port !== port || this.instances.get(row.instanceId)!.statusFence > fence) return;
          [row.port, other.port] = [other.port, row.port];
        },
        noteSeen: async (id, persistenceSeen) => {
          const row = this.members.get(id);
          if (row) Object.assign(row, { persistenceSeen });
        },
        remove: async (id) => void this.members.delete(id),
      },
      instanceEvents: {
        ...absent('page'),
        record: async (event, at) => void this.events.push({ ...event, id: String(this.events.length), count: 1, firstAt: at, lastAt: at }),
      },
      operations: {
        ...absent('byId', 'byIds', 'page', 'insert', 'requestCancel', 'byIdForLoop'),
        openOfInstance: async (instanceId) => [...this.operations.values()].filter((row) => row.instanceId === instanceId && !hasEnded(row.phase)).map((row) => copy(row)!),
        write: async (id, change) => {
          const row = this.operations.get(id)!;
          if (!hasEnded(row.phase)) Object.assign(row, change);
        },
      },
      backups: {
        ...absent('byId', 'byIds', 'insert', 'byIdForLoop', 'moveForLoop', 'writeForLoop', 'openIdsForLoop', 'keptOfScheduleForLoop', 'storageKeysForLoop', 'removeEndedForLoop'),
        page: async (_organizationId, _page, { instanceId }) => {
          const items = this.backedUp.has(instanceId!) ? [{} as BackupRow] : [];
          return { items, hasNextPage: false, totalCount: items.length };
        },
      },
      leases: {
        take: async (name, _holder, forMs, at) => {
          const lease = this.leases.get(name);
          if (lease && lease.expiresAt > at) return undefined;
          const fenceToken = (lease?.fenceToken ?? 0n) + 1n;
          this.leases.set(name, { fenceToken, expiresAt: new Date(at.getTime() + forMs) });
          return { fenceToken };
        },
        renew: async (name, fenceToken, forMs, at) => {
          const lease = this.leases.get(name);
          if (lease?.fenceToken !== fenceToken || lease.expiresAt <= at) return false;
          lease.expiresAt = new Date(at.getTime() + forMs);
          return true;
        },
        release: async (name, fenceToken) => {
          const lease = this.leases.get(name);
          if (lease?.fenceToken === fenceToken) lease.expiresAt = new Date(0);
        },
      },
      metrics: {
        ...absent('newest', 'range'),
        insert: async (samples) => void this.samples.push(...samples),
        removeBefore: async () => 0,
      },
    };
    return records as Repositories;
  }
}

/** What the loop never calls. */
function absent<K extends string>(...names: K[]): Record<K, () => Promise<never>> {
  return Object.fromEntries(names.map((name) => [name, async () => { throw new Error(`the loop does not call ${name}`); }])) as Record<K, () => Promise<never>>;
}

function copy<T extends object>(row: T | undefined): T | undefined {
  return row && { ...row };
}
