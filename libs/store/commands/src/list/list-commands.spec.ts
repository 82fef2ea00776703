import { listLimits } from '@larder/store-datatypes';
import type { KeyListener } from '@larder/store-keyspace';
import { ArenaFull } from '@larder/store-memory';
import { TestStore } from '@larder/store-dispatch/testing';
import { listCommands } from './list-commands';
import { listKind, listOfRecord } from './list-value';

describe('list commands', () => {
  const store = () => new TestStore(listCommands, [listKind], 2);
  const find = (s: TestStore, key: string) => {
    s.keyspace.lookup(0, Buffer.from(key), 0, key.length);
    return listOfRecord(s.keyspace.view);
  };

  it('works as a queue from either end and gives all memory back', () => {
    const s = store();
    const before = s.arena.used;
    for (const [push, pop] of [['LPUSH', 'RPOP'], ['RPUSH', 'LPOP'], ['LPUSH', 'LPOP'], ['RPUSH', 'RPOP']] as const) {
      const isQueue = push[0] !== pop[0];
      for (let i = 0; i < 20_000; i++) s.run([push, 'q', `job:${i}`]);
      expect(s.run('LLEN q')).toBe(':20000\r\n');
      expect(find(s, 'q').nodes).toBeGreaterThan(10);
      let wrong = 0;
      for (let i = 0; i < 20_000; i++) {
        const job = `job:${isQueue ? i : 19_999 - i}`;
        if (s.run([pop, 'q']) !== `$${job.length}\r\n${job}\r\n`) wrong++;
      }
      expect(wrong).toBe(0);
      expect(s.arena.used).toBe(before);
    }
  });

  it('keeps to itself what many small lists and one long one hold', () => {
    const s = store();
    const before = s.arena.used;
    for (let i = 0; i < 1000; i++) s.run(['RPUSH', `k${i}`, 'xxx']);
    // 8 header, 8 body, 4 key, 12 listpack, in classes of 8 bytes, and the table's segments.
    expect((s.arena.used - before) / 1000).toBeLessThan(64);
    const small = s.arena.used;
    for (let i = 0; i < 100_000; i++) s.run(['RPUSH', 'long', 'xxx']);
    expect((s.arena.used - small) / 100_000).toBeLessThan(5.2);
  });

  it('finds elements by index anywhere in a million', () => {
    const s = store();
    for (let i = 0; i < 1000; i++) s.run(['RPUSH', 'l', ...Array.from({ length: 1000 }, (_, k) => String(i * 1000 + k))]);
    for (const i of [0, 1, 499_999, 500_000, 777_777, 999_999]) {
      expect(s.run(['LINDEX', 'l', String(i)])).toBe(`$${String(i).length}\r\n${i}\r\n`);
      expect(s.run(['LINDEX', 'l', String(i - 1_000_000)])).toBe(`$${String(i).length}\r\n${i}\r\n`);
    }
    expect(s.run('LRANGE l 499999 500001')).toBe('*3\r\n$6\r\n499999\r\n$6\r\n500000\r\n$6\r\n500001\r\n');
    expect(s.run('LREM l 0 500000')).toBe(':1\r\n');
    expect(s.run('LINDEX l 500000')).toBe('$6\r\n500001\r\n');
    s.run('LTRIM l 10 -11');
    expect(s.run('LLEN l')).toBe(':999979\r\n');
    s.run('DEL l');
  });

  it('moves the only element of a list to the list itself, also where no node takes a second one', () => {
    const s = store();
    const { maxListpackSize } = listLimits;
    listLimits.maxListpackSize = 0;
    try {
      s.run('RPUSH l foobar');
      const before = s.arena.used;
      for (const words of ['LMOVE l l RIGHT LEFT', 'RPOPLPUSH l l', 'LMOVE l l LEFT RIGHT']) expect(s.run(words)).toBe('$6\r\nfoobar\r\n');
      expect(s.run('LRANGE l 0 -1')).toBe('*1\r\n$6\r\nfoobar\r\n');
      expect(s.arena.used).toBe(before);
      s.run('RPUSH l second');
      expect(s.run('RPOPLPUSH l l')).toBe('$6\r\nsecond\r\n');
      expect(s.run('LRANGE l 0 -1')).toBe('*2\r\n$6\r\nsecond\r\n$6\r\nfoobar\r\n');
    } finally {
      listLimits.maxListpackSize = maxListpackSize;
    }
  });

  it('tells of each change and of the key that went', () => {
    const s = store();
    const events: string[] = [];
    const listener: KeyListener = {
      keyChanged: (_database, bytes, off, length, _class, event) => events.push(`${event} ${(bytes as Buffer).toString('latin1', off, off + length)}`),
      databaseChanged: () => undefined,
    };
    s.dispatcher.waiters.addListener(listener);
    s.keyspace.listener = s.dispatcher.waiters;
    for (const words of ['RPUSH a 1 2 3', 'LMOVE a b LEFT RIGHT', 'LSET a 0 9', 'LINSERT a BEFORE 9 8', 'LREM a 1 8', 'LTRIM a 0 0', 'LPOP a', 'RPOPLPUSH b b']) s.run(words);
    expect(events.filter((event) => !event.startsWith('keymiss') && !event.startsWith('new'))).toEqual([
      'rpush a', 'rpush b', 'lpop a', 'lset a', 'linsert a', 'lrem a', 'ltrim a', 'lpop a', 'del a', 'lpush b', 'rpop b',
    ]);
    expect(s.keyspace.dirty).toBe(3 + 1 + 1 + 1 + 1 + 1 + 1 + 1);
  });

  it('leaves a list as it was when memory runs out in the middle', () => {
    const s = store();
    listLimits.maxListpackSize = 4;
    try {
      s.run(['RPUSH', 'l', ...Array.from({ length: 10 }, (_, i) => `v${i}`)]);
      const whole = s.run('LRANGE l 0 -1');
      const { arena } = s;
      const alloc = arena.alloc.bind(arena);
      for (const words of ['RPUSH l a b c d e f g h i j k l m', 'LPUSH l a b c d e f g h i j k l m', 'LINSERT l AFTER v5 x', 'LINSERT l BEFORE v6 x', 'LMOVE l l LEFT RIGHT', 'LMOVE l other LEFT RIGHT', 'LSET l 4 a-much-longer-value-that-needs-another-block']) {
        for (let allowed = 0; allowed < 6; allowed++) {
          let left = allowed;
          arena.alloc = (shard, bytes) => {
            if (left-- > 0) return alloc(shard, bytes);
            throw new ArenaFull(bytes);
          };
          const reply = s.run(words);
          arena.alloc = alloc;
          if (!reply.startsWith('-OOM')) break;
          expect(s.run('LRANGE l 0 -1')).toBe(whole);
          expect(s.run('LLEN other')).toBe(':0\r\n');
        }
        s.run('LTRIM l 1 0');
        s.run('LTRIM other 1 0');
        s.run(['RPUSH', 'l', ...Array.from({ length: 10 }, (_, i) => `v${i}`)]);
      }
    } finally {
      listLimits.maxListpackSize = -2;
    }
  });
});
