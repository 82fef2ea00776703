import { listLimits } from '@larder/store-datatypes';
import { TestStore } from '@larder/store-dispatch/testing';
import { keyCommands } from '../generic/key-commands';
import { listCommands } from './list-commands';
import { listCodec } from './list-codec';
import { listKind } from './list-value';

const open = () => new TestStore([...listCommands, ...keyCommands], [listKind]);
const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const shown = (list: readonly string[]): string => `*${list.length}\r\n${list.map(bulk).join('')}`;

describe('lists whose inner nodes are compressed', () => {
  const { maxListpackSize, compressDepth } = listLimits;
  afterEach(() => Object.assign(listLimits, { maxListpackSize, compressDepth }));

  it('take less memory, and the same at both ends', () => {
    const used = (depth: number): number => {
      listLimits.compressDepth = depth;
      const s = open();
      const before = s.arena.used;
      for (let i = 0; i < 200; i++) s.run(['RPUSH', 'l', ...Array.from({ length: 20 }, (_, k) => `element number ${i * 20 + k} of a long list`)]);
      expect(s.run('LINDEX l 2000')).toBe(bulk('element number 2000 of a long list'));
      return s.arena.used - before;
    };
    const plain = used(0);
    expect(used(1)).toBeLessThan(plain / 2);
    expect(used(8)).toBeGreaterThan(used(1));
  });

  it.each([1, 2])('hold the same elements as a model after thousands of changes of every kind (depth %i)', (depth) => {
    Object.assign(listLimits, { maxListpackSize: 5, compressDepth: depth });
    const s = open();
    const clean = s.arena.used;
    let seed = depth;
    const below = (n: number): number => ((seed = (Math.imul(seed, 1664525) + 1013904223) | 0) >>> 8) % n;
    let model: string[] = [];
    const word = (): string => `word${below(30)}${'-'.repeat(below(3) * 20)}`;
    for (let round = 0; round < 4000; round++) {
      const n = model.length;
      const some = Array.from({ length: 1 + below(12) }, word);
      switch (below(12)) {
        case 0: case 1: s.run(['RPUSH', 'l', ...some]); model.push(...some); break;
        case 2: s.run(['LPUSH', 'l', ...some]); model.unshift(...some.reverse()); break;
        case 3: s.run(`LPOP l ${some.length}`); model.splice(0, some.length); break;
        case 4: s.run(`RPOP l ${some.length}`); model.splice(Math.max(0, n - some.length)); break;
        case 5: if (n > 0) { const i = below(n); s.run(['LSET', 'l', String(i), some[0]!]); model[i] = some[0]!; } break;
        case 6: case 7: {
          const pivot = word();
          const i = model.indexOf(pivot);
          s.run(['LINSERT', 'l', 'AFTER', pivot, some[0]!]);
          if (i >= 0) model.splice(i + 1, 0, some[0]!);
          break;
        }
        case 8: {
          const gone = word();
          s.run(['LREM', 'l', '0', gone]);
          model = model.filter((each) => each !== gone);
          break;
        }
        case 9: if (below(6) === 0 && n > 0) { const from = below(n); s.run(`LTRIM l ${from >> 2} ${n - (from >> 3)}`); model = model.slice(from >> 2, n - (from >> 3) + 1); } break;
        case 10: if (n > 0) { s.run('LMOVE l l LEFT RIGHT'); model.push(model.shift()!); } break;
        default: if (n > 0) { const i = below(n); expect(s.run(`LINDEX l ${i}`)).toBe(bulk(model[i]!)); }
      }
      if (round % 16 === 0) expect(s.run('LRANGE l 0 -1')).toBe(shown(model));
      expect(s.run('LLEN l')).toBe(`:${model.length}\r\n`);
      if (model.length > 300) {
        s.run('COPY l other REPLACE');
        expect(s.run('LRANGE other 0 -1')).toBe(shown(model));
        s.run('LTRIM l 100 -100');
        model = model.slice(100, -99);
      }
    }
    s.run('DEL l');
    s.run('DEL other');
    // Tables keep the room they had.
    expect(s.arena.used - clean).toBeLessThan(4096);
  });

  it('are saved as if they were not', () => {
    Object.assign(listLimits, { maxListpackSize: 5, compressDepth: 1 });
    const s = open();
    const words = Array.from({ length: 60 }, (_, i) => `an element that repeats, an element that repeats ${i}`);
    s.run(['RPUSH', 'l', ...words]);
    s.keyspace.lookup(0, Buffer.from('l'), 0, 1);
    const strings: string[] = [];
    const out = { length: () => undefined, string: (bytes: Uint8Array, off: number, length: number) => strings.push((bytes as Buffer).toString('latin1', off, off + length)) };
    listCodec.save(s.keyspace.view, out as never);
    expect(strings).toHaveLength(12);
    for (const each of words) expect(strings.join()).toContain(each);
  });
});
