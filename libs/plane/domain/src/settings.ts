// Every setting of the control plane as one row: name, default, meaning, check. Environment variables are the only source.
// parseSettings() names every fault at once, so that an operator mends a file in one go.
//
// Names without the LARDER_ prefix are the common ones (DATABASE_URL); both spellings are never offered.
import { parseBytes } from '@larder/shared-std';

export interface Settings {
  /** Absolute path. */
  readonly home: string;
  /** Null: the start brings embedded PostgreSQL up and hands its URL to its children. */
  readonly databaseUrl: string | null;
  /** Null: likewise, our own larder-server. */
  readonly queueUrl: string | null;
  readonly apiPort: number;
  readonly consolePort: number;
  readonly queuePort: number;
  readonly databasePort: number;
  /** Health and metrics of the worker. */
  readonly workerPort: number;
  readonly instancePortRange: readonly [low: number, high: number];
  readonly bindAddress: string;
  readonly publicHost: string;
  /** Where the console is reached, for cookies, origin checks and links; null: http://PUBLIC_HOST:CONSOLE_PORT. */
  readonly publicUrl: string | null;
  /** 32 bytes; null: LARDER_HOME/master.key, made at the first start with mode 0600. */
  readonly masterKey: Uint8Array | null;
  readonly storageUrl: string | null;
  readonly s3Endpoint: string | null;
  readonly s3Region: string;
  readonly s3AccessKeyId: string | null;
  readonly s3SecretAccessKey: string | null;
  /** Null: the bundled larder-server. */
  readonly engineCommand: string | null;
  /** Null: `redis-server` and `valkey-server` of the PATH, where they are. */
  readonly redisCommand: string | null;
  readonly valkeyCommand: string | null;
  readonly metricsToken: string | null;
  readonly logLevel: string;
  readonly introspection: boolean;
  readonly uploadBytesMax: number;
  readonly sweepSeconds: number;
  readonly endedBackupDays: number;
}

interface SettingRow<K extends keyof Settings = keyof Settings> {
  readonly key: K;
  readonly name: string;
  /** As text, as one would write it; undefined for none. */
  readonly defaultValue: string | undefined;
  readonly doc: string;
  readonly isSecret?: boolean;
  /** The value, or what is wrong with it ("must be …"). */
  readonly parse: (text: string) => { readonly value: Settings[K] } | { readonly fault: string };
}

function row<K extends keyof Settings>(setting: SettingRow<K>): SettingRow {
  return setting as unknown as SettingRow;
}

export const settingRows: readonly SettingRow[] = [
  row({ key: 'home', name: 'LARDER_HOME', defaultValue: '.larder', doc: 'Directory of all state.', parse: text }),
  row({ key: 'databaseUrl', name: 'DATABASE_URL', defaultValue: undefined, isSecret: true,
    doc: 'PostgreSQL 15+; embedded PostgreSQL where not given.', parse: url('postgresql:', 'postgres:') }),
  row({ key: 'queueUrl', name: 'QUEUE_URL', defaultValue: undefined, isSecret: true,
    doc: 'Redis 6.2+, Valkey or larder-server with noeviction; our own where not given.', parse: url('redis:', 'rediss:') }),
  row({ key: 'apiPort', name: 'API_PORT', defaultValue: '4000', doc: 'Port of the GraphQL API.', parse: port }),
  row({ key: 'consolePort', name: 'CONSOLE_PORT', defaultValue: '3000', doc: 'Port of the console.', parse: port }),
  row({ key: 'queuePort', name: 'QUEUE_PORT', defaultValue: '4379', doc: "Port of the queue's own engine.", parse: port }),
  row({ key: 'databasePort', name: 'DATABASE_PORT', defaultValue: '4432', doc: 'Port of embedded PostgreSQL.', parse: port }),
  row({ key: 'workerPort', name: 'WORKER_PORT', defaultValue: '4001', doc: "Port of the worker's health and metrics.", parse: port }),
  row({ key: 'instancePortRange', name: 'INSTANCE_PORT_RANGE', defaultValue: '20000-20999',
    doc: 'Ports that instances are given, lowest first.', parse: portRange }),
  row({ key: 'bindAddress', name: 'BIND_ADDRESS', defaultValue: '127.0.0.1',
    doc: 'Address that API, console and instances listen on.', parse: text }),
  row({ key: 'publicHost', name: 'PUBLIC_HOST', defaultValue: '127.0.0.1', doc: 'Host in the endpoints shown to tenants.', parse: text }),
  row({ key: 'publicUrl', name: 'PUBLIC_URL', defaultValue: undefined,
    doc: "The console's address as people type it; http://PUBLIC_HOST:CONSOLE_PORT where not given.", parse: url('http:', 'https:') }),
  row({ key: 'masterKey', name: 'MASTER_KEY', defaultValue: undefined, isSecret: true,
    doc: 'Key-encryption key: 32 bytes as 64 hex digits or base64; LARDER_HOME/master.key where not given.', parse: key32 }),
  row({ key: 'storageUrl', name: 'STORAGE_URL', defaultValue: undefined,
    doc: 'Where backups lie: file:/path or s3://bucket/prefix; file:LARDER_HOME/backups where not given.', parse: url('file:', 's3:') }),
  row({ key: 's3Endpoint', name: 'S3_ENDPOINT', defaultValue: undefined, doc: 'For S3-compatible services.', parse: url('http:', 'https:') }),
  row({ key: 's3Region', name: 'S3_REGION', defaultValue: 'us-east-1', doc: 'Region of the bucket.', parse: text }),
  row({ key: 's3AccessKeyId', name: 'S3_ACCESS_KEY_ID', defaultValue: undefined, doc: 'Access key.', parse: text }),
  row({ key: 's3SecretAccessKey', name: 'S3_SECRET_ACCESS_KEY', defaultValue: undefined, isSecret: true, doc: 'Secret key.', parse: text }),
  row({ key: 'engineCommand', name: 'ENGINE_COMMAND', defaultValue: undefined,
    doc: 'Executable that instances run; the bundled larder-server where not given.', parse: text }),
  row({ key: 'redisCommand', name: 'REDIS_COMMAND', defaultValue: undefined,
    doc: 'Executable of instances whose engine is REDIS; redis-server where it is found.', parse: text }),
  row({ key: 'valkeyCommand', name: 'VALKEY_COMMAND', defaultValue: undefined,
    doc: 'Executable of instances whose engine is VALKEY; valkey-server where it is found.', parse: text }),
  row({ key: 'metricsToken', name: 'METRICS_TOKEN', defaultValue: undefined, isSecret: true,
    doc: 'Bearer token for /metrics; open on the bind address where not given.', parse: text }),
  row({ key: 'logLevel', name: 'LOG_LEVEL', defaultValue: 'info', doc: 'fatal, error, warn, info, debug or trace.',
    parse: choice('fatal', 'error', 'warn', 'info', 'debug', 'trace') }),
  row({ key: 'introspection', name: 'GRAPHQL_INTROSPECTION', defaultValue: 'yes', doc: 'yes or no.', parse: yesNo }),
  row({ key: 'uploadBytesMax', name: 'UPLOAD_BYTES_MAX', defaultValue: '1gb', doc: 'Largest RDB taken for an import.', parse: bytes }),
  row({ key: 'sweepSeconds', name: 'SWEEP_SECONDS', defaultValue: '15', doc: 'Period in which a lost wake-up is found, 1–300.',
    parse: (value) => (/^\d{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= 300
      ? { value: Number(value) } : { fault: 'must be a whole number from 1 to 300' }) }),
  row({ key: 'endedBackupDays', name: 'ENDED_BACKUP_DAYS', defaultValue: '30',
    doc: 'How long the list keeps backups that failed, were missed or were deleted, 1–3650 days.',
    parse: (value) => (/^\d{1,4}$/.test(value) && Number(value) >= 1 && Number(value) <= 3650
      ? { value: Number(value) } : { fault: 'must be a whole number from 1 to 3650' }) }),
];

export interface SettingFault {
  readonly name: string;
  readonly message: string;
}
export type SettingsResult =
  | { readonly ok: true; readonly value: Settings }
  | { readonly ok: false; readonly faults: readonly SettingFault[] };

/** An empty variable counts as not given. */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): SettingsResult {
  const faults: SettingFault[] = [];
  const values: Record<string, unknown> = {};
  for (const setting of settingRows) {
    const given = env[setting.name]?.trim() || setting.defaultValue;
    const parsed = given === undefined ? { value: null } : setting.parse(given);
    if ('fault' in parsed) faults.push({ name: setting.name, message: parsed.fault });
    else values[setting.key] = parsed.value;
  }
  if (faults.length === 0) faults.push(...crossFaults(values as unknown as Settings));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: values as unknown as Settings };
}

/** One message that lists every fault. */
export function describeFaults(faults: readonly SettingFault[]): string {
  return ['The settings cannot be used:', ...faults.map((fault) => `  ${fault.name}: ${fault.message}`)].join('\n');
}

function crossFaults(settings: Settings): SettingFault[] {
  const faults: SettingFault[] = [];
  const named = settingRows.filter((setting) => /Port$/.test(setting.key));
  const [low, high] = settings.instancePortRange;
  named.forEach((setting, index) => {
    const mine = settings[setting.key] as number;
    const other = named.slice(0, index).find((before) => settings[before.key] === mine);
    if (other) faults.push({ name: setting.name, message: `is ${mine}, as is ${other.name}` });
    if (mine >= low && mine <= high) faults.push({ name: setting.name, message: `is ${mine}, which lies in INSTANCE_PORT_RANGE` });
  });
  if (settings.storageUrl?.startsWith('s3:')) {
    for (const setting of settingRows) {
      if ((setting.key === 's3AccessKeyId' || setting.key === 's3SecretAccessKey') && settings[setting.key] === null) {
        faults.push({ name: setting.name, message: 'must be given with an s3: STORAGE_URL' });
      }
    }
  }
  return faults;
}

type Parsed<T> = { readonly value: T } | { readonly fault: string };

function text(value: string): Parsed<string> {
  return { value };
}

function url(...protocols: string[]): (value: string) => Parsed<string> {
  return (value) => (URL.canParse(value) && protocols.includes(new URL(value).protocol)
    ? { value } : { fault: `must be a URL that begins with ${protocols.join(' or ')}` });
}

function port(value: string): Parsed<number> {
  return isPort(value) ? { value: Number(value) } : { fault: 'must be a port from 1 to 65535' };
}

function portRange(value: string): Parsed<readonly [number, number]> {
  const [low, high, more] = value.split('-');
  if (low === undefined || high === undefined || more !== undefined || !isPort(low) || !isPort(high) || Number(low) > Number(high)) {
    return { fault: 'must be two ports, low-high' };
  }
  return { value: [Number(low), Number(high)] };
}

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535;
}

function key32(value: string): Parsed<Uint8Array> {
  const bytesOf = /^[0-9a-f]{64}$/i.test(value) ? Buffer.from(value, 'hex') : Buffer.from(value, 'base64');
  // The fault never repeats the value: it may be most of a secret.
  return bytesOf.length === 32 ? { value: new Uint8Array(bytesOf) } : { fault: 'must be 32 bytes, as 64 hex digits or base64' };
}

function choice(...choices: string[]): (value: string) => Parsed<string> {
  return (value) => (choices.includes(value) ? { value } : { fault: `must be one of ${choices.join(', ')}` });
}

function yesNo(value: string): Parsed<boolean> {
  return value === 'yes' || value === 'no' ? { value: value === 'yes' } : { fault: 'must be yes or no' };
}

function bytes(value: string): Parsed<number> {
  const parsed = parseBytes(value);
  return parsed !== undefined && parsed > 0 ? { value: parsed } : { fault: 'must be a size such as 512mb' };
}
