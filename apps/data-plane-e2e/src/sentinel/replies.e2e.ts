/** What clients and tools read of a Sentinel, beside redis-sentinel's: replies, errors, configuration files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describeNeeding, waitFor } from '@larder/shared-testing';
import type { Command } from '@larder/shared-testing';
import { runToEnd } from './sentinel-process';
import type { SentinelProcess } from './sentinel-process';
import { Watched } from './watched';

/** Fields that tell of time, of chance or of who is asked. */
const OWN = new Set([
  'last-ping-sent', 'last-ok-ping-reply', 'last-ping-reply', 'info-refresh', 'role-reported-time', 'last-hello-message', 's-down-time', 'o-down-time', 'link-pending-commands',
  'slave-repl-offset', 'voted-leader', 'voted-leader-epoch', 'flags',
]);

/** Commands of Redis 7.2, which ours has too. */
const LATER = /^client\|(no-touch|setinfo)/;

const shown = (fields: Map<string, string>) => [...fields].map(([name, value]) => (OWN.has(name) ? name : `${name}=${value}`));

describeNeeding(['redis-server'], 'a Sentinel beside redis-sentinel', () => {
  let watched: Watched;
  let ours: SentinelProcess;
  let stock: SentinelProcess;

  beforeAll(async () => {
    watched = await Watched.start({ sentinels: ['ours', 'stock'] });
    [ours, stock] = watched.sentinels as [SentinelProcess, SentinelProcess];
  }, 60_000);
  afterAll(() => watched.stop());

  test.each([['MASTERS'], ['REPLICAS', 'mymaster'], ['SLAVES', 'mymaster']])('SENTINEL %s shows the same fields with the same values', async (...command) => {
    const byName = (list: Map<string, string>[]) => list.map(shown).sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
    expect(byName(await ours.all(...command))).toEqual(byName(await stock.all(...command)));
  });

  test('SENTINEL SENTINELS shows the other one', async () => {
    for (const sentinel of [ours, stock]) {
      await waitFor('the other to be connected', async () => (await sentinel.all('SENTINELS', 'mymaster'))[0]?.get('flags') === 'sentinel', 30_000);
    }
    const [mine] = await stock.all('SENTINELS', 'mymaster');
    const [theirs] = await ours.all('SENTINELS', 'mymaster');
    expect([...theirs!.keys()]).toEqual([...mine!.keys()]);
    expect([mine!.get('name'), mine!.get('port')]).toEqual([await ours.ask('SENTINEL', 'MYID'), String(ours.port)]);
    expect([theirs!.get('name'), theirs!.get('port'), theirs!.get('flags')]).toEqual([await stock.ask('SENTINEL', 'MYID'), String(stock.port), 'sentinel']);
  });

  test('INFO has the same sections and the Sentinel’s lines', async () => {
    const [mine, theirs] = (await Promise.all([ours.ask('INFO'), stock.ask('INFO')])).map(String);
    const sections = (info: string) => info.split('\r\n').filter((line) => line.startsWith('#'));
    expect(sections(mine!)).toEqual(sections(theirs!));
    const own = (info: string) => info.slice(info.indexOf('# Sentinel'));
    expect(own(mine!)).toBe(own(theirs!));
    expect(await ours.ask('INFO', 'sentinel')).toBe(await stock.ask('INFO', 'sentinel'));
    expect(mine).toContain('redis_mode:sentinel');
  });

  const same: Command[] = [
    ['PING'], ['ROLE'], ['GET', 'x'], ['CONFIG', 'GET', 'port'], ['MULTI'], ['ECHO', 'x'], ['SELECT', '0'], ['PUBLISH', 'c', 'm'], ['PUBLISH', 'c'], ['PUBLISH', '__sentinel__:hello', 'no hello'],
    ['SENTINEL'], ['SENTINEL', 'HELP'], ['SENTINEL', 'NOPE'], ['SENTINEL', 'MASTER'], ['SENTINEL', 'MASTER', 'nope'], ['SENTINEL', 'REPLICAS', 'nope'], ['SENTINEL', 'MASTERS', 'x'],
    ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster'], ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'nope'], ['SENTINEL', 'CKQUORUM', 'mymaster'], ['SENTINEL', 'CKQUORUM', 'nope'],
    ['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', '1', '0', '*'], ['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', 'x', '0', '*'], ['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', '1', 'x', '*'],
    ['SENTINEL', 'FAILOVER', 'nope'], ['SENTINEL', 'RESET', 'nope*'], ['SENTINEL', 'REMOVE', 'nope'], ['SENTINEL', 'PENDING-SCRIPTS'], ['SENTINEL', 'FLUSHCONFIG'], ['SENTINEL', 'FLUSHCONFIG', 'x'],
    ['SENTINEL', 'MONITOR', 'a', '127.0.0.1', '1', '0'], ['SENTINEL', 'MONITOR', 'a', '127.0.0.1', 'x', '1'], ['SENTINEL', 'MONITOR', 'a', '127.0.0.1', '1', 'x'], ['SENTINEL', 'MONITOR', 'a', 'nohost', '1', '1'],
    ['SENTINEL', 'MONITOR', 'a', '127.0.0.1', '70000', '1'], ['SENTINEL', 'MONITOR', 'mymaster', '127.0.0.1', '1', '1'], ['SENTINEL', 'MONITOR', 'second', '127.0.0.1', '1', '3'],
    ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'second'], ['SENTINEL', 'CKQUORUM', 'second'], ['SENTINEL', 'FAILOVER', 'second'],
    ['SENTINEL', 'SET', 'second'], ['SENTINEL', 'SET', 'second', 'quorum'], ['SENTINEL', 'SET', 'second', 'quorum', '0'], ['SENTINEL', 'SET', 'second', 'quorum', 'x'], ['SENTINEL', 'SET', 'second', 'quorum', '2'],
    ['SENTINEL', 'SET', 'second', 'nope', '1'], ['SENTINEL', 'SET', 'second', 'down-after-milliseconds', '-1'], ['SENTINEL', 'SET', 'second', 'down-after-milliseconds', '500', 'parallel-syncs', '3', 'failover-timeout', '7000'],
    ['SENTINEL', 'SET', 'second', 'notification-script', '/bin/true'], ['SENTINEL', 'SET', 'second', 'auth-pass', 'secret', 'auth-user', 'me'], ['SENTINEL', 'SET', 'second', 'rename-command', 'CONFIG', 'guessit'],
    ['SENTINEL', 'SET', 'second', 'rename-command', 'CONFIG'], ['SENTINEL', 'SET', 'second', 'rename-command', 'CONFIG', ''], ['SENTINEL', 'SET', 'second', 'master-reboot-down-after-period', '-1'],
    ['SENTINEL', 'SET', 'nope', 'quorum', '1'],
    ['SENTINEL', 'CONFIG'], ['SENTINEL', 'CONFIG', 'GET'], ['SENTINEL', 'CONFIG', 'GET', '*'], ['SENTINEL', 'CONFIG', 'GET', 'announce-*'], ['SENTINEL', 'CONFIG', 'GET', 'nope'], ['SENTINEL', 'CONFIG', 'SET', 'nope', '1'],
    ['SENTINEL', 'CONFIG', 'SET', 'announce-port', 'x'], ['SENTINEL', 'CONFIG', 'SET', 'announce-port', '70000'], ['SENTINEL', 'CONFIG', 'SET', 'resolve-hostnames', 'maybe'], ['SENTINEL', 'CONFIG', 'SET', 'resolve-hostnames', 'no'],
    ['SENTINEL', 'DEBUG'], ['SENTINEL', 'DEBUG', 'nope', '1'], ['SENTINEL', 'DEBUG', 'ping-period'], ['SENTINEL', 'DEBUG', 'ping-period', '0'], ['SENTINEL', 'DEBUG', 'PING-PERIOD', 'x'],
    ['SENTINEL', 'SIMULATE-FAILURE', 'HELP'], ['SENTINEL', 'SIMULATE-FAILURE', 'nope'], ['SENTINEL', 'SIMULATE-FAILURE'], ['SENTINEL', 'SIMULATE-FAILURE', 'crash-after-election'], ['SENTINEL', 'SIMULATE-FAILURE', 'HELP'],
    ['SENTINEL', 'INFO-CACHE', 'nope'], ['SENTINEL', 'INFO-CACHE'], ['SENTINEL', 'REMOVE', 'second'], ['COMMAND', 'INFO', 'get'], ['ACL', 'WHOAMI'], ['CLIENT', 'GETNAME'], ['AUTH', 'x'], ['SUBSCRIBE'], ['SHUTDOWN', 'NOPE'],
  ];
  test.each(same.map((command) => [command.join(' '), command] as const))('%s is answered in the same bytes', async (_, command) => {
    const [mine, theirs] = await Promise.all([ours.raw(...command), stock.raw(...command)]);
    expect(mine.raw.toString('latin1')).toBe(theirs.raw.toString('latin1'));
  });

  test('HELLO 3 and maps in RESP3 are the same', async () => {
    const answers = await Promise.all([ours, stock].map(async (sentinel) => {
      const hello = (await sentinel.raw('HELLO', '3')).raw.toString('latin1').replace(/:\d+\r\n\$4\r\nmode/, ':ID\r\n$4\r\nmode');
      const debug = (await sentinel.raw('SENTINEL', 'CONFIG', 'GET', '*')).raw.toString('latin1');
      const role = (await sentinel.raw('ROLE')).raw.toString('latin1');
      await sentinel.raw('HELLO', '2');
      return hello + debug + role;
    }));
    expect(answers[0]).toBe(answers[1]);
  });

  test('the same commands exist, with the same facts', async () => {
    const facts = async (sentinel: SentinelProcess) =>
      ((await sentinel.ask('COMMAND', 'INFO')) as unknown[][])
        .filter(([name]) => name !== 'quit') // no command to redis-sentinel, which obeys it
        .map(([name, arity, flags, first, last, step, categories, , , subcommands]) =>
          JSON.stringify([name, arity, [...(flags as string[])].sort(), first, last, step, [...(categories as string[])].sort(), (subcommands as unknown[][]).map(([sub, subArity]) => `${String(sub)} ${String(subArity)}`).filter((sub) => !LATER.test(sub)).sort()]))
        .sort();
    expect(await facts(ours)).toEqual(await facts(stock));
  });
});

describeNeeding(['redis-server'], 'sentinel.conf', () => {
  test.each([
    ['sentinel monitor a 127.0.0.1 1 0'],
    ['sentinel monitor a 127.0.0.1 1'],
    ['sentinel monitor a nohost 1 1'],
    ['sentinel monitor a 127.0.0.1 70000 1'],
    ['sentinel monitor a 127.0.0.1 1 1\nsentinel monitor a 127.0.0.1 2 1'],
    ['# first\n\nsentinel down-after-milliseconds a 100'],
    ['sentinel monitor a 127.0.0.1 1 1\nsentinel down-after-milliseconds a 0'],
    ['sentinel monitor a 127.0.0.1 1 1\nsentinel failover-timeout a x'],
    ['sentinel monitor a 127.0.0.1 1 1\nsentinel notification-script a /nowhere/x.sh'],
    ['sentinel monitor a 127.0.0.1 1 1\nsentinel client-reconfig-script a /nowhere/x.sh'],
    ['sentinel monitor a 127.0.0.1 1 1\nsentinel known-replica a 127.0.0.1 2\nsentinel known-replica a 127.0.0.1 2'],
    ['sentinel monitor a 127.0.0.1 1 1\nsentinel known-sentinel a 127.0.0.1 2 x\nsentinel known-sentinel a 127.0.0.1 3 x'],
    ['sentinel monitor a 127.0.0.1 1 1\nsentinel rename-command a CONFIG x\nsentinel rename-command a config y'],
    ['sentinel monitor a 127.0.0.1 1 1\nsentinel master-reboot-down-after-period a -1'],
    ['sentinel myid short'],
    ['sentinel deny-scripts-reconfig maybe'],
    ['sentinel resolve-hostnames maybe'],
    ['sentinel nope'],
    ['sentinel monitor "a 127.0.0.1'],
    ['nope 1'],
  ])('%j is refused in redis-sentinel’s words', async (text) => {
    const [mine, theirs] = await Promise.all([runToEnd('ours', text), runToEnd('stock', text)]);
    expect(mine).toEqual(theirs);
    expect(mine.code).toBe(1);
  });

  test('what one of the two has written the other reads, and it means the same', async () => {
    const watched = await Watched.start({
      sentinels: ['ours', 'stock', 'ours'], replicas: 1,
      lines: ['# by hand', 'sentinel parallel-syncs mymaster 2', 'sentinel auth-pass mymaster "a-b"', 'sentinel rename-command mymaster GEOADD added', 'sentinel deny-scripts-reconfig no', 'sentinel announce-ip "127.0.0.1"'],
    });
    try {
      await watched.failOver();
      const lastWords = async (sentinel: SentinelProcess) => {
        await sentinel.ask('SENTINEL', 'FLUSHCONFIG');
        return sentinel.configText.split('\n').filter((line) => line.startsWith('sentinel ')).sort();
      };
      for (const sentinel of watched.sentinels) {
        const before = await lastWords(sentinel);
        expect(sentinel.configText).toContain('# by hand');
        await sentinel.end();
        await sentinel.begin(sentinel.kind === 'ours' ? 'stock' : 'ours');
        expect(await sentinel.primaryPort()).toBe(Number(/monitor mymaster \S+ (\d+)/.exec(before.join('\n'))![1]));
        const comparable = (lines: string[]) => lines.map((line) => line.replace(/"(\S+)"/, '$1')).sort(); // one of them quotes an address
        expect(comparable(await lastWords(sentinel))).toEqual(comparable(before));
      }
    } finally {
      await watched.stop();
    }
  }, 120_000);

  test('a vote that was given is in the file, and no temporary file is left', async () => {
    const watched = await Watched.start({ sentinels: ['ours'], replicas: 0, quorum: 1 });
    try {
      const [sentinel] = watched.sentinels as [SentinelProcess];
      const port = await sentinel.primaryPort();
      const candidate = 'c'.repeat(40);
      expect(await sentinel.ask('SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', String(port), '9', candidate)).toEqual([0, candidate, 9]);
      await sentinel.end('SIGKILL');
      expect(readFileSync(sentinel.configFile, 'latin1')).toContain('sentinel leader-epoch mymaster 9\n');
      await sentinel.begin();
      expect(await sentinel.ask('SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', String(port), '9', 'd'.repeat(40))).toEqual([0, '*', 9]);
    } finally {
      await watched.stop();
    }
  }, 60_000);

  test('scripts are told of events and of a new primary', async () => {
    const watched = await Watched.start({ sentinels: ['ours'], replicas: 1, quorum: 1, lines: ['sentinel deny-scripts-reconfig no'] });
    try {
      const [sentinel] = watched.sentinels as [SentinelProcess];
      const script = `${sentinel.dir}/told.sh`;
      writeFileSync(script, `#!/bin/sh\necho "$@" >> ${sentinel.dir}/told\n`, { mode: 0o755 });
      await sentinel.ask('SENTINEL', 'SET', 'mymaster', 'notification-script', script, 'client-reconfig-script', script);
      const old = await sentinel.primaryPort();
      const next = await watched.failOver();
      await waitFor('the script to be told', () => {
        const told = readFileSync(`${sentinel.dir}/told`, 'latin1');
        return told.includes(`+sdown master mymaster 127.0.0.1 ${old}\n`) && told.includes(`mymaster leader start 127.0.0.1 ${old} 127.0.0.1 ${next}\n`) && told.includes('+switch-master mymaster');
      });
    } finally {
      await watched.stop();
    }
  }, 60_000);
});
