/**
 * A snapshot is the keyspace at its cut, whatever happens while it is taken: random commands between slices of the walk,
 * then the file is loaded into another store and compared key by key with what DUMP said at the cut.
 */
import { Decoder, INCOMPLETE } from '@larder/store-resp';
import { RdbEncoder, RdbReader, Snapshot, dumpCommands } from '@larder/store-persistence';
import {
  databaseCommands,
  expiryCommands,
  hashCommands,
  keyCommands,
  listCommands,
  setCommands,
  stringCommands,
  zsetCommands,
} from '@larder/store-commands';
import { TestStore } from '@larder/store-dispatch/testing';
import { connectionCommands } from '@larder/store-server';
import { codecs, kinds } from './wire';

const rows = [
  ...stringCommands,
  ...keyCommands,
  ...expiryCommands,
  ...databaseCommands,
  ...hashCommands,
  ...listCommands,
  ...setCommands,
  ...zsetCommands,
  ...dumpCommands(codecs),
  ...connectionCommands(undefined as never).filter((row) => row.name === 'select'),
];

class Dice {
  private state: number;
  constructor(seed: number) {
    this.state = seed;
  }
  next(bound: number): number {
    this.state = (Math.imul(this.state ^ (this.state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    const mixed = Math.imul(this.state ^ (this.state >>> 12), 0x297a2d39);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % bound;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.next(list.length)]!;
  }
}

/** One random command over few keys, so that they collide. */
function command(dice: Dice): string[] {
  const key = () => `${dice.pick(['s', 'h', 'l', 'set', 'z'])}${dice.next(40)}`;
  const n = dice.next(24);
  const value = dice.next(5) === 0 ? 'v'.repeat(dice.next(300)) : String(dice.next(10_000));
  switch (n) {
    case 0: return ['DEL', key()];
    case 1: return ['RENAME', key(), key()];
    case 2: return ['COPY', key(), key(), 'REPLACE'];
    case 3: return ['MOVE', key(), '1'];
    case 4: return ['PEXPIRE', key(), String(1 + dice.next(100_000))];
    case 5: return ['PERSIST', key()];
    case 6: return ['SELECT', String(dice.next(2))];
    case 7: return dice.next(20) === 0 ? ['SWAPDB', '0', '1'] : ['EXISTS', key()];
    case 8: return dice.next(60) === 0 ? ['FLUSHDB'] : ['APPEND', `s${dice.next(40)}`, value];
    case 9: return ['SET', key(), value];
    case 10: return ['INCRBY', `s${dice.next(40)}`, '7'];
    case 11: case 12: return ['HSET', `h${dice.next(40)}`, `f${dice.next(50)}`, value];
    case 13: return ['HDEL', `h${dice.next(40)}`, `f${dice.next(50)}`];
    case 14: case 15: return [dice.pick(['LPUSH', 'RPUSH']), `l${dice.next(40)}`, value, value];
    case 16: return [dice.pick(['LPOP', 'RPOP']), `l${dice.next(40)}`];
    case 17: return ['LMOVE', `l${dice.next(40)}`, `l${dice.next(40)}`, 'LEFT', 'RIGHT'];
    case 18: case 19: return ['SADD', `set${dice.next(40)}`, value, String(dice.next(100))];
    case 20: return ['SPOP', `set${dice.next(40)}`];
    case 21: return ['SMOVE', `set${dice.next(40)}`, `set${dice.next(40)}`, String(dice.next(100))];
    case 22: return ['ZADD', `z${dice.next(40)}`, String(dice.next(1000) / 8), `m${dice.next(80)}`];
    default: return ['ZPOPMIN', `z${dice.next(40)}`];
  }
}

/** Every key of both databases with its dump. Tables are dumped in their own order, so elements are sorted. */
function picture(store: TestStore): Map<string, string> {
  const out = new Map<string, string>();
  const session = store.connect();
  for (const database of [0, 1]) {
    session.database = database;
    for (const key of words(store.run('KEYS *', session))) {
      const type = store.run(['TYPE', key], session).slice(1, -2);
      const read: Record<string, string[]> = {
        string: ['GET', key],
        hash: ['HGETALL', key],
        list: ['LRANGE', key, '0', '-1'],
        set: ['SMEMBERS', key],
        zset: ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
      };
      const reply = store.run(read[type]!, session);
      const parts = words(reply);
      const content = type === 'set' ? parts.sort() : type === 'hash' ? pairs(parts).sort() : parts;
      out.set(`${database}:${key}`, `${type} ${store.run(['PEXPIRETIME', key], session).trim()} ${content.join('\u0000')}`);
    }
  }
  return out;
}

const pairs = (list: string[]) => Array.from({ length: list.length / 2 }, (_, i) => `${list[2 * i]}=${list[2 * i + 1]}`);

/** Bulk strings of a reply (an array of them, or one): it has the form of a command. */
function words(reply: string): string[] {
  if (reply.startsWith('$')) return [reply.slice(reply.indexOf('\n') + 1, -2)];
  if (reply === '*0\r\n') return [];
  const decoder = new Decoder();
  const bytes = Buffer.from(reply, 'latin1');
  const status = decoder.next(bytes, 0, bytes.length, { bulkBytesMax: 1 << 29, authenticated: true }, { resume: null });
  expect(status).not.toBe(INCOMPLETE);
  return Array.from({ length: decoder.args.count }, (_, i) => decoder.args.text(i));
}

describe('a snapshot', () => {
  it.each(Array.from({ length: 25 }, (_, i) => i + 1))('of seed %i is the keyspace at its cut', (seed) => {
    const dice = new Dice(seed);
    const store = new TestStore(rows, kinds);
    const parts: Buffer[] = [];
    // Three snapshots in a row: the marks of one are the start of the next.
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 600; i++) store.run(command(dice));
      const before = picture(store);
      parts.length = 0;
      const encoder = new RdbEncoder({ compresses: true, checks: true });
      const snapshot = new Snapshot(store.keyspace, {
        codecs,
        aux: [['redis-ver', '7.0.15']],
        emit: (chunk, length) => parts.push(Buffer.from(encoder.encode(chunk, length))),
      });
      while (!snapshot.isDone) {
        for (let i = dice.next(12); i > 0; i--) store.run(command(dice));
        store.step(dice.next(50));
        let visits = 0;
        snapshot.walk(() => ++visits >= 3);
      }
      const file = Buffer.concat([...parts, encoder.trailer()]);
      expect(load(file)).toEqual(before);
      expect(snapshot.frames.keys).toBe(snapshot.total);
    }
  });
});

function load(file: Buffer): Map<string, string> {
  const store = new TestStore(rows, kinds);
  store.keyspace.expires = false;
  let at = 0;
  const source = {
    read(into: Buffer): number {
      const copied = file.copy(into, 0, at, Math.min(file.length, at + 1000));
      at += copied;
      return copied;
    },
  };
  new RdbReader(source, { codecs, checks: true }).readInto(store.keyspace);
  return picture(store);
}
