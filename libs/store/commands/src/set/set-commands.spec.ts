import type { Args } from '@larder/store-resp';
import { TestStore } from '@larder/store-dispatch/testing';
import { ArenaFull } from '@larder/store-memory';
import { setCommands } from './set-commands';
import { setKind, setsOf } from './set-value';

const store = (): TestStore => new TestStore(setCommands, [setKind]);

/** The bulk strings of a flat reply. */
function bulks(reply: string): string[] {
  return reply.split('\r\n').filter((_, i, lines) => i > 0 && lines[i - 1]!.startsWith('$'));
}

function encoding(s: TestStore, key: string): string {
  const bytes = Buffer.from(key);
  return s.keyspace.lookup(0, bytes, 0, bytes.length) === 0 ? 'none' : setKind.encodingName(s.keyspace.view);
}

function journalOf(s: TestStore): string[] {
  const lines: string[] = [];
  s.dispatcher.journal = { append: (_, args: Args) => lines.push(Array.from({ length: args.count }, (_, i) => args.text(i)).join(' ')) };
  return lines;
}

describe('sets', () => {
  it('are intsets until another kind of member or one too many comes', () => {
    const s = store();
    s.run('SADD a 3 1 2');
    expect(s.run('SMEMBERS a')).toBe('*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n');
    expect(encoding(s, 'a')).toBe('intset');
    s.run('SADD a x');
    expect(encoding(s, 'a')).toBe('hashtable');
    s.run('SREM a x');
    expect(encoding(s, 'a')).toBe('hashtable');
    s.run(['SADD', 'b', ...Array.from({ length: 512 }, (_, i) => String(i))]);
    expect(encoding(s, 'b')).toBe('intset');
    s.run('SADD b 512');
    expect(encoding(s, 'b')).toBe('hashtable');
    expect(s.run('SCARD b')).toBe(':513\r\n');
  });

  it('give back all memory, whichever way they empty', () => {
    const s = store();
    const start = s.arena.used;
    const members = Array.from({ length: 30_000 }, (_, i) => `member:${i}`);
    s.run(['SADD', 'a', ...members]);
    s.run(['SUNIONSTORE', 'b', 'a']);
    s.run(['SREM', 'a', ...members]);
    for (let i = 0; i < 29_000; i++) s.run('SPOP b');
    expect(s.run('SCARD b')).toBe(':1000\r\n');
    // Segments were joined as it emptied: a thousand members of 24 bytes take little.
    s.keyspace.lookup(0, Buffer.from('b'), 0, 1);
    expect(setKind.bytes(s.keyspace.view)).toBeLessThan(100_000);
    s.run('SPOP b 400');
    s.run('SPOP b 600');
    for (let i = 0; i < 400; i++) s.run(`SADD c ${i * 1e10}`);
    while (s.run('SPOP c') !== '$-1\r\n');
    expect(s.keyspace.size(0)).toBe(0);
    expect(s.arena.used).toBe(start);
  });

  it('journal what went, not that something went', () => {
    const s = store();
    const lines = journalOf(s);
    s.run('SADD a 1');
    s.run('SPOP a');
    s.run('SADD b x y z');
    const popped = bulks(s.run('SPOP b 2'));
    s.run('SPOP b 9');
    expect(lines).toEqual(['SADD a 1', 'SREM a 1', 'SADD b x y z', `SREM b ${popped.join(' ')}`, 'DEL b']);
  });

  it('tell listeners the events of Redis, and count changed members', () => {
    const s = store();
    const events: string[] = [];
    s.keyspace.listener = {
      keyChanged: (_, key, off, length, __, event) => events.push(`${event} ${Buffer.from(key).toString('latin1', off, off + length)}`),
      databaseChanged: () => undefined,
    };
    const before = s.keyspace.dirty;
    s.run('SADD a 1 2 3');
    s.run('SADD a 1');
    s.run('SMOVE a b 1');
    s.run('SREM a 2 3');
    s.run('SINTERSTORE b b nothing');
    s.keyspace.listener = null;
    expect(events.filter((event) => !/^(new|keymiss)/.test(event))).toEqual(['sadd a', 'srem a', 'sadd b', 'srem a', 'del a', 'del b']);
    expect(s.keyspace.dirty - before).toBe(3 + 2 + 2 + 1);
  });

  it('scan every member that stays, while others come and go between the calls', () => {
    const s = store();
    for (let i = 0; i < 5000; i++) s.run(['SADD', 'a', `stays:${i}`]);
    for (let i = 0; i < 40_000; i++) s.run(['SADD', 'a', `goes:${i}`]);
    const seen = new Set<string>();
    let cursor = '0';
    let gone = 0;
    do {
      const [next, ...members] = bulks(s.run(['SSCAN', 'a', cursor, 'COUNT', '50']));
      cursor = next!;
      for (const member of members) seen.add(member);
      for (let k = 0; k < 60 && gone < 40_000; k++) s.run(['SREM', 'a', `goes:${gone++}`]);
      if (gone === 40_000) for (let k = 0; k < 100; k++) s.run(['SADD', 'a', `comes:${cursor}:${k}`]);
    } while (cursor !== '0');
    for (let i = 0; i < 5000; i++) expect(seen.has(`stays:${i}`)).toBe(true);
  });

  it('choose members about evenly, from intsets, tables and after most have gone', () => {
    const s = store();
    s.run(['SADD', 'ints', ...Array.from({ length: 20 }, (_, i) => String(i))]);
    s.run(['SADD', 'words', ...Array.from({ length: 9000 }, (_, i) => `w${i}`)]);
    s.run(['SREM', 'words', ...Array.from({ length: 8980 }, (_, i) => `w${i + 20}`)]);
    for (const key of ['ints', 'words']) {
      const hits = new Map<string, number>();
      for (const member of bulks(s.run(['SRANDMEMBER', key, '-20000']))) hits.set(member, (hits.get(member) ?? 0) + 1);
      expect(hits.size).toBe(20);
      for (const n of hits.values()) expect(Math.abs(n - 1000)).toBeLessThan(250);
      expect(new Set(bulks(s.run(['SRANDMEMBER', key, '13']))).size).toBe(13);
    }
  });

  it('copy in whole to another shard', () => {
    const s = store();
    s.run('SADD a x y z');
    s.run('SADD i 1 2 3');
    const start = s.arena.used;
    for (const key of ['a', 'i']) {
      s.keyspace.lookup(0, Buffer.from(key), 0, 1);
      const out = new Int32Array(2);
      setKind.copy(s.keyspace.view, 3, out);
      const copy = { encoding: s.keyspace.view.encoding, address: out[0]!, shard: 3 };
      expect(setsOf(s.keyspace).count(copy)).toBe(3);
      setsOf(s.keyspace).dispose(copy);
    }
    expect(s.arena.used).toBe(start);
  });

  it('stay whole when memory runs out at any point of any command', () => {
    const s = store();
    const lines = journalOf(s);
    const alloc = s.arena.alloc.bind(s.arena);
    s.run('SADD src 1 2 3 x');
    s.run('SADD ints 1 2 70000');
    const start = s.arena.used;
    for (const command of ['SADD new a b c d e f g h', 'SADD new 1 2 3 x', 'SADD ints 9999999999 y', 'SADD src a b c d e f g', 'SMOVE src new x', 'SMOVE ints src 70000', 'SUNION src ints', 'SUNIONSTORE new src ints', 'SDIFFSTORE src src nothing ints', 'SINTERSTORE src src ints']) {
      for (let left = 0; left < 30; left++) {
        const t = new TestStore(setCommands, [setKind]);
        t.run('SADD src 1 2 3 x');
        t.run('SADD ints 1 2 70000');
        const union = () => bulks(t.run('SUNION src ints new')).sort().join();
        const before = union();
        const real = t.arena.alloc.bind(t.arena);
        let room = left;
        t.arena.alloc = (shard, bytes) => {
          if (room-- === 0) throw new ArenaFull(bytes);
          return real(shard, bytes);
        };
        const reply = t.run(command);
        t.arena.alloc = real;
        if (reply.startsWith('-OOM') && !command.startsWith('SADD')) expect(union()).toBe(before);
        for (const key of ['src', 'ints', 'new']) t.run(['SPOP', key, '1000']);
        expect(t.keyspace.size(0)).toBe(0);
        t.run('SADD src 1 2 3 x');
        t.run('SADD ints 1 2 70000');
        expect(t.arena.used).toBe(start);
        if (!reply.startsWith('-OOM')) break;
      }
    }
    // A command cut short is journaled as far as it went.
    let room = 1;
    lines.length = 0;
    s.arena.alloc = (shard, bytes) => {
      if (room-- === 0) throw new ArenaFull(bytes);
      return alloc(shard, bytes);
    };
    expect(s.run('SADD src p q r')).toMatch(/^-OOM/);
    s.arena.alloc = alloc;
    expect(lines).toEqual(['SADD src p']);
  });
});
