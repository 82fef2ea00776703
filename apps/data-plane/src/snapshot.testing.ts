/**
 * What the specs of snapshots share: random numbers, and a picture of a keyspace that two of them can be compared by.
 */
import { Decoder, INCOMPLETE } from '@larder/store-resp';
import { dumpCommands } from '@larder/store-persistence';
import {
  databaseCommands,
  expiryCommands,
  hashCommands,
  keyCommands,
  listCommands,
  setCommands,
  sortCommands,
  streamCommands,
  stringCommands,
  zsetCommands,
} from '@larder/store-commands';
import type { TestStore } from '@larder/store-dispatch/testing';
import { connectionCommands } from '@larder/store-server';
import { codecs } from './wire';

export const rows = [
  ...stringCommands,
  ...keyCommands,
  ...expiryCommands,
  ...databaseCommands,
  ...hashCommands,
  ...listCommands,
  ...setCommands,
  ...sortCommands,
  ...streamCommands,
  ...zsetCommands,
  ...dumpCommands(codecs),
  ...connectionCommands(undefined as never).filter((row) => row.name === 'select'),
];

export class Dice {
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

/** Every key of both databases: type, expiry, content. What has no order of its own is sorted. */
export function picture(store: TestStore): Map<string, string> {
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
        stream: ['XRANGE', key, '-', '+'],
      };
      const reply = store.run(read[type]!, session);
      let content: string[];
      if (type === 'stream') content = [reply, store.run(['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'], session).replace(/radix-tree-nodes\r\n:\d+/, '').replace(/active-time\r\n:-?\d+/g, '')];
      else {
        const parts = words(reply);
        content = type === 'set' ? parts.sort() : type === 'hash' ? timed(store, session, key, parts).sort() : parts;
      }
      out.set(`${database}:${key}`, `${type} ${store.run(['PEXPIRETIME', key], session).trim()} ${content.join('\u0000')}`);
    }
  }
  return out;
}

/** Fields of a hash with their values and times. */
function timed(store: TestStore, session: ReturnType<TestStore['connect']>, key: string, parts: string[]): string[] {
  const fields = parts.filter((_, i) => i % 2 === 0);
  if (fields.length === 0) return [];
  const times = store.run(['HPEXPIRETIME', key, 'FIELDS', String(fields.length), ...fields], session).split('\r\n').slice(1, -1);
  return pairs(parts).map((pair, i) => `${pair} ${times[i]}`);
}

const pairs = (list: string[]) => Array.from({ length: list.length / 2 }, (_, i) => `${list[2 * i]}=${list[2 * i + 1]}`);

/** Bulk strings of a reply (an array of them, or one): it has the form of a command. */
function words(reply: string): string[] {
  if (reply.startsWith('$')) return [reply.slice(reply.indexOf('\n') + 1, -2)];
  if (reply === '*0\r\n') return [];
  const decoder = new Decoder();
  const bytes = Buffer.from(reply, 'latin1');
  const status = decoder.next(bytes, 0, bytes.length, { bulkBytesMax: 1 << 29, authenticated: true }, { resume: null });
  if (status === INCOMPLETE) throw new Error(`not a reply of bulk strings: ${reply.slice(0, 50)}`);
  return Array.from({ length: decoder.args.count }, (_, i) => decoder.args.text(i));
}
