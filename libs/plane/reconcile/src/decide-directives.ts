// From the wish to redis.conf and to CONFIG SET: the same rows for both, so that a store which was changed live and one which was
// started anew are configured alike. Pure.
import {
  hasAppendLog, hasSnapshots, tenantSettings, systemUsername, tenantUsername, writeGuardSetting, type DataKind, type InstanceSpec, type PersistenceSpec, type Plan,
} from '@larder/plane-domain';

export type Directive = readonly [name: string, ...values: string[]];

/**
 * A tenant may do everything with data and read how the store is; what reaches the machine (paths, replication, persistence, users,
 * the process) stays ours. Only commands that the engine has are named: one that it does not know would keep it from starting.
 */
export const tenantRules = [
  '~*', '&*', '+@all', '-@admin', '-@dangerous', '+keys', '+flushall', '+flushdb', '+info', '+role', '+swapdb', '+client', '+config|get',
  '+sort', '+sort_ro', '+restore', '+lastsave', '+slowlog', '+latency',
];
/** Where stores follow each other their settings hold a password that is not the tenant's. */
function tenantRulesOf({ topology }: InstanceSpec): readonly string[] {
  return topology === 'HA' ? tenantRules.filter((rule) => rule !== '+config|get') : tenantRules;
}

const systemRules = ['~*', '&*', '+@all'];

/** What is changed live. Every tenant's setting is named, those not given with their default, so that one taken away goes back. */
export function decideLiveSettings(spec: InstanceSpec, plan: Plan): Record<string, string> {
  return {
    maxmemory: String(plan.memoryBytes),
    'maxmemory-policy': spec.maxmemoryPolicy.toLowerCase().replace('_', '-'),
    maxclients: String(plan.maxClients),
    // A handover to a store of one's choice changes it for a moment.
    'replica-priority': '100',
    ...Object.fromEntries(tenantSettings.filter(({ name }) => name !== writeGuardSetting).map((setting) => [setting.name, spec.settings[setting.name] ?? setting.defaultValue])),
  };
}

/** SIGTERM saves as soon as there is a save point. */
export function decideLivePersistence({ persistence, appendFsync, savePoints, archive }: PersistenceSpec & Pick<InstanceSpec, 'archive'>): Record<string, string> {
  return {
    // What is archived carries its time, and parts that a rewrite made superfluous stay until they are archived.
    'aof-timestamp-enabled': archive === null ? 'no' : 'yes',
    'aof-disable-auto-gc': archive === null ? 'no' : 'yes',
    appendfsync: appendFsync.toLowerCase(),
    appendonly: hasAppendLog(persistence) ? 'yes' : 'no',
    save: hasSnapshots(persistence) ? savePoints.map(({ seconds, changes }) => `${seconds} ${changes}`).join(' ') : '',
  };
}

/**
 * What a start loads is what is there, whatever is wished: with `appendonly yes` a store that has no log ignores its snapshot, and with
 * `no` one that has a log would load an older snapshot. The step `persistence` brings it to the wish once it runs.
 */
function decideAppendonly(spec: PersistenceSpec, files: ReadonlySet<DataKind>): 'yes' | 'no' {
  return files.has('append-log') || (hasAppendLog(spec.persistence) && !files.has('snapshot')) ? 'yes' : 'no';
}

export interface PasswordHashes {
  /** SHA-256, hex. One, or two while a rotation lasts. */
  readonly tenant: readonly string[];
  readonly system: string;
}

export interface AtStart {
  readonly hashes: PasswordHashes;
  /** What lies in the directory. */
  readonly files: ReadonlySet<DataKind>;
  /** Null: the engine knows no such setting. */
  readonly threads: number | null;
}

export function decideDirectives(spec: InstanceSpec, plan: Plan, { hashes, files, threads }: AtStart): Directive[] {
  const live = { ...decideLiveSettings(spec, plan), ...decideLivePersistence(spec), appendonly: decideAppendonly(spec, files) };
  return [
    ...Object.entries(live).map(([name, value]): Directive => [name, ...(name === 'save' && value ? value.split(' ') : [value])]),
    ...(threads === null ? [] : [['threads', String(threads)] as const]),
    // What people upload or restore is checked entry by entry before it is trusted.
    ['sanitize-dump-payload', 'yes'],
    ['user', tenantUsername, 'on', ...hashes.tenant.map((hash) => `#${hash}`), ...tenantRulesOf(spec)],
    ['user', systemUsername, 'on', `#${hashes.system}`, ...systemRules],
  ];
}

/** What must be sent, given what the store answered to CONFIG GET; a name it does not know is left alone. */
export function decideChanges(wished: Readonly<Record<string, string>>, found: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(wished).filter(([name, value]) =>
    found[name] !== undefined && canonical(name, found[name]) !== canonical(name, value)));
}

const allEventClasses = 'g$lshzxetd';

/** CONFIG GET spells event classes in an order of its own, and all of them as `A`. */
function canonical(name: string, value: string): string {
  if (name !== 'notify-keyspace-events') return value;
  return [...new Set(value.replace('A', allEventClasses))].sort().join('');
}
