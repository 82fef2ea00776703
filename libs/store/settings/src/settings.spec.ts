/** CONFIG SET and CONFIG GET: every setting with a battery of values against redis-server, then what only we have. */

import { RealRedis } from '../test/real-redis';
import type { SettingRow } from './row';
import { Settings } from './settings';
import { settingRows } from './table';

/** Settings whose success does something to the machine, the connection or the port: their refusals are compared alone. */
const ONLY_REFUSALS: Readonly<Record<string, string>> = {
  port: 'listens there',
  bind: 'listens there',
  dir: 'enters it',
  appendonly: 'writes files',
  maxclients: 'depends on the limit of open files',
  'oom-score-adj': 'writes to the kernel',
  'oom-score-adj-values': 'writes to the kernel',
  'maxmemory-clients': 'evicts the asking client',
  activedefrag: "needs Redis' own allocator",
  'watchdog-period': 'raises signals',
  'tls-port': 'needs certificates',
  'tls-cluster': 'needs certificates',
  'tls-replication': 'needs certificates',
};

const NUMBERS = [
  '', '0', '1', '2', '10', '99', '100', '101', '1000', '1001', '-1', '-2', '-0', '+5', '05', ' 5', '5 ', '1.5', 'abc', '65535', '65536',
  '2147483647', '2147483648', '-2147483648', '-2147483649', '4294967295', '4294967296', '9223372036854775807', '9223372036854775808',
  '-9223372036854775808', '18446744073709551615', '18446744073709551616', '99999999999999999999999', '1k', '1K', '1kb', '2MB', '3Gb', '1g',
  '1b', 'kb', '-1mb', '1 mb', '10%', '0%', '100%', '101%', '%', '-5%', '1tb', '777', '778', '1000000000000gb', '0x10', '5\x006', '1mb\x00',
];
const TEXTS = ['', 'abc', 'a b', '"x"', 'a/b', 'a\\b', '\xc3\xa9', 'a\x00b', 'h-1.example', 'a_b', 'x'.repeat(255), 'x'.repeat(256), '{title}', '{nope}', '{title', '{{', '{port}', '{title} {config-file}', ' '];
const STRUCTURED: Readonly<Record<string, readonly string[]>> = {
  save: ['', '900 1', '900 1 300 10', '900', '0 1', '1 0', '-1 1', '1 -1', '900  1', ' 900 1', '900 1 ', '+5 1', 'a b', '5 1x', '900 1 300', '99999999999 4294967297'],
  'client-output-buffer-limit': ['', 'normal 1gb 1gb 60', 'slave 1gb 64mb 10', 'Replica 2k 3kb 1', 'pubsub 0 0 0 replica 10mb 5mb 30', 'normal 1gb 1gb', 'master 1 1 1', 'nobody 0 0 0', 'pubsub x 1 1', 'pubsub 1 1 -1', 'pubsub 1 1 1s', 'pubsub  1 1 1'],
  'oom-score-adj-values': ['', '1 2', '1 2 3 4', 'a b c', '-2001 0 0', '0 0 2001'],
  'notify-keyspace-events': ['', 'A', 'KEA', 'AKn', 'An', 'g$lshzxe', 'g$lshzxetd', 'nd', 'mE', 'xK', 'q', 'A ', 'kE', 'nmtKE'],
  bind: [Array(17).fill('127.0.0.1').join(' ')],
  'latency-tracking-info-percentiles': ['', '50', '50 99 99.9', '0 100', '100.1', '-1', 'a', '50 x', '99.123456789', '1e1', '.5', '5.', '50  99', 'inf', 'nan', ' 50', '0.0'],
};

function valuesFor(row: SettingRow): readonly string[] {
  switch (row.kind) {
    case 'flag':
      return ['yes', 'no', 'YES', 'No', 'true', '1', '', 'yes ', 'yes\x00x'];
    case 'number':
      return NUMBERS;
    case 'text':
      return TEXTS;
    case 'choice':
      return [...row.words, ...row.words.map((word) => word.toUpperCase()), '', 'nope', `${row.words[0]} `];
    case 'words':
      return ['save', 'save now', 'force nosave', 'save nosave', 'default', 'default save', '', ' ', 'save  now', 'x', 'NOW', 'now now'];
    case 'structured':
      return STRUCTURED[row.name] ?? [];
  }
}

describe('CONFIG SET beside redis-server 7.0.15', () => {
  let redis: RealRedis;
  beforeAll(async () => {
    redis = await RealRedis.start();
  });
  afterAll(() => redis.stop());

  const comparable = settingRows.filter((row) => row.since === '7.0');

  test.each(comparable.map((row) => [row.name, row] as const))('%s takes and refuses the same values', async (name, row) => {
    const settings = new Settings({ directory: redis.directory });
    const initial = settings.get([name])[0]![1];
    const outcomes: unknown[] = [];
    const theirOutcomes: unknown[] = [];
    for (const value of valuesFor(row)) {
      const ours = settings.set([name.toUpperCase(), value]);
      if (ours === undefined && name in ONLY_REFUSALS) continue;
      const theirs = await redis.ask('CONFIG', 'SET', name.toUpperCase(), value);
      outcomes.push([value, ours === undefined ? 'OK' : `-${ours}`, settings.get([name])]);
      const shown = (await redis.ask('CONFIG', 'GET', name)) as string[];
      theirOutcomes.push([value, theirs, name in ONLY_REFUSALS ? settings.get([name]) : [shown]]);
    }
    expect(outcomes).toEqual(theirOutcomes);
    if (row.access === 'mutable' && !(name in ONLY_REFUSALS)) await redis.ask('CONFIG', 'SET', name, initial);
  });

  test.each([
    [['maxmemory', '1mb', 'timeout']],
    [['maxmemory', '1mb', 'timeout', '5']],
    [['maxmemory', '2mb', 'timeout', 'x']],
    [['maxmemory', '2mb', 'nosuch', '1', 'port', 'x']],
    [['maxmemory', '2mb', 'databases', '1', 'nosuch', '1']],
    [['nosuch', '1', 'databases', '1']],
    [['maxmemory', '2mb', 'MAXMEMORY', '3mb']],
    [['replica-priority', '7', 'slave-priority', '8']],
    [['slave-priority', '9', 'replica-priority', 'x']],
    [['dbfilename', 'x.rdb']],
    [['DIR', '/']],
    [['Slave-Priority', 'x']],
    [['appendfilename', 'x']],
    [['no\r\nsuch', 'x']],
    [['no\x00such', 'x']],
    [['save', '1 1', 'maxmemory-policy', 'nope']],
    [['include', 'x']],
    [['user', 'x']],
  ])('several at once are all set or none: %j', async (args) => {
    const settings = new Settings();
    const names = ['maxmemory', 'timeout', 'replica-priority', 'slave-priority'];
    for (const name of names) await redis.ask('CONFIG', 'SET', name, settings.shown(name as never) ?? '100');
    const ours = settings.set(args);
    expect(ours === undefined ? 'OK' : `-${ours}`).toEqual(await redis.ask('CONFIG', 'SET', ...args));
    for (const name of names) expect(settings.get([name]).flat()).toEqual(await redis.ask('CONFIG', 'GET', name));
  });

  test.each([
    [['maxmemory']],
    [['MaxMemory', 'maxmemory']],
    [['maxmemory*']],
    [['MAX*', 'maxclients']],
    [['Max?emory', '*-policy']],
    [['[st]ave', 'slave-*', 'replica-*']],
    [['[^a-z]*']],
    [['*listpack*', '*ziplist*']],
    [['watchdog*']],
    [['watchdog-period', 'nosuch']],
    [['max\\*memory', 'max\\memory']],
    [['[m-']],
    [['*[']],
    [['hz\x00x']],
    [['']],
    [['server_cpulis[s-z]']],
    [['*t*e*m*p*']],
  ])('CONFIG GET %j finds the same names', async (patterns) => {
    const pairs = (flat: string[]) => flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]]] : [])).sort();
    const settings = new Settings();
    for (const name of ['replica-priority', 'timeout', 'maxmemory']) await redis.ask('CONFIG', 'SET', name, settings.shown(name as never));
    const theirs = pairs((await redis.ask('CONFIG', 'GET', ...patterns)) as string[]);
    expect(settings.get(patterns).sort()).toEqual(theirs);
  });
});

describe('what CONFIG SET sets in motion', () => {
  test('a listener runs once for all the settings it watches, and only when one changed', () => {
    const settings = new Settings();
    const seen: string[] = [];
    settings.onChange(['min-replicas-to-write', 'min-replicas-max-lag'], (now) => void seen.push(now.shown('min-replicas-to-write')));
    settings.set(['min-replicas-to-write', '2', 'min-replicas-max-lag', '3']);
    settings.set(['min-replicas-to-write', '2']);
    expect(seen).toEqual(['2']);
  });

  test('a refusing listener brings every value back and runs again over the old ones', () => {
    const settings = new Settings();
    const ports: number[] = [];
    settings.onChange('port', (now) => {
      ports.push(now.number('port'));
      return now.number('port') === 1 ? 'Unable to listen on this port. Check server logs.' : undefined;
    });
    expect(settings.set(['maxmemory', '1mb', 'port', '1'])).toBe(
      "ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.",
    );
    expect([ports, settings.number('maxmemory')]).toEqual([[1, 6379], 0]);
  });

  test('a certificate file set to the same name is read again', () => {
    const settings = new Settings();
    let reads = 0;
    settings.onChange('tls-cert-file', () => void reads++);
    settings.set(['tls-cert-file', 'a.crt']);
    settings.set(['tls-cert-file', 'a.crt']);
    expect(reads).toBe(2);
  });

  test('protected settings open to everyone, to this host, or to nobody', () => {
    const settings = new Settings();
    const refused = "ERR CONFIG SET failed (possibly related to argument 'dbfilename') - can't set protected config";
    expect(settings.set(['dbfilename', 'a.rdb'], { isLocalClient: true })).toBe(refused);
    settings.assign('enable-protected-configs', 'local');
    expect(settings.set(['dbfilename', 'a.rdb'])).toBe(refused);
    expect(settings.set(['dbfilename', 'a.rdb'], { isLocalClient: true })).toBeUndefined();
  });

  test('while loading, settings that loading depends on answer LOADING', () => {
    const settings = new Settings();
    const loading = 'LOADING Redis is loading the dataset in memory';
    expect(settings.set(['appendonly', 'yes'], { isLoading: true })).toBe(loading);
    expect(settings.set(['maxmemory', '1mb'], { isLoading: true })).toBeUndefined();
  });

  test('a cell follows its setting, and captured values move to another Settings', () => {
    const [settings, other] = [new Settings(), new Settings()];
    const limit = other.numberCell('maxmemory');
    settings.set(['maxmemory', '18446744073709551615', 'save', '5 1']);
    other.adopt(structuredClone(settings.capture()));
    expect([limit.value, other.shown('maxmemory'), other.value('save')]).toEqual([
      2 ** 64,
      '18446744073709551615',
      [{ seconds: 5, changes: 1 }],
    ]);
  });

  test('a Sentinel starts on its own port without protected mode', () => {
    const settings = new Settings({ isSentinel: true });
    expect([settings.number('port'), settings.flag('protected-mode')]).toEqual([26379, false]);
  });
});
