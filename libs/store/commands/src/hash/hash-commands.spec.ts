import type { Args } from '@larder/store-resp';
import { TestStore } from '@larder/store-dispatch/testing';
import { ArenaFull } from '@larder/store-memory';
import { hashCommands } from './hash-commands';
import { hashKind, hashesOf } from './hash-value';

const store = (): TestStore => new TestStore(hashCommands, [hashKind]);

function bulks(reply: string): string[] {
  return reply.split('\r\n').filter((_, i, lines) => i > 0 && lines[i - 1]!.startsWith('$'));
}

function encoding(s: TestStore, key: string): string {
  const bytes = Buffer.from(key);
  return s.keyspace.lookup(0, bytes, 0, bytes.length) === 0 ? 'none' : hashKind.encodingName(s.keyspace.view);
}

describe('hashes', () => {
  it('keep the order of insertion while small, and become tables by length or by count', () => {
    const s = store();
    expect(s.run('HSET h b 1 a 2 b 3')).toBe(':2\r\n');
    expect(s.run('HGETALL h')).toBe('*4\r\n$1\r\nb\r\n$1\r\n3\r\n$1\r\na\r\n$1\r\n2\r\n');
    expect(encoding(s, 'h')).toBe('listpack');
    s.run(['HSET', 'h', 'c', 'x'.repeat(65)]);
    expect(encoding(s, 'h')).toBe('hashtable');
    for (let i = 0; i < 512; i++) s.run(['HSET', 'many', `f${i}`, String(i)]);
    expect(encoding(s, 'many')).toBe('listpack');
    s.run('HSET many f512 x');
    expect(encoding(s, 'many')).toBe('hashtable');
    for (let i = 0; i < 512; i++) expect(s.run(['HGET', 'many', `f${i}`])).toBe(`$${String(i).length}\r\n${i}\r\n`);
  });

  it('answer maps to RESP3 and flat arrays to RESP2', () => {
    const s = store();
    s.run('HSET h f v');
    s.session.protocol = 3;
    expect(s.run('HGETALL h')).toBe('%1\r\n$1\r\nf\r\n$1\r\nv\r\n');
    expect(s.run('HRANDFIELD h 1 WITHVALUES')).toBe('*1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n');
    expect(s.run('HGETALL missing')).toBe('%0\r\n');
    expect(s.run('HGET h g')).toBe('_\r\n');
  });

  it('change values of any size in place or by another block, and give back all memory', () => {
    const s = store();
    const start = s.arena.used;
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 3000; i++) s.run(['HSET', 'h', `field:${i}`, 'v'.repeat((i * 7 * (round + 1)) % 300)]);
    }
    s.run(['HSET', 'h', 'huge', 'x'.repeat(2_000_000)]);
    expect(s.run('HSTRLEN h huge')).toBe(':2000000\r\n');
    s.run('HSET h huge 1');
    for (let i = 0; i < 3000; i += 97) expect(s.run(['HSTRLEN', 'h', `field:${i}`])).toBe(`:${(i * 28) % 300}\r\n`);
    for (let i = 0; i < 3000; i++) s.run(['HDEL', 'h', `field:${i}`]);
    expect(s.run('HLEN h')).toBe(':1\r\n');
    s.run('HDEL h huge');
    s.run(['HSET', 'small', 'a', 'x'.repeat(60), 'b', 'y'.repeat(60)]);
    s.run('HDEL small a b c');
    expect(s.keyspace.size(0)).toBe(0);
    expect(s.arena.used).toBe(start);
  });

  it('journal the sum of a float increment', () => {
    const s = store();
    const lines: string[] = [];
    s.dispatcher.journal = { append: (_, args: Args) => lines.push(Array.from({ length: args.count }, (_, i) => args.text(i)).join(' ')) };
    s.run('HINCRBYFLOAT h f 0.1');
    s.run('HINCRBY h n 5');
    expect(lines).toEqual(['HSET h f 0.1', 'HINCRBY h n 5']);
  });

  it('scan every field that stays while the table grows and shrinks', () => {
    const s = store();
    for (let i = 0; i < 2000; i++) s.run(['HSET', 'h', `stays:${i}`, String(i)]);
    const seen = new Map<string, string>();
    let cursor = '0';
    let step = 0;
    do {
      const [next, ...pairs] = bulks(s.run(['HSCAN', 'h', cursor, 'MATCH', 'stays:*']));
      cursor = next!;
      for (let i = 0; i < pairs.length; i += 2) seen.set(pairs[i]!, pairs[i + 1]!);
      for (let k = 0; k < 100; k++) s.run([step % 200 < 100 ? 'HSET' : 'HDEL', 'h', `other:${(step % 100) * 100 + k}`, 'x']);
      step++;
    } while (cursor !== '0');
    expect(seen.size).toBe(2000);
    expect(seen.get('stays:77')).toBe('77');
  });

  it('choose distinct fields when the count is positive, and about evenly', () => {
    const s = store();
    for (let i = 0; i < 1500; i++) s.run(['HSET', 'h', `f${i}`, 'v']);
    expect(new Set(bulks(s.run('HRANDFIELD h 700'))).size).toBe(700);
    expect(bulks(s.run('HRANDFIELD h 9999')).length).toBe(1500);
    const hits = new Set(bulks(s.run('HRANDFIELD h -30000')));
    expect(hits.size).toBe(1500);
  });

  it('are visited and built for files without their commands', () => {
    const s = store();
    s.run('HSET h a 1 b 2');
    s.keyspace.lookup(0, Buffer.from('h'), 0, 1);
    const { view } = s.keyspace;
    const hashes = hashesOf(s.keyspace).load(view, s.keyspace.shard);
    const { bytes, off } = hashes.listpack();
    const blob = Buffer.from(bytes.subarray(off));
    expect(s.keyspace.lookup(0, Buffer.from('k'), 0, 1)).toBe(0);
    hashes.startFromListpack(s.keyspace.shard, blob, 0).createKey();
    expect(s.run('HGETALL k')).toBe(s.run('HGETALL h'));
    expect(s.keyspace.lookup(0, Buffer.from('l'), 0, 1)).toBe(0);
    hashes.start(s.keyspace.shard).set(Buffer.from('f'), 0, 1, Buffer.alloc(99, 'v'), 0, 99);
    hashes.createKey();
    expect(s.run('HSTRLEN l f')).toBe(':99\r\n');
    expect(encoding(s, 'l')).toBe('hashtable');
  });

  it('copy in whole', () => {
    const s = store();
    s.run('HSET h a 1 b 2');
    s.run(['HSET', 't', 'a', 'x'.repeat(100)]);
    const start = s.arena.used;
    for (const key of ['h', 't']) {
      s.keyspace.lookup(0, Buffer.from(key), 0, 1);
      const out = new Int32Array(2);
      hashKind.copy(s.keyspace.view, 1, out);
      const hashes = hashesOf(s.keyspace).load();
      const count = hashes.count();
      hashes.address = out[0]!;
      expect(hashes.count()).toBe(count);
      expect(hashes.find(Buffer.from('a'), 0, 1)).toBe(true);
      hashes.dispose();
    }
    expect(s.arena.used).toBe(start);
  });

  it('stay whole when memory runs out at any point of any command', () => {
    const long = 'x'.repeat(100);
    for (const command of [`HSET new a b c d`, `HSET h a b c ${long} d e`, `HSETNX new a ${long}`, `HINCRBY h n 99999999999`, `HSET t a y b z c ${long}${long}`, `HINCRBYFLOAT new f 1.5`]) {
      for (let left = 0; left < 30; left++) {
        const s = store();
        const start = s.arena.used;
        s.run('HSET h a 1 n 2 b 3');
        s.run(`HSET t a ${long}`);
        const real = s.arena.alloc.bind(s.arena);
        let room = left;
        s.arena.alloc = (shard, bytes) => {
          if (room-- === 0) throw new ArenaFull(bytes);
          return real(shard, bytes);
        };
        const reply = s.run(command);
        s.arena.alloc = real;
        expect(s.run('HGET h b')).toBe('$1\r\n3\r\n');
        if (reply.startsWith('-OOM')) expect(s.run('HGET h n')).toBe('$1\r\n2\r\n');
        for (const key of ['h', 't', 'new']) s.run(['HDEL', key, ...bulks(s.run(['HKEYS', key])), 'none']);
        expect(s.keyspace.size(0)).toBe(0);
        expect(s.arena.used).toBe(start);
        if (!reply.startsWith('-OOM')) break;
      }
    }
  });
});
