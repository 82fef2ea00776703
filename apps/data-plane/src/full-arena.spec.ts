/**
 * The arena runs full at every single allocation of every command that makes or changes something.
 *
 * Then the client hears OOM (or the command went on without that piece of memory), nothing is lost or owned twice, keys with
 * a time to live are listed as such, and one key's change has happened whole or not at all.
 */
import {
  bitmapCommands,
  databaseCommands,
  expiryCommands,
  geoCommands,
  hashCommands,
  hyperloglogCommands,
  keyCommands,
  listCommands,
  setCommands,
  sortCommands,
  streamCommands,
  stringCommands,
  zsetCommands,
} from '@larder/store-commands';
import { TestStore } from '@larder/store-dispatch/testing';
import { ArenaFull } from '@larder/store-memory';
import { dumpCommands } from '@larder/store-persistence';
import { REDIS_DUMPS } from './redis-dumps.testing';
import { codecs, kinds } from './wire';

const rows = [
  ...stringCommands,
  ...bitmapCommands,
  ...hyperloglogCommands,
  ...geoCommands,
  ...keyCommands,
  ...expiryCommands,
  ...databaseCommands,
  ...hashCommands,
  ...listCommands,
  ...setCommands,
  ...sortCommands,
  ...zsetCommands,
  ...streamCommands,
  ...dumpCommands(codecs),
];

const many = (count: number, make: (i: number) => string[]) => Array.from({ length: count }, (_, i) => make(i)).flat();
const long = 'x'.repeat(70_000);

/** Values of every type and encoding, some with a time to live. */
const SETUP: readonly string[][] = [
  ['SET', 's', 'value'],
  ['SET', 'n', '41'],
  ['SET', 'expiring', 'value', 'EX', '1000'],
  ['RPUSH', 'l', 'a', 'b', 'c'],
  ['RPUSH', 'l:large', ...many(700, (i) => [`element:${i}`.padEnd(30, '.')])],
  ['SADD', 's:int', '1', '2', '3'],
  ['SADD', 's:table', 'a', 'b', 'c'],
  ['SADD', 's:full', ...many(512, (i) => [String(i)])],
  ['HSET', 'h', 'f', 'v', 'g', '1'],
  ['HSET', 'h:full', ...many(128, (i) => [`f${i}`, 'v'])],
  ['HSET', 'h:table', ...many(300, (i) => [`f${i}`, 'v'])],
  ['ZADD', 'z', '1', 'a', '2', 'b', '3', 'c'],
  ['ZADD', 'z:full', ...many(128, (i) => [String(i), `m${i}`])],
  ['ZADD', 'z:tree', ...many(300, (i) => [String(i), `m${i}`])],
  ['GEOADD', 'geo', '13.36', '38.11', 'Palermo', '15.08', '37.5', 'Catania'],
  ['PFADD', 'pf', ...many(40, (i) => [`e${i}`])],
  ['PFADD', 'pf:dense', ...many(2000, (i) => [`e${i}`])],
  ['XADD', 'x', '1-1', 'f', 'v'],
  ['XADD', 'x:groups', '1-1', 'f', 'v'],
  ['XADD', 'x:groups', '1-2', 'f', 'v'],
  ['XADD', 'x:groups', '1-3', 'f', 'v'],
  ['XGROUP', 'CREATE', 'x:groups', 'g', '0'],
  ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '2', 'STREAMS', 'x:groups', '>'],
  ['HSET', 'h:times', 'f', 'v', 'g', '1'],
  ['HEXPIRE', 'h:times', '1000', 'FIELDS', '1', 'g'],
  ['HSET', 'h:timestable', 'f', 'v', 'g', '1', 'long', 'v'.repeat(100)],
  ['HEXPIRE', 'h:timestable', '1000', 'FIELDS', '1', 'g'],
  ['EXPIRE', 'h:table', '1000'],
  ['EXPIRE', 'z', '1000'],
];

const COMMANDS: readonly (readonly (string | Uint8Array)[])[] = [
  ['SET', 'new', 'v'], ['SET', 's', long], ['SET', 'new', 'v', 'EX', '10'], ['SET', 's', 'other', 'EX', '10'], ['SET', 'expiring', long, 'KEEPTTL'],
  ['SET', 'expiring', 'v', 'PX', '5'], ['SET', 'h:table', 'v', 'EX', '10'], ['SETEX', 'l', '10', 'v'], ['GETSET', 'n', long], ['GETEX', 's', 'EX', '10'], ['GETEX', 'expiring', 'PERSIST'],
  ['APPEND', 's', long], ['APPEND', 'new', 'v'], ['SETRANGE', 's', '100', long], ['INCR', 'n'], ['INCR', 'new'], ['INCRBYFLOAT', 'n', '0.25'], ['SETNX', 'new', 'v'], ['GETDEL', 'expiring'],
  ['EXPIRE', 's', '10'], ['EXPIRE', 'l:large', '10'], ['PERSIST', 'expiring'], ['PERSIST', 'z'], ['EXPIRE', 's', '-1'],
  ['RENAME', 's', 'new'], ['RENAME', 'z', 'new'], ['RENAME', 'z', 's'], ['RENAME', 'h:table', 'l:large'], ['RENAME', 'expiring', 'z:tree'], ['RENAMENX', 'l:large', 'new'],
  ['COPY', 's', 'new'], ['COPY', 'h:table', 'new'], ['COPY', 'z:tree', 'z', 'REPLACE'], ['COPY', 'l:large', 's', 'REPLACE'], ['COPY', 's:full', 'new'], ['COPY', 's:table', 'new'], ['COPY', 'x', 'new'], ['MOVE', 'z', '1'], ['MOVE', 'l:large', '1'],
  ['DEL', 's', 'h:table'], ['UNLINK', 'z:tree'],
  ['LPUSH', 'l', 'new'], ['RPUSH', 'new', 'a', 'b'], ['RPUSH', 'l', long], ['LPUSH', 'l:large', ...many(400, (i) => [`e${i}`.padEnd(40, '.')])], ['LINSERT', 'l:large', 'BEFORE', 'element:300'.padEnd(30, '.'), long], ['LINSERT', 'l', 'AFTER', 'b', 'new'],
  ['LSET', 'l:large', '350', long], ['LSET', 'l', '1', 'other'], ['LREM', 'l', '0', 'b'], ['LTRIM', 'l:large', '1', '-2'], ['LPOP', 'l'], ['LMOVE', 'l', 'l:large', 'LEFT', 'RIGHT'], ['LMOVE', 'l', 'new', 'LEFT', 'LEFT'], ['RPOPLPUSH', 'l:large', 'new'],
  ['SADD', 's:int', '4'], ['SADD', 's:int', '70000000000'], ['SADD', 's:int', 'word'], ['SADD', 's:full', '9999'], ['SADD', 's:table', 'd', 'e'], ['SADD', 'new', 'a', '1'], ['SADD', 'new', '1'], ['SREM', 's:table', 'a'], ['SREM', 's:int', '1'], ['SPOP', 's:int'], ['SMOVE', 's:table', 's:int', 'a'], ['SMOVE', 's:table', 'new', 'a'],
  ['SUNIONSTORE', 'new', 's:int', 's:table'], ['SINTERSTORE', 's', 's:full', 's:int'], ['SDIFFSTORE', 'h:table', 's:full', 's:int'],
  ['HSET', 'h', 'new', 'v'], ['HSET', 'h', 'f', long], ['HSET', 'h:full', 'new', 'v'], ['HSET', 'h:table', 'f1', long], ['HSET', 'h:table', 'new', 'v'], ['HSET', 'new', 'f', 'v'], ['HSETNX', 'h', 'new', 'v'], ['HINCRBY', 'h', 'g', '1000'], ['HINCRBYFLOAT', 'h', 'g', '0.5'], ['HINCRBY', 'h:table', 'new', '1'], ['HDEL', 'h', 'f'], ['HDEL', 'h:table', 'f1'],
  ['ZADD', 'z', '9', 'new'], ['ZADD', 'z', '9', long], ['ZADD', 'z:full', '9', 'new'], ['ZADD', 'z:tree', '9', 'new'], ['ZADD', 'z:tree', '9.5', 'm1'], ['ZADD', 'new', '1', 'a'], ['ZINCRBY', 'z', '5', 'a'], ['ZINCRBY', 'z:tree', '5', 'new'], ['ZREM', 'z', 'a'], ['ZREM', 'z:tree', 'm5'], ['ZPOPMIN', 'z:tree'],
  ['ZUNIONSTORE', 'new', '2', 'z', 'z:full'], ['ZINTERSTORE', 's', '2', 'z:tree', 'z:full'], ['ZRANGESTORE', 'l', 'z:tree', '0', '-1'], ['ZDIFFSTORE', 'new', '2', 'z:tree', 'z'],
  ['XADD', 'x', '2-1', 'f', 'v'], ['XADD', 'new', '*', 'f', long], ['XADD', 'x', 'MAXLEN', '1', '3-1', 'f', 'v'], ['XTRIM', 'x', 'MAXLEN', '0'], ['XDEL', 'x', '1-1'], ['XSETID', 'x', '9-9'],
  ['XGROUP', 'CREATE', 'x', 'g', '0'], ['XGROUP', 'CREATE', 'new', 'g', '$', 'MKSTREAM'], ['XGROUP', 'CREATE', 'x:groups', 'h', '0'], ['XGROUP', 'CREATECONSUMER', 'x:groups', 'g', 'd'], ['XGROUP', 'DELCONSUMER', 'x:groups', 'g', 'c'], ['XGROUP', 'DESTROY', 'x:groups', 'g'],
  ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'x:groups', '>'], ['XREADGROUP', 'GROUP', 'g', 'd', 'STREAMS', 'x:groups', '>'], ['XACK', 'x:groups', 'g', '1-1'], ['XCLAIM', 'x:groups', 'g', 'c', '0', '1-3', 'FORCE'], ['XCLAIM', 'x:groups', 'g', 'd', '0', '1-1'], ['XAUTOCLAIM', 'x:groups', 'g', 'd', '0', '-'], ['COPY', 'x:groups', 'new'], ['RENAME', 'x:groups', 'new'],
  ['HEXPIRE', 'h', '10', 'FIELDS', '1', 'f'], ['HEXPIRE', 'h:times', '10', 'FIELDS', '1', 'f'], ['HEXPIRE', 'h:times', '10', 'FIELDS', '1', 'g'], ['HEXPIRE', 'h:timestable', '10', 'FIELDS', '1', 'f'], ['HEXPIRE', 'h:timestable', '10', 'FIELDS', '1', 'g'], ['HEXPIRE', 'h:table', '10', 'FIELDS', '1', 'f7'],
  ['HPERSIST', 'h:times', 'FIELDS', '1', 'g'], ['HPERSIST', 'h:timestable', 'FIELDS', '1', 'g'], ['HGETDEL', 'h:timestable', 'FIELDS', '1', 'g'], ['HSET', 'h:times', 'g', long], ['HSET', 'h:timestable', 'g', long], ['HINCRBY', 'h:timestable', 'g', '100000000000000'], ['HINCRBY', 'h:times', 'g', '1'],
  ['HSETEX', 'h:times', 'KEEPTTL', 'FIELDS', '1', 'g', long], ['HSETEX', 'h:timestable', 'KEEPTTL', 'FIELDS', '1', 'g', long], ['HSETEX', 'h:times', 'EX', '5', 'FIELDS', '2', 'new', 'v', 'f', 'w'], ['HSETEX', 'new', 'EX', '5', 'FIELDS', '1', 'new', 'v'], ['COPY', 'h:times', 'new'], ['COPY', 'h:timestable', 'new'],
  ['SETBIT', 'new', '90000', '1'], ['SETBIT', 's', '900000', '1'], ['SETBIT', 'expiring', '7', '1'], ['BITOP', 'OR', 'new', 's', 'n'], ['BITOP', 'NOT', 'h:table', 's'], ['BITFIELD', 'expiring', 'SET', 'u8', '#90000', '7', 'INCRBY', 'i5', '3', '2'],
  ['PFADD', 'new', 'a', 'b'], ['PFADD', 'pf', ...many(60, (i) => [`f${i}`])], ['PFMERGE', 'new', 'pf', 'pf:dense'], ['PFMERGE', 'pf', 'pf:dense'], ['PFDEBUG', 'TODENSE', 'pf'], ['PFCOUNT', 'pf'],
  ['GEOADD', 'geo', '1', '1', 'new'], ['GEOADD', 'new', '1', '1', 'a'], ['GEOSEARCHSTORE', 'new', 'geo', 'FROMLONLAT', '15', '37', 'BYRADIUS', '300', 'km'], ['GEORADIUS', 'geo', '15', '37', '300', 'km', 'STOREDIST', 'h:table'],
  ['SORT', 'l', 'ALPHA', 'STORE', 'new'], ['SORT', 's:int', 'STORE', 's'],
  ...Object.values(REDIS_DUMPS).flatMap((text) => [
    ['RESTORE', 'new', '0', Buffer.from(text, 'base64')],
    ['RESTORE', 'new', '1000', Buffer.from(text, 'base64')],
  ]),
];

/** Commands that change several elements or keys one by one, as in Redis: the first ones may have been changed. */
const STEPWISE = new Set(['LPUSH', 'RPUSH', 'SADD', 'SMOVE', 'LMOVE', 'RPOPLPUSH', 'PFADD', 'PFMERGE', 'XREADGROUP', 'XCLAIM', 'XAUTOCLAIM', 'HSETEX']);

class FullArena {
  readonly store = new TestStore(rows, kinds);
  readonly clean: number;
  private readonly alloc: (shard: number, bytes: number) => number;
  private left = Infinity;

  constructor() {
    const { arena } = this.store;
    this.alloc = arena.alloc.bind(arena);
    arena.alloc = (shard, bytes) => {
      if (this.left-- <= 0) throw new ArenaFull(bytes);
      return this.alloc(shard, bytes);
    };
    this.clean = arena.used;
  }

  /** Runs with memory for so many allocations. True when they were too few. */
  runWith(allocations: number, command: readonly (string | Uint8Array)[]): { reply: string; ranOut: boolean } {
    this.left = allocations;
    const reply = this.store.run(command);
    const ranOut = this.left < 0;
    this.left = Infinity;
    return { reply, ranOut };
  }

  /** Every key of both databases: its type, content, time to live. */
  picture(): Map<string, string> {
    const { store } = this;
    const out = new Map<string, string>();
    for (const database of [0, 1]) {
      const session = store.connect();
      session.database = database;
      let expiring = 0;
      let keys = 0;
      store.keyspace.scan(database, 0, 1e9, (address) => {
        keys++;
        const key = store.keyspace.other.at(address).keyText();
        if (store.keyspace.other.expireAt >= 0) expiring++;
        const type = store.run(['TYPE', key], session).slice(1, -2);
        const read: Record<string, string[]> = {
          string: ['GET', key],
          hash: ['HGETALL', key],
          list: ['LRANGE', key, '0', '-1'],
          set: ['SORT', key, 'ALPHA'],
          zset: ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
          stream: ['XINFO', 'STREAM', key, 'FULL'],
        };
        const fields = type === 'hash' ? store.run(['HKEYS', key], session).split('\r\n').filter((line) => line !== '' && !/^[*$]/.test(line)).sort() : [];
        const content =
          type === 'hash'
            ? store.run(read[type]!, session).split('\r\n').sort().join() + store.run(['HPEXPIRETIME', key, 'FIELDS', String(fields.length), ...fields], session)
            : store.run(read[type]!, session);
        out.set(`${database}:${key}`, `${type} ${store.run(['PTTL', key], session).trim()} ${content}`);
      });
      if (keys !== store.keyspace.size(database)) throw new Error(`${keys} keys are found of ${store.keyspace.size(database)}`);
      if (expiring !== store.keyspace.expiresSize(database)) throw new Error(`${expiring} keys expire, ${store.keyspace.expiresSize(database)} are listed`);
    }
    return out;
  }

  reset(): void {
    this.store.run('FLUSHALL');
    // What UNLINK leaves to be freed later.
    const { queues, shards, epoch } = this.store.keyspace;
    for (let shard = 0; shard < shards; shard++) while (queues.hasWork(shard)) queues.step(shard, () => false, null, epoch);
    const { used } = this.store.arena;
    if (used !== this.clean) throw new Error(`${used - this.clean} bytes are lost`);
    for (const command of SETUP) this.store.run(command);
  }
}

describe('a full arena', () => {
  let full = new FullArena();
  const shown = (command: readonly (string | Uint8Array)[]) => command.map((word) => (typeof word === 'string' ? word : '<payload>')).join(' ').slice(0, 70);

  // After a failure the next test must not suffer from it.
  beforeEach(() => {
    try {
      full.reset();
    } catch {
      full = new FullArena();
      full.reset();
    }
  });

  it.each(COMMANDS.map((command, i) => [`${i}: ${shown(command)}`, command] as const))('leaves everything whole: %s', (_, command) => {
    const before = full.picture();
    for (let allocations = 0; ; allocations++) {
      if (allocations > 5000) throw new Error('does not end');
      const { reply, ranOut } = full.runWith(allocations, command);
      const after = full.picture();
      if (ranOut && reply.startsWith('-')) {
        expect(reply).toBe("-OOM command not allowed when used memory > 'maxmemory'.\r\n");
        if (!STEPWISE.has(String(command[0]))) expect(after).toEqual(before);
      }
      full.reset();
      if (!ranOut) break;
      // A long command is tried at its first allocations and then now and then.
      if (allocations > 40) allocations += 37;
    }
  });
});
