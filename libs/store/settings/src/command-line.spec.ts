/** Command lines beside redis-server: each is run there to its end, or started and asked for its settings. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RealRedis, runRedis } from '../test/real-redis';
import { byteText } from './byte-text';
import { parseArguments } from './command-line';
import { assembleConfig, loadConfig } from './config-file';
import { Settings } from './settings';

function load(args: readonly string[], fileText = '', input = '') {
  const line = parseArguments(args.map(byteText));
  if (line.kind !== 'serve') throw new Error(line.kind);
  const text = assembleConfig(line.configFile === undefined ? '' : fileText, line.readsStandardInput ? input : '', line.options);
  return loadConfig(new Settings(), text, { readInclude: (path) => ({ path, error: 'no' }) }, line.isSentinel);
}

describe('command lines that redis-server refuses are refused in the same words', () => {
  test.each([
    [['--nosuch', '1']],
    [['--port']],
    [['--port', 'x']],
    [['--port', '1', '2']],
    [['--port 1 2']],
    [['--port', '0', '--nosuch']],
    [['--port', '--maxmemory', '1mb']],
    [['--maxmemory', '1mb', '--port', '--port', '1']],
    [['--loglevel', 'a"b']],
    [['--requirepass "x']],
    [['--save', '1']],
    [['--save', '1', 'x', '--port', '0']],
    [['--save 1']],
    [['-x']],
    [['-', '-x']],
    [['--', 'port']],
    [['--port 0', 'maxmemory', '1mb']],
    [['--proc-title-template', '{nope}']],
    [['--cluster-enabled', 'yes', '--replicaof', '127.0.0.1 1']],
    [['--maxmemory', '-', '--port', '0']],
    [['--bind-source-addr', 'a', 'b']],
    [['--appendonly', 'no\nport x']],
    [['--loglevel', '\xff\x01 \u20ac']],
  ])('%j', (args) => {
    const { failure } = load(args);
    const theirs = runRedis(args);
    expect([failure?.kind === 'fatal' ? failure.text : failure?.log, 1]).toEqual([theirs.stderr, theirs.code]);
  });

  test('line numbers count through the file, standard input and the options', () => {
    const directory = mkdtempSync(join(tmpdir(), 'larder-settings-'));
    const file = join(directory, 'redis.conf');
    writeFileSync(file, 'port 0\n# two\n');
    const args = [file, '--loglevel', 'debug', '--nosuch', '1', '-'];
    const theirs = runRedis(args, 'maxmemory 1mb\nsave ""');
    expect(load(args, 'port 0\n# two\n', 'maxmemory 1mb\nsave ""').failure).toMatchObject({ text: theirs.stderr });
    expect(theirs.code).toBe(1);
    rmSync(directory, { recursive: true });
  });
});

describe('command lines that redis-server takes mean the same', () => {
  test.each([
    [['--save', '--appendonly', 'no']],
    [['--appendonly', 'no', '--save']],
    [['--save', '']],
    [['--save', '900', '1', '300', '10']],
    [['--save', '900 1 300 10']],
    [['--save 900 1', '--save 300 10']],
    [['--save', '900', '1', '--save', '300', '10']],
    [['--masteruser', '--secret', '--masterauth', '--', '--maxmemory', '1mb']],
    [['--maxmemory 5mb', '--maxmemory-policy allkeys-lru']],
    [['--MaxMemory', '5MB']],
    [['--loglevel', 'verbose', '--hz', '50', '--slave-priority', '3']],
    [['--client-output-buffer-limit', 'normal 1gb 1gb 60 slave 0 0 0']],
    [['--client-output-buffer-limit', 'normal', '1gb', '1gb', '60']],
    [['--shutdown-on-sigint', 'nosave force', '--shutdown-on-sigterm', 'now', 'save']],
    [['--masterauth', 'a"b\\c \x01']],
    [['--masterauth "a b"']],
    [['--bind', '127.0.0.1', '--syslog-ident', 'x y']],
    [['--proc-title-template', '--my--title--{title} {listen-addr}']],
  ])('%j', async (args) => {
    const redis = await RealRedis.start(undefined, args);
    try {
      const flat = (await redis.ask('CONFIG', 'GET', '*')) as string[];
      const theirs = new Map(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]!] as const] : [])));
      const loaded = load(args);
      if (loaded.failure) throw new Error(loaded.failure.kind === 'fatal' ? loaded.failure.text : loaded.failure.log);
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

describe('what the first words choose', () => {
  test.each([
    [['-v']],
    [['--version', 'x']],
  ])('%j prints the version and leaves with 0', (args) => {
    const ours = parseArguments(args);
    const theirs = runRedis(args);
    expect(ours).toMatchObject({ kind: 'print', stream: 'stdout', exitCode: theirs.code });
    const versionOf = (text: string) => /v=(\S+)/.exec(text)?.[1];
    expect(versionOf((ours as { text: string }).text)).toBe(versionOf(theirs.stdout));
  });

  test.each([[['-h']], [['--help']], [['--test-memory']], [['--test-memory', '1', '2']]])('%j prints to standard error and leaves with 1', (args) => {
    expect(parseArguments(args)).toMatchObject({ kind: 'print', stream: 'stderr', exitCode: 1 });
    expect(runRedis(args).code).toBe(1);
  });

  test('the Sentinel role comes from an argument anywhere or from the program’s name', () => {
    expect(parseArguments(['s.conf', '--port', '1', '--sentinel'])).toMatchObject({ isSentinel: true, configFile: 's.conf', options: 'port "1" \nsentinel ' });
    expect(parseArguments(['s.conf'], '/usr/bin/redis-sentinel')).toMatchObject({ isSentinel: true });
    expect(parseArguments(['s.conf'])).toMatchObject({ isSentinel: false, isBare: false });
    expect(parseArguments([])).toMatchObject({ isBare: true, configFile: undefined, options: '' });
  });

  test('a dash means standard input first or last, and is a value in between', () => {
    expect(parseArguments(['-'])).toMatchObject({ readsStandardInput: true });
    expect(parseArguments(['a.conf', '--hz', '5', '-'])).toMatchObject({ readsStandardInput: true });
    expect(parseArguments(['--requirepass', '-', '--hz', '5'])).toMatchObject({ readsStandardInput: false, options: 'requirepass "-" \nhz "5" ' });
  });

  test('memory test and system check are recognised', () => {
    expect(parseArguments(['--test-memory', '64'])).toEqual({ kind: 'test-memory', megabytes: 64 });
    expect(parseArguments(['--check-system'])).toEqual({ kind: 'check-system' });
  });
});
