// The settings of the store that a tenant may set, as rows. Whatever is not here is ours: ports, paths, persistence, users.
// All are applied live with CONFIG SET; none needs a restart.
import type { InputFault } from './refusals';

export interface TenantSetting {
  /** As in redis.conf. */
  readonly name: string;
  readonly type: 'integer' | 'boolean' | 'choice' | 'flags';
  readonly defaultValue: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  readonly doc: string;
}

/** Brought about by itself, with the replicas (decideWriteGuard). */
export const writeGuardSetting = 'min-replicas-to-write';

export const tenantSettings: readonly TenantSetting[] = [
  { name: 'timeout', type: 'integer', defaultValue: '0', min: 0, max: 86_400,
    doc: 'Seconds after which an idle client is disconnected; 0 never.' },
  { name: 'tcp-keepalive', type: 'integer', defaultValue: '300', min: 0, max: 86_400,
    doc: 'Seconds between probes that find dead peers; 0 never.' },
  { name: 'maxmemory-samples', type: 'integer', defaultValue: '5', min: 1, max: 64,
    doc: 'Keys looked at for one eviction; more is closer to the exact order and slower.' },
  { name: 'notify-keyspace-events', type: 'flags', defaultValue: '', choices: [...'KEg$lshzxetdmnA'],
    doc: 'Which changes of keys are published; empty for none.' },
  { name: 'lua-time-limit', type: 'integer', defaultValue: '5000', min: 100, max: 60_000,
    doc: 'Milliseconds after which a script may be killed from outside.' },
  { name: writeGuardSetting, type: 'integer', defaultValue: '1', min: 0, max: 4,
    doc: 'Replicas that must be heard from for writes to be taken, so that a primary that is cut off stops; always one fewer than there are at most, 0 turns it off.' },
  { name: 'hash-max-listpack-entries', type: 'integer', defaultValue: '128', min: 0, max: 4096,
    doc: 'Fields up to which a hash is kept in its compact form.' },
  { name: 'zset-max-listpack-entries', type: 'integer', defaultValue: '128', min: 0, max: 4096,
    doc: 'Members up to which a sorted set is kept in its compact form.' },
];

const byName = new Map(tenantSettings.map((row) => [row.name, row]));

export function checkTenantSettings(values: Readonly<Record<string, string>>): InputFault[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const row = byName.get(name);
    const message = row ? faultOf(row, value) : 'is not a setting that can be changed';
    return message === undefined ? [] : [{ field: `settings.${name}`, message }];
  });
}

function faultOf(row: TenantSetting, value: string): string | undefined {
  switch (row.type) {
    case 'integer': {
      const number = /^\d{1,12}$/.test(value) ? Number(value) : Number.NaN;
      return number >= row.min! && number <= row.max! ? undefined : `must be a whole number from ${row.min!} to ${row.max!}`;
    }
    case 'boolean':
      return value === 'yes' || value === 'no' ? undefined : 'must be yes or no';
    case 'choice':
      return row.choices!.includes(value) ? undefined : `must be one of ${row.choices!.join(', ')}`;
    case 'flags':
      return [...value].every((flag) => row.choices!.includes(flag)) ? undefined : `may hold only the letters ${row.choices!.join('')}`;
  }
}
