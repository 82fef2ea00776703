import type { CommandRow } from './command';
import { HAS_MAXMEMORY } from './session';
import { TestStore } from './testing';

/** Commands that show what the dispatcher does with them. */
const rows: readonly CommandRow[] = [
  { name: 'get', needs: 'keys', run: (unit) => unit.reply.nullBulk() },
  { name: 'set', needs: 'keys', run: (unit) => unit.reply.ok() },
  { name: 'incr', needs: 'keys', run: (unit) => unit.reply.error('ERR value is not an integer or out of range') },
  { name: 'wait', needs: 'none', run: (unit) => unit.block([], unit.timeoutArg(2), 'zero') },
  { name: 'config', needs: 'none', run: (unit) => unit.wrongArity() },
  { name: 'config|get', needs: 'none', run: (unit) => unit.reply.map(0) },
  { name: 'pubsub', needs: 'none', run: (unit) => unit.wrongArity() },
  { name: 'pubsub|channels', needs: 'none', run: (unit) => unit.subcommandError() },
  { name: 'select', needs: 'none', run: (unit) => void (unit.int32Arg(1) === 0 && unit.reply.ok()) },
  { name: 'swapdb', needs: 'none', run: (unit) => void (unit.int32Arg(1, 'ERR invalid first DB index') === 0 && unit.reply.ok()) },
];
const stats = (s: TestStore, name: string) => {
  const { calls, rejected, failed } = s.dispatcher.table.named(name)!;
  return { calls, rejected, failed };
};

describe('Dispatcher', () => {
  it('counts calls, refusals and failures with the command, or subcommand, that was meant', () => {
    const s = new TestStore(rows);
    s.run('GET a');
    s.run('GET');
    s.run('INCR a');
    s.run('CONFIG GET');
    s.run('CONFIG NOSUCH');
    expect(stats(s, 'get')).toEqual({ calls: 1, rejected: 1, failed: 0 });
    expect(stats(s, 'incr')).toEqual({ calls: 1, rejected: 0, failed: 1 });
    expect(stats(s, 'config|get')).toEqual({ calls: 0, rejected: 1, failed: 0 });
    expect(stats(s, 'config')).toEqual({ calls: 0, rejected: 0, failed: 0 });
  });

  it('counts a command that waits when it is answered', () => {
    const s = new TestStore(rows);
    expect(s.run('WAIT 1 0.1')).toBe('');
    expect(stats(s, 'wait').calls).toBe(0);
    s.step(101);
    expect(s.session.delivered).toEqual([':0\r\n']);
    expect(stats(s, 'wait').calls).toBe(1);
  });

  it('measures the first calls, then every sixteenth for sixteen', () => {
    const s = new TestStore(rows);
    let readings = 0;
    s.dispatcher.host.monotonic = () => readings++;
    for (let i = 0; i < 64; i++) s.run('SET a b');
    expect(readings).toBe(2 * (16 + 3));
    expect(s.dispatcher.table.named('set')!.timing.usec).toBe(64_000);
  });

  it('tells commands that took long', () => {
    const s = new TestStore(rows);
    const slow: string[] = [];
    let now = 0;
    s.dispatcher.host.monotonic = () => (now += 5);
    s.dispatcher.host.wasSlow = (_session, args, usec) => slow.push(`${args.text(0)} ${usec}`);
    s.dispatcher.slowAfterUsec = 5001;
    s.run('GET a');
    s.dispatcher.slowAfterUsec = 5000;
    s.run('GET a');
    expect(slow).toEqual(['GET 5000']);
  });

  it('queues nothing more when memory is over its limit, but lets the client out', () => {
    const s = new TestStore(rows);
    s.dispatcher.host.makeRoom = () => false;
    s.run('MULTI');
    s.dispatcher.conditions |= HAS_MAXMEMORY;
    expect(s.run('GET a')).toMatch(/^-OOM /);
    expect(s.run('EXEC')).toBe('-EXECABORT Transaction discarded because of previous errors.\r\n');
    expect(s.run('GET a')).toBe('$-1\r\n');
  });

  it('takes a web browser for what it is', () => {
    const s = new TestStore(rows);
    expect(s.run('POST / HTTP/1.1')).toBe('');
    expect(s.session.closing).toBe(true);
  });

  it('answers refusals of arguments in the words of Redis', () => {
    const s = new TestStore(rows);
    expect(s.run('SELECT 99999999999')).toBe('-ERR value is out of range, value must between -2147483648 and 2147483647\r\n');
    expect(s.run('SWAPDB 99999999999 0')).toBe('-ERR invalid first DB index\r\n');
    expect(s.run('PUBSUB CHANNELS a b')).toBe("-ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.\r\n");
    expect(s.run('WAIT 1 1e400')).toBe('-ERR timeout is negative\r\n');
    expect(s.run('WAIT 1 nan')).toBe('-ERR timeout is not a float or out of range\r\n');
  });
});
