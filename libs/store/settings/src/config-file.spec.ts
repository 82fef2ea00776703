/** redis.conf beside redis-server: what a file sets, and the exact words for one that is wrong. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RealRedis, runRedis } from '../test/real-redis';
import { loadConfig, parseConfigFile } from './config-file';
import type { IncludeRead } from './config-file';
import { Settings } from './settings';

const NOTHING_TO_INCLUDE = (path: string): IncludeRead => ({ path, error: 'No such file or directory' });

function failureOf(text: string, isSentinel = false): string {
  const loaded = loadConfig(new Settings({ isSentinel }), text, { readInclude: NOTHING_TO_INCLUDE }, isSentinel);
  if (!loaded.failure) return 'loaded';
  return loaded.failure.kind === 'fatal' ? loaded.failure.text : loaded.failure.log;
}

describe('a configuration file that redis-server refuses is refused in the same words', () => {
  const directory = mkdtempSync(join(tmpdir(), 'larder-settings-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  test.each([
    ['nosuch yes'],
    ['port'],
    ['port 1 2'],
    ['port x'],
    ['\n\n   Port   70000\t\r\n'],
    ['# fine\nport 0\nloglevel "notice\n'],
    ["loglevel 'no\\'pe'"],
    ['loglevel "notice"x'],
    ['appendonly maybe'],
    ['maxmemory 1tb'],
    ['maxmemory-policy best'],
    ['save 900'],
    ['save 900 x'],
    ['save "900 1 300"'],
    ['client-output-buffer-limit normal 1 1'],
    ['client-output-buffer-limit ""'],
    ['client-output-buffer-limit master 1 1 1'],
    ['oom-score-adj-values 1 2'],
    ['oom-score-adj-values 1 2 9999'],
    ['notify-keyspace-events'],
    ['notify-keyspace-events q'],
    ['replicaof 127.0.0.1'],
    ['slaveof 127.0.0.1 port'],
    ['replicaof 127.0.0.1 70000'],
    ['cluster-enabled yes\nreplicaof 127.0.0.1 1'],
    ['latency-tracking-info-percentiles 101'],
    ['shutdown-on-sigterm save nosave'],
    ['shutdown-on-sigterm'],
    ['dbfilename a/b'],
    ['appenddirname ""'],
    ['unixsocketperm 999'],
    ['databases 0'],
    ['rename-command GET'],
    ['include'],
    ['include a b'],
    ['user'],
    ['loadmodule'],
    ['mod.setting'],
    ['sentinel monitor a 1 2 3'],
    ['list-max-ziplist-entries 1 2'],
    ['lua-replicate-commands'],
    ['proc-title-template "{nope}"'],
    ['cluster-announce-hostname a_b'],
    ['hz -1'],
    ['"\\x70ort" x'],
  ])('%j', (text) => {
    const file = join(directory, 'redis.conf');
    writeFileSync(file, text, 'latin1');
    const theirs = runRedis([file], '', directory);
    expect([theirs.stderr, theirs.code]).toEqual([failureOf(text), 1]);
  });

  test('an include that cannot be opened is named in the log', () => {
    const file = join(directory, 'redis.conf');
    writeFileSync(file, 'include /nowhere/x.conf\n');
    const theirs = runRedis([file], '', directory);
    expect(theirs.stdout + theirs.stderr).toContain(failureOf('include /nowhere/x.conf\n'));
    expect(theirs.code).toBe(1);
  });
});

describe('a configuration file that redis-server takes means the same', () => {
  test.each([
    ['save 900 1\nsave 300 10\n'],
    ['save ""\n'],
    ['save ""\nsave 5 5\n'],
    ['save 5 5\nsave ""\n'],
    ['save "1 2 3 4"\nsave 6 7'],
    ['save\n'],
    ['SAVE 1 1\nHZ 9999\n'],
    ['hz 0'],
    ['maxmemory 2GB'],
    ['masterauth "a b\\x41\\n\\xff"\nmasteruser \'it\\\'s\''],
    ['client-output-buffer-limit slave 1gb 1gb 10\nclient-output-buffer-limit pubsub "0" 0 0\nclient-output-buffer-limit "normal 1mb 1mb 1"'],
    ['slave-priority 5\nhash-max-ziplist-entries 7\nlua-time-limit 9'],
    ['list-max-ziplist-entries 4\nlist-max-ziplist-value 4\nlua-replicate-commands no\nsentinel'],
    ['shutdown-on-sigterm now nosave\nshutdown-on-sigint "force save"'],
    ['notify-keyspace-events KEAn\noom-score-adj-values "0 1 2"\nlatency-tracking-info-percentiles 1 2.5'],
    ['latency-tracking-info-percentiles ""\nmaxmemory-clients 5%'],
    ['unixsocketperm 700\nmaxclients 100\nlogfile ""\nsyslog-ident "x y"'],
    ['bind 127.0.0.1 -::1\nrepl-backlog-size 1\ntcp-keepalive 7\n\t \r\n#end'],
  ])('%j', async (text) => {
    const redis = await RealRedis.start(text);
    try {
      const flat = (await redis.ask('CONFIG', 'GET', '*')) as string[];
      const theirs = new Map(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]!] as const] : [])));
      const loaded = parseConfigFile(text, NOTHING_TO_INCLUDE);
      if (loaded.failure) throw new Error(loaded.failure.kind);
      const ours = new Map(loaded.settings.get(['*']));
      for (const name of ['port', 'dir']) {
        ours.delete(name);
        theirs.delete(name);
      }
      expect([...ours].sort()).toEqual([...theirs].sort());
    } finally {
      await redis.stop();
    }
  }, 20_000);
});

test('the configuration file that Redis ships loads', () => {
  const text = readFileSync('/etc/redis/redis.conf', 'latin1');
  const loaded = parseConfigFile(text, NOTHING_TO_INCLUDE);
  expect(loaded.failure).toBeUndefined();
});

test('includes are read where they stand, and what is not a setting is collected in order', () => {
  const text = 'maxmemory 1mb\ninclude b.conf\nrename-command KEYS ""\nuser a on >p ~*\nloadmodule /m.so x\nm.limit 1 2\n';
  const loaded = parseConfigFile(text, () => ({ texts: ['maxmemory 2mb\n', 'user b off\n'] }));
  if (loaded.failure) throw new Error('refused');
  expect(loaded.settings.number('maxmemory')).toBe(2 * 1024 ** 2);
  expect(loaded.directives).toEqual({
    renamedCommands: [['KEYS', '']],
    users: [['b', 'off'], ['a', 'on', '>p', '~*']],
    modules: [['/m.so', 'x']],
    moduleSettings: new Map([['m.limit', '1 2']]),
    sentinel: [],
  });
});

test('a directory is entered before the lines below it, and its fault is the line’s', () => {
  const entered: string[] = [];
  const enterDirectory = (path: string) => {
    entered.push(path);
    return path === 'gone' ? { error: 'No such file or directory' } : { path: `/abs/${path}` };
  };
  const load = (text: string) => loadConfig(new Settings(), text, { readInclude: NOTHING_TO_INCLUDE, enterDirectory }, false);
  const loaded = load('dir data');
  expect([loaded.failure, entered]).toEqual([undefined, ['data']]);
  expect(load('dir gone').failure).toMatchObject({ reason: 'No such file or directory', lineNumber: 1, line: 'dir gone' });
});

test('a handler may refuse its directive, with the line in the banner', () => {
  const handlers = { 'rename-command': () => 'No such command in rename-command' };
  const { failure } = loadConfig(new Settings(), 'rename-command NOPE x', { readInclude: NOTHING_TO_INCLUDE, handlers }, false);
  const theirs = runRedis(['-'], 'rename-command NOPE x');
  expect(failure).toMatchObject({ kind: 'fatal', text: theirs.stderr });
});
