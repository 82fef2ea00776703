// What can be ordered, and how much of it. The list is code: it is written into the table `plans` at every start.
import { mebibyte } from '@larder/shared-std';
import { enginePersistences, type Persistence } from './persistence';
import { refusal, type QuotaResource, type RefusalOf } from './refusals';

export interface Plan {
  readonly id: string;
  readonly title: string;
  /** maxmemory of the store. */
  readonly memoryBytes: number;
  /** Threads that execute commands, 1 to 8. */
  readonly threads: number;
  readonly maxClients: number;
  /** Completed backups an instance may keep. */
  readonly backupsMax: number;
  /** Where a wish names none. */
  readonly defaultPersistence: Persistence;
}

/** Nano is for caches that can be filled again; whoever pays for more memory would rather not lose five minutes of it. */
const lasting: Persistence = enginePersistences.includes('AOF') ? 'AOF' : 'RDB';

export const builtInPlans: readonly Plan[] = [
  { id: 'nano', title: 'Nano', memoryBytes: 32 * mebibyte, threads: 1, maxClients: 100, backupsMax: 10, defaultPersistence: 'RDB' },
  { id: 'small', title: 'Small', memoryBytes: 128 * mebibyte, threads: 1, maxClients: 500, backupsMax: 30, defaultPersistence: lasting },
  { id: 'medium', title: 'Medium', memoryBytes: 512 * mebibyte, threads: 2, maxClients: 2000, backupsMax: 60, defaultPersistence: lasting },
  { id: 'large', title: 'Large', memoryBytes: 2048 * mebibyte, threads: 4, maxClients: 5000, backupsMax: 90, defaultPersistence: lasting },
  { id: 'xlarge', title: 'Extra large', memoryBytes: 8192 * mebibyte, threads: 8, maxClients: 10_000, backupsMax: 90, defaultPersistence: lasting },
];

export interface Quota {
  readonly instancesMax: number;
  readonly memoryBytesMax: number;
  readonly backupsMax: number;
  readonly backupBytesMax: number;
  readonly apiTokensMax: number;
  readonly membersMax: number;
}

export const defaultQuota: Quota = {
  instancesMax: 100,
  memoryBytesMax: 16 * 1024 * mebibyte,
  backupsMax: 1000,
  backupBytesMax: 100 * 1024 * mebibyte,
  apiTokensMax: 50,
  membersMax: 100,
};

export type Usage = { readonly [R in QuotaResource]: number };

const limitOf: Readonly<Record<QuotaResource, keyof Quota>> = {
  INSTANCES: 'instancesMax', MEMORY: 'memoryBytesMax', BACKUPS: 'backupsMax', BACKUP_BYTES: 'backupBytesMax',
  API_TOKENS: 'apiTokensMax', MEMBERS: 'membersMax',
};

/** The first resource that would not fit, or undefined. Call inside the transaction that adds, with the organisation's row locked. */
export function checkQuota(
  quota: Quota, usage: Usage, more: Partial<Usage>,
): RefusalOf<'QuotaExceeded'> | undefined {
  for (const [resource, requested] of Object.entries(more) as [QuotaResource, number][]) {
    const limit = quota[limitOf[resource]];
    // Asking for less is never refused, also when a quota was lowered under what is in use.
    if (requested > 0 && usage[resource] + requested > limit) {
      return refusal.quotaExceeded(resource, limit, usage[resource], requested);
    }
  }
  return undefined;
}
