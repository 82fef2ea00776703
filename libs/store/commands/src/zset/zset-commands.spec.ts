import { TestStore } from '@larder/store-dispatch/testing';
import { ArenaFull } from '@larder/store-memory';
import type { InputString, ValueInput, ValueOutput } from '@larder/store-keyspace';
import { zsetCodec } from './zset-codec';
import { zsetCommands } from './zset-commands';
import { ZSET_LISTPACK, ZSET_TREE, zsetKind, zsetsOf } from './zset-value';

const store = (): TestStore => new TestStore(zsetCommands, [zsetKind], 2);

function fill(s: TestStore, key: string, members: number): void {
  for (let i = 0; i < members; i++) s.run(['ZADD', key, String((i * 7919) % members), `m${i}`]);
}

function lookup(s: TestStore, key: string): boolean {
  return s.keyspace.lookup(0, Buffer.from(key), 0, key.length) !== 0;
}

/** Values by kind, in the order saved, read back in that order. */
class Saved implements ValueOutput, ValueInput {
  readonly version = 10;
  readonly isDeep = true;
  readonly items: (number | Buffer)[] = [];
  private at = 0;

  string(): InputString;
  string(bytes: Uint8Array, off: number, length: number): void;
  string(bytes?: Uint8Array, off = 0, length = 0): InputString | void {
    if (bytes === undefined) {
      const value = this.items[this.at++] as Buffer;
      return { bytes: value, off: 0, length: value.length };
    }
    this.items.push(Buffer.from(bytes.subarray(off, off + length)));
  }

  length(): number;
  length(n: number): void;
  length(n?: number): number | void {
    if (n === undefined) return this.items[this.at++] as number;
    this.items.push(n);
  }

  double(): number;
  double(x: number): void;
  double(x?: number): number | void {
    return x === undefined ? this.length() : this.length(x);
  }

  length64(): void {
    throw new Error('a sorted set has none');
  }

  raw(): never {
    throw new Error('a sorted set has none');
  }
}

test('a client that waits gets what comes first, in the form of its command', () => {
  const s = store();
  const [first, second, third] = [s.connect(), s.connect(), s.connect()];
  third.protocol = 3;
  expect(s.run('BZPOPMIN a b 0', first)).toBe('');
  expect(s.run('BZMPOP 0 2 b a MAX COUNT 2', second)).toBe('');
  expect(s.run('BZPOPMAX b 0', third)).toBe('');
  expect(s.run('ZADD b 1 x 2 y 3 z 4 w')).toBe(':4\r\n');
  expect(first.delivered).toEqual(['*3\r\n$1\r\nb\r\n$1\r\nx\r\n$1\r\n1\r\n']);
  expect(second.delivered).toEqual(['*2\r\n$1\r\nb\r\n*2\r\n*2\r\n$1\r\nw\r\n$1\r\n4\r\n*2\r\n$1\r\nz\r\n$1\r\n3\r\n']);
  expect(third.delivered).toEqual(['*3\r\n$1\r\nb\r\n$1\r\ny\r\n,2\r\n']);
  expect(s.run('ZCARD b')).toBe(':0\r\n');
});

test('a client that waits in vain is told when its time is over', () => {
  const s = store();
  const waiting = s.connect();
  expect(s.run('BZPOPMIN a 0.5', waiting)).toBe('');
  s.step(499);
  expect(waiting.delivered).toEqual([]);
  s.step(1);
  expect(waiting.delivered).toEqual(['*-1\r\n']);
});

test.each([20, 3000])('a set of %i members is copied, saved, restored and freed without a trace', (members) => {
  const s = store();
  const { keyspace } = s;
  const empty = s.arena.used;
  fill(s, 'z', members);
  lookup(s, 'z');
  const before = s.arena.used;
  const words = new Int32Array(2);
  zsetKind.copy(keyspace.view, keyspace.shard, words);
  const { encoding } = keyspace.view;
  expect(encoding).toBe(members > 128 ? ZSET_TREE : ZSET_LISTPACK);
  const saved = new Saved();
  zsetCodec.save(keyspace.view, saved);
  const rdbType = zsetCodec.rdbType(keyspace.view, 10);
  expect(lookup(s, 'copy')).toBe(false);
  const zsets = zsetsOf(keyspace);
  zsets.createKey({ encoding, address: words[0]!, top: words[1]!, shard: keyspace.shard });
  expect(zsetKind.bytes(keyspace.view)).toBeGreaterThan(members * 4);
  expect(lookup(s, 'restored')).toBe(false);
  expect(zsetCodec.restore(rdbType, saved, keyspace)).toBe(true);
  expect(zsetKind.elements(keyspace.view)).toBe(members);
  expect(keyspace.view.encoding).toBe(encoding);
  const all = s.run('ZRANGE z 0 -1 WITHSCORES');
  expect(s.run('ZRANGE copy 0 -1 WITHSCORES')).toBe(all);
  expect(s.run('ZRANGE restored 0 -1 WITHSCORES')).toBe(all);
  expect(s.arena.used).toBeGreaterThan(before);
  for (const key of ['z', 'copy', 'restored']) expect(s.run(`ZREMRANGEBYRANK ${key} 0 -1`)).toBe(`:${members}\r\n`);
  expect(s.arena.used).toBe(empty);
});

test('ZSCAN goes through a large set, whatever goes in between', () => {
  const s = store();
  fill(s, 'z', 2000);
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const [, , next, , ...rest] = s.run(['ZSCAN', 'z', cursor, 'COUNT', '50']).split('\r\n');
    cursor = next!;
    for (const word of rest) if (word.startsWith('m')) seen.add(word);
    s.run(['ZREM', 'z', [...seen].at(-1)!]);
  } while (cursor !== '0');
  expect(seen.size).toBe(2000);
});

test('a full arena refuses a member and keeps the set whole', () => {
  const s = store();
  const { arena, keyspace } = s;
  fill(s, 'z', 500);
  const alloc = arena.alloc.bind(arena);
  let refused = 0;
  for (let left = 0; left < 4; left++) {
    for (let i = 0; i < 200; i++) {
      let rest = left;
      arena.alloc = (shard, bytes) => {
        if (rest-- === 0) throw new ArenaFull(bytes);
        return alloc(shard, bytes);
      };
      const reply = s.run(['ZADD', 'z', String(i * 3), i % 2 === 0 ? `m${i}` : `new${left}-${i}`]);
      arena.alloc = alloc;
      if (reply.startsWith('-OOM')) refused++;
      lookup(s, 'z');
      zsetsOf(keyspace).tree.check(keyspace.view.aside);
      expect(zsetsOf(keyspace).tree.count(keyspace.view.aside)).toBe(zsetKind.elements(keyspace.view));
    }
  }
  expect(refused).toBeGreaterThan(100);
});

test('what a pop did is journalled as what it took', () => {
  const s = store();
  const journal: string[] = [];
  s.dispatcher.journal = { append: (_, args) => journal.push(Array.from({ length: args.count }, (__, i) => args.text(i)).join(' ')) };
  s.run('ZADD z 1 a 2 b 3 c 4 d');
  s.run('BZPOPMIN x z 0');
  s.run('ZMPOP 2 x z MAX COUNT 2');
  s.run('BZMPOP 0 1 z MIN COUNT 9');
  expect(journal).toEqual(['ZADD z 1 a 2 b 3 c 4 d', 'ZPOPMIN z', 'ZPOPMAX z 2', 'ZPOPMIN z 1']);
});
