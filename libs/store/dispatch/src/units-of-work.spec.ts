/**
 * The road of a command through gates, transactions, watches and waiters, with a handful of commands made for it.
 */
import { TYPE_STRING, copyBytes } from '@larder/store-datatypes';
import { NOTIFY_GENERIC, NOTIFY_STRING } from '@larder/store-keyspace';
import { Arena, ArenaFull } from '@larder/store-memory';
import { Args } from '@larder/store-resp';
import { Threads } from '@larder/store-threads';
import type { CommandRow } from './command';
import { DISK_FAILS, HAS_MAXMEMORY, IS_BUSY, IS_LOADING, NEEDS_AUTH, RESTRICTED, SUBSCRIBED } from './session';
import { TestStore } from './testing';
import type { Unit } from './unit';

function write(unit: Unit, i: number, v: number): void {
  const { args, keyspace, view } = unit;
  const found = unit.lookupWrite(i);
  if (found === 0) keyspace.create(TYPE_STRING, 0, 0, args.len[v]!);
  else keyspace.replace(TYPE_STRING, 0, 0, args.len[v]!);
  copyBytes(args.buf, args.off[v]!, view.u8, view.valueOffset, args.len[v]!);
  keyspace.changed(NOTIFY_STRING, 'set');
}

/** A key holds one thing here, and BLPOP takes it. */
function pop(unit: Unit): void {
  const { args, reply, view, keyspace } = unit;
  const ms = unit.timeoutArg(args.count - 1);
  if (ms !== ms) return;
  for (let i = 1; i < args.count - 1; i++) {
    if (!unit.isReadyArg(i) || unit.lookupWrite(i) === 0) continue;
    reply.array(2);
    reply.bulk(args.buf, args.off[i]!, args.len[i]!);
    reply.bulk(view.u8, view.valueOffset, view.valueLength);
    keyspace.remove();
    keyspace.changed(NOTIFY_GENERIC, 'del');
    return;
  }
  unit.block(Array.from({ length: args.count - 2 }, (_, k) => k + 1), ms, 'array');
}

const rows: readonly CommandRow[] = [
  { name: 'ping', needs: 'none', run: (unit) => unit.reply.simple('PONG') },
  { name: 'save', needs: 'exclusive', run: (unit) => unit.reply.ok() },
  {
    name: 'set',
    needs: 'keys',
    run: (unit) => {
      write(unit, 1, 2);
      unit.reply.ok();
    },
  },
  {
    name: 'mset',
    needs: 'keys',
    run: (unit) => {
      for (let i = 1; i < unit.args.count; i += 2) write(unit, i, i + 1);
      unit.reply.ok();
    },
  },
  {
    name: 'get',
    needs: 'keys',
    run: (unit) => {
      if (unit.lookupRead(1) === 0) unit.reply.nullBulk();
      else unit.reply.bulk(unit.view.u8, unit.view.valueOffset, unit.view.valueLength);
    },
  },
  {
    name: 'mget',
    needs: 'keys',
    run: (unit) => {
      unit.reply.array(unit.args.count - 1);
      for (let i = 1; i < unit.args.count; i++) {
        if (unit.lookupRead(i) === 0) unit.reply.nullBulk();
        else unit.reply.bulk(unit.view.u8, unit.view.valueOffset, unit.view.valueLength);
      }
    },
  },
  {
    name: 'del',
    needs: 'keys',
    run: (unit) => {
      if (unit.lookupWrite(1) === 0) return unit.reply.integer(0);
      unit.keyspace.remove();
      unit.keyspace.changed(NOTIFY_GENERIC, 'del');
      unit.reply.integer(1);
    },
  },
  { name: 'blpop', needs: 'keys', run: pop },
];

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

/** A store, and the host's answers in its hands. */
function world() {
  const store = new TestStore(rows);
  const host = store.dispatcher.host as unknown as { makeRoom: () => boolean; forbids: () => string | undefined; commandFailed: (command: unknown, error: string) => void };
  const failed: string[] = [];
  host.commandFailed = (_, error) => void failed.push(error);
  return { store, host, failed };
}

describe('gates', () => {
  it('ask in their printed order, and the first that refuses answers', () => {
    const { store, host } = world();
    const { session, dispatcher } = store;
    store.run('MULTI');
    session.conditions |= NEEDS_AUTH | RESTRICTED | SUBSCRIBED;
    dispatcher.conditions = HAS_MAXMEMORY | DISK_FAILS | IS_LOADING | IS_BUSY;
    host.makeRoom = () => false;
    host.forbids = () => 'NOPERM not for you';
    const steps: [string, () => void][] = [
      ['-NOAUTH Authentication required.', () => (session.conditions &= ~NEEDS_AUTH)],
      ['-NOPERM not for you', () => (host.forbids = () => undefined)],
      [OOM.trim(), () => (host.makeRoom = () => true)],
      ['-MISCONF Redis is configured', () => (dispatcher.conditions &= ~DISK_FAILS)],
      ["-ERR Can't execute 'set': only", () => (session.conditions &= ~SUBSCRIBED)],
      ['-LOADING Redis is loading the dataset in memory', () => (dispatcher.conditions &= ~IS_LOADING)],
      ['-BUSY Redis is busy running a script.', () => (dispatcher.conditions &= ~IS_BUSY)],
      ['+QUEUED', () => undefined],
    ];
    for (const [words, pass] of steps) {
      expect(store.run('SET k v').slice(0, words.length)).toBe(words);
      pass();
    }
    // Whatever was refused on the way has spoilt the transaction.
    expect(store.run('EXEC')).toBe('-EXECABORT Transaction discarded because of previous errors.\r\n');
  });

  it('are asked after existence and number of arguments', () => {
    const { store } = world();
    store.session.conditions |= NEEDS_AUTH;
    expect(store.run('NOSUCH')).toMatch(/^-ERR unknown command/);
    expect(store.run('GET')).toBe("-ERR wrong number of arguments for 'get' command\r\n");
    expect(store.run('GET k')).toMatch(/^-NOAUTH/);
  });

  it('let reads and deletions pass where memory is out, but not what would fill a transaction', () => {
    const { store, host } = world();
    store.run('SET k v');
    store.dispatcher.conditions |= HAS_MAXMEMORY;
    host.makeRoom = () => false;
    expect(store.run('SET k w')).toBe(OOM);
    expect(store.run('GET k')).toBe('$1\r\nv\r\n');
    expect(store.run('DEL k')).toBe(':1\r\n');
    host.makeRoom = () => true;
    store.run('MULTI');
    store.run('SET k v');
    host.makeRoom = () => false;
    expect(store.run('EXEC')).toMatch(/^-EXECABORT Transaction discarded because of: OOM /);
    expect(store.run('EXEC')).toBe('-ERR EXEC without MULTI\r\n');
  });

  it('tell the host of each refusal once', () => {
    const { store, failed } = world();
    store.run('NOSUCH');
    store.run('GET');
    store.session.conditions |= NEEDS_AUTH;
    store.run('GET k');
    expect(failed.map((error) => error.split(' ').slice(0, 2).join(' '))).toEqual(['ERR unknown', 'ERR wrong', 'NOAUTH Authentication']);
  });
});

describe('transactions', () => {
  it('run what was queued as one, in order, each with its reply', () => {
    const { store } = world();
    expect(['MULTI', 'SET k 1', 'GET k', 'DEL k', 'GET k', 'EXEC'].map((line) => store.run(line))).toEqual([
      '+OK\r\n', '+QUEUED\r\n', '+QUEUED\r\n', '+QUEUED\r\n', '+QUEUED\r\n', '*4\r\n+OK\r\n$1\r\n1\r\n:1\r\n$-1\r\n',
    ]);
  });

  it('keep what they queued though the buffer it came in is used again', () => {
    const { store } = world();
    const args = new Args().set(['SET', 'k', 'first']);
    store.run('MULTI');
    store.dispatcher.dispatch(store.session, args);
    args.buf.fill('x');
    store.run('EXEC');
    expect(store.run('GET k')).toBe('$5\r\nfirst\r\n');
  });

  it.each([
    ['an unknown command', 'NOSUCH'],
    ['a wrong number of arguments', 'GET'],
    ['a command not allowed in one', 'SAVE'],
  ])('end as a whole after %s', (_, line) => {
    const { store } = world();
    store.run('MULTI');
    store.run('SET k v');
    expect(store.run(line)).toMatch(/^-ERR/);
    expect(store.run('EXEC')).toBe('-EXECABORT Transaction discarded because of previous errors.\r\n');
    expect(store.run('GET k')).toBe('$-1\r\n');
    expect(store.run('MULTI')).toBe('+OK\r\n');
  });

  it('refuse to nest, to be ended twice, and forget everything on DISCARD', () => {
    const { store } = world();
    expect(store.run('EXEC')).toBe('-ERR EXEC without MULTI\r\n');
    expect(store.run('DISCARD')).toBe('-ERR DISCARD without MULTI\r\n');
    store.run('WATCH k');
    store.run('MULTI');
    expect(store.run('MULTI')).toBe('-ERR MULTI calls can not be nested\r\n');
    expect(store.run('WATCH k')).toBe('-ERR WATCH inside MULTI is not allowed\r\n');
    store.run('SET k v');
    expect(store.run('DISCARD')).toBe('+OK\r\n');
    expect(store.run('GET k')).toBe('$-1\r\n');
    expect(store.keyspace.listener).toBeNull();
  });

  it('go on after one of their commands ran out of memory', () => {
    const { store } = world();
    const { arena } = store;
    const alloc = arena.alloc.bind(arena);
    arena.alloc = (shard, bytes) => {
      if (bytes > 1000) throw new ArenaFull(bytes);
      return alloc(shard, bytes);
    };
    store.run('MULTI');
    store.run('SET a 1');
    store.run(['SET', 'b', 'x'.repeat(2000)]);
    store.run('SET c 3');
    expect(store.run('EXEC')).toBe(`*3\r\n+OK\r\n${OOM}+OK\r\n`);
    expect(store.run('GET b')).toBe('$-1\r\n');
  });
});

describe('a reply that outgrows its bound', () => {
  it('is taken back and answered by an error, alone or in a transaction, and what follows is served', () => {
    const { store } = world();
    store.reply.bytesMax = 2 << 20;
    const large = 'x'.repeat(900_000);
    store.run(['SET', 'k', large]);
    const line = Array.from({ length: 4 }, () => 'k').join(' ');
    expect(store.run(`MGET ${line}`)).toBe('-ERR the reply is too large\r\n');
    expect(store.run('GET k').length).toBeGreaterThan(900_000);
    store.run('MULTI');
    for (let i = 0; i < 4; i++) store.run('GET k');
    const reply = store.run('EXEC');
    expect(reply.endsWith('-ERR the reply is too large\r\n-ERR the reply is too large\r\n')).toBe(true);
    expect(store.run('PING')).toBe('+PONG\r\n');
  });
});

describe('WATCH', () => {
  const outcome = (between: (store: TestStore) => void, before: (store: TestStore) => void = () => undefined): string => {
    const { store } = world();
    before(store);
    store.run('WATCH k other');
    between(store);
    store.run('MULTI');
    store.run('PING');
    return store.run('EXEC');
  };
  const other = (line: string) => (store: TestStore) => void store.run(line, store.connect());

  it.each([
    ['another client sets the key', other('SET k v')],
    ['the same client does', (store: TestStore) => void store.run('SET k v')],
    ['one of several keys changes', other('SET other v')],
    ['the key goes', (store: TestStore) => void (store.run('SET k v'), store.run('DEL k'))],
  ])('breaks the transaction when %s', (_, between) => expect(outcome(between)).toBe('*-1\r\n'));

  it.each([
    ['nothing happens', () => undefined],
    ['another key changes', other('SET k2 v')],
    ['the key is read', other('GET k')],
    ['the key is changed in another database', (store: TestStore) => {
      const session = store.connect();
      session.database = 3;
      store.run('SET k v', session);
    }],
    ['UNWATCH came', (store: TestStore) => void (store.run('SET k v'), store.run('UNWATCH'))],
  ])('lets it run when %s', (_, between) => expect(outcome(between)).toBe('*1\r\n+PONG\r\n'));

  it('breaks when a watched key passed its time before EXEC, not when it had before WATCH', () => {
    const expiring = (store: TestStore) => {
      store.run('SET k v');
      store.keyspace.lookupWrite(0, Buffer.from('k'), 0, 1);
      store.keyspace.setExpiry(store.keyspace.now + 10);
    };
    expect(outcome((store) => store.step(11), expiring)).toBe('*-1\r\n');
    expect(outcome(() => undefined, (store) => (expiring(store), store.step(11)))).toBe('*1\r\n+PONG\r\n');
  });

  it('dies with its session', () => {
    const { store } = world();
    const session = store.connect();
    store.run('WATCH k', session);
    expect(store.keyspace.listener).not.toBeNull();
    store.dispatcher.forget(session);
    expect(store.keyspace.listener).toBeNull();
  });
});

describe('waiting', () => {
  it('is served in the order it began, each by what came, and costs nothing once it is over', () => {
    const { store } = world();
    const [first, second, third] = [store.connect(), store.connect(), store.connect()];
    for (const session of [first, second, third]) expect(store.run('BLPOP k 0', session)).toBe('');
    store.run('SET k one');
    expect(first.delivered).toEqual(['*2\r\n$1\r\nk\r\n$3\r\none\r\n']);
    expect(store.run('GET k')).toBe('$-1\r\n');
    store.run('SET k two');
    expect([second.delivered.length, third.delivered.length]).toEqual([1, 0]);
    store.dispatcher.forget(third);
    expect(store.run('SET k three')).toBe('+OK\r\n');
    expect(store.run('GET k')).toBe('$5\r\nthree\r\n');
    expect(store.keyspace.listener).toBeNull();
  });

  it('keeps its place when what came is gone before its turn', () => {
    const { store } = world();
    const [first, second] = [store.connect(), store.connect()];
    store.run('BLPOP a b 0', first);
    store.run('BLPOP a 0', second);
    store.run('MULTI');
    store.run('SET a 1');
    store.run('DEL a');
    store.run('EXEC');
    expect([first.delivered, second.delivered]).toEqual([[], []]);
    store.run('SET a 2');
    expect([first.delivered.length, second.delivered.length]).toEqual([1, 0]);
  });

  it('sees a transaction only when all of it has run', () => {
    const { store } = world();
    const waiter = store.connect();
    store.run('BLPOP a 0', waiter);
    store.run('MULTI');
    store.run('SET a early');
    store.run('SET a late');
    expect(store.run('EXEC')).toBe('*2\r\n+OK\r\n+OK\r\n');
    expect(waiter.delivered).toEqual(['*2\r\n$1\r\na\r\n$4\r\nlate\r\n']);
  });

  it('ends at its time, not before, and answers nothing to EXEC', () => {
    const { store } = world();
    const waiter = store.connect();
    store.run('BLPOP a 1.5', waiter);
    store.step(1499);
    expect(waiter.delivered).toEqual([]);
    store.step(1);
    expect(waiter.delivered).toEqual(['*-1\r\n']);
    expect(waiter.blocked).toBeNull();
    store.run('MULTI');
    store.run('BLPOP a 0');
    expect(store.run('EXEC')).toBe('*1\r\n*-1\r\n');
    expect(store.session.blocked).toBeNull();
  });

  it('answers in the protocol of who waited', () => {
    const { store } = world();
    const waiter = store.connect();
    waiter.protocol = 3;
    store.run('BLPOP a 1', waiter);
    store.step(1000);
    expect(waiter.delivered).toEqual(['_\r\n']);
    expect(store.run('GET a')).toBe('$-1\r\n');
  });

  it('takes keys that one command brought in the order it brought them', () => {
    const { store } = world();
    const [onB, onA] = [store.connect(), store.connect()];
    store.run('BLPOP b 0', onB);
    store.run('BLPOP a b 0', onA);
    store.run('MSET a 1 b 2');
    expect(onA.delivered).toEqual(['*2\r\n$1\r\na\r\n$1\r\n1\r\n']);
    expect(onB.delivered).toEqual(['*2\r\n$1\r\nb\r\n$1\r\n2\r\n']);
  });
});

describe('an exclusive section', () => {
  function besideAnother() {
    const shared = Threads.reserve(2, 4);
    const [own, other] = [0, 1].map((i) => new Threads(shared, i, new Arena({ shards: 1, segments: 1, segmentBytes: 1 << 20 }), () => 0));
    const store = new TestStore(rows, [], 4, undefined, own);
    own!.gate.enter();
    return { store, gate: own!.gate, other: other!.gate };
  }

  it('is kept for a few units of the turn, whatever they reach, and then the others are let in', () => {
    const { store, gate, other } = besideAnother();
    store.run('save');
    let units = 0;
    for (; gate.isAlone; units++) expect(store.run(`set key${units} x`)).toBe('+OK\r\n');
    expect(units).toBeGreaterThan(4);
    expect(units).toBeLessThan(64);
    expect(other.isStopping).toBe(false);
    expect(store.dispatcher.holds(1)).toBe(false);
    // Nor for long.
    store.run('save');
    store.elapsed += 1;
    store.run('set key x');
    expect(gate.isAlone).toBe(false);
  });

  it('is over before a command that reaches nothing, before other work takes shards, and at the end of the turn', () => {
    const { store, gate, other } = besideAnother();
    const endings: (() => void)[] = [() => store.run('ping'), () => store.dispatcher.hold(1, () => expect(gate.isAlone).toBe(false)), () => store.dispatcher.letOthersIn()];
    for (const end of endings) {
      store.run('save');
      expect([gate.isAlone, other.isStopping]).toEqual([true, true]);
      end();
      expect([gate.isAlone, gate.isInside, other.isStopping]).toEqual([false, true, false]);
    }
  });
});
