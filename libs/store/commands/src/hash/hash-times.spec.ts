/**
 * Times of hash fields. redis-server 7.0.15 has none, so replies are golden: those of https://redis.io/docs/latest/commands/hexpire/
 * and of its kin (httl, hpersist, hgetex, hsetex, hgetdel), cited at each test; and random commands go beside a model.
 */
import { TestStore } from '@larder/store-dispatch/testing';
import type { Journal } from '@larder/store-dispatch';
import { PlainInput, PlainOutput } from '../../test/plain-rdb';
import { Dice } from '../../test/dice';
import { keyCommands } from '../generic/key-commands';
import { hashCodec } from './hash-codec';
import { hashCommands } from './hash-commands';
import { FieldExpiry } from './hash-purge';
import { hashKind, hashLimits } from './hash-value';

const open = (): TestStore => new TestStore([...hashCommands, ...keyCommands], [hashKind], 2);
const integers = (...n: number[]): string => `*${n.length}\r\n${n.map((x) => `:${x}\r\n`).join('')}`;
const NOW = 1_700_000_000_000;
const LONG = 'v'.repeat(100);

afterEach(() => {
  hashLimits.maxListpackEntries = 512;
});

/** Both encodings: a long value makes a table. */
describe.each([['listpackex', 'v'], ['hashtable', LONG]])('times of hash fields (%s)', (encoding, value) => {
  const store = (): TestStore => {
    const s = open();
    s.run(['HSET', 'h', 'a', '1', 'b', '2', 'c', value]);
    return s;
  };

  it('HEXPIRE answers per field: 1 set, 0 condition not met, 2 deleted at once, -2 no such field or key', () => {
    const s = store();
    expect(s.run('HEXPIRE h 100 FIELDS 3 a b none')).toBe(integers(1, 1, -2));
    expect(s.run('OBJECT ENCODING h')).toBe(`$${encoding.length}\r\n${encoding}\r\n`);
    expect(s.run('HEXPIRE h 200 NX FIELDS 2 a c')).toBe(integers(0, 1));
    expect(s.run('HEXPIRE h 50 XX FIELDS 2 a b')).toBe(integers(1, 1));
    expect(s.run('HEXPIRE h 60 GT FIELDS 2 a c')).toBe(integers(1, 0));
    expect(s.run('HEXPIRE h 60 LT FIELDS 3 a b c')).toBe(integers(0, 0, 1));
    expect(s.run('HTTL h FIELDS 4 a b c none')).toBe(integers(60, 50, 60, -2));
    expect(s.run('HEXPIRE h 0 FIELDS 1 a')).toBe(integers(2));
    expect(s.run('HPEXPIREAT h 1 FIELDS 1 b')).toBe(integers(2));
    expect(s.run('HGETALL h')).toBe(`*2\r\n$1\r\nc\r\n$${value.length}\r\n${value}\r\n`);
    expect(s.run('HEXPIRE no 10 FIELDS 2 a b')).toBe(integers(-2, -2));
    expect(s.run('HEXPIRE h 0 FIELDS 1 c')).toBe(integers(2));
    expect(s.run('EXISTS h')).toBe(':0\r\n');
  });

  it('HTTL, HPTTL, HEXPIRETIME, HPEXPIRETIME tell it, HPERSIST takes it: -1 none, -2 no such field', () => {
    const s = store();
    s.run('HPEXPIRE h 1500 FIELDS 1 a');
    expect(s.run('HPTTL h FIELDS 3 a b x')).toBe(integers(1500, -1, -2));
    expect(s.run('HTTL h FIELDS 1 a')).toBe(integers(2));
    expect(s.run('HPEXPIRETIME h FIELDS 2 a b')).toBe(integers(NOW + 1500, -1));
    expect(s.run('HEXPIRETIME h FIELDS 2 a b')).toBe(integers((NOW + 2000) / 1000, -1));
    expect(s.run('HPERSIST h FIELDS 3 a b x')).toBe(integers(1, -1, -2));
    expect(s.run('HTTL h FIELDS 1 a')).toBe(integers(-1));
    expect(s.run('HTTL no FIELDS 2 a b')).toBe(integers(-2, -2));
    expect(s.run(`HEXPIREAT h ${NOW / 1000 + 7} FIELDS 1 a`)).toBe(integers(1));
    expect(s.run('HPTTL h FIELDS 1 a')).toBe(integers(7000));
  });

  it('a field whose time is over is gone for every command, and the key with the last one', () => {
    const s = store();
    s.run('HPEXPIRE h 10 FIELDS 2 a b');
    s.step(11);
    for (const words of ['HGET h a', 'HGET h b']) expect(s.run(words)).toBe('$-1\r\n');
    expect(s.run('HLEN h')).toBe(':1\r\n');
    expect(s.run('HKEYS h')).toBe('*1\r\n$1\r\nc\r\n');
    expect(s.run('HSETNX h a new')).toBe(':1\r\n');
    expect(s.run('HTTL h FIELDS 1 a')).toBe(integers(-1));
    s.run('HPEXPIRE h 10 FIELDS 2 a c');
    s.step(11);
    expect(s.run('HGETALL h')).toBe('*0\r\n');
    expect(s.run('EXISTS h')).toBe(':0\r\n');
  });

  it('HSET takes the time away, HINCRBY and HSETEX KEEPTTL keep it; RENAME and COPY carry it', () => {
    const s = store();
    s.run('HEXPIRE h 100 FIELDS 3 a b c');
    s.run('HSET h a 5');
    s.run('HINCRBY h b 5');
    s.run(['HSETEX', 'h', 'KEEPTTL', 'FIELDS', '1', 'c', LONG]);
    expect(s.run('HTTL h FIELDS 3 a b c')).toBe(integers(-1, 100, 100));
    s.run('COPY h k');
    s.run('RENAME h m');
    for (const key of ['k', 'm']) expect(s.run(`HTTL ${key} FIELDS 3 a b c`)).toBe(integers(-1, 100, 100));
  });

  it('HGETEX, HSETEX and HGETDEL', () => {
    const s = store();
    expect(s.run('HGETEX h EX 10 FIELDS 2 a x')).toBe('*2\r\n$1\r\n1\r\n$-1\r\n');
    expect(s.run('HTTL h FIELDS 1 a')).toBe(integers(10));
    expect(s.run('HGETEX h PERSIST FIELDS 1 a')).toBe('*1\r\n$1\r\n1\r\n');
    expect(s.run('HTTL h FIELDS 1 a')).toBe(integers(-1));
    expect(s.run('HGETEX h FIELDS 1 a')).toBe('*1\r\n$1\r\n1\r\n');
    expect(s.run(`HGETEX h PXAT 1 FIELDS 1 a`)).toBe('*1\r\n$1\r\n1\r\n');
    expect(s.run('HEXISTS h a')).toBe(':0\r\n');
    expect(s.run('HSETEX h FXX EX 5 FIELDS 2 b 7 a 8')).toBe(':0\r\n');
    expect(s.run('HSETEX h FNX EX 5 FIELDS 2 b 7 a 8')).toBe(':0\r\n');
    expect(s.run('HSETEX h FNX EX 5 FIELDS 2 d 7 a 8')).toBe(':1\r\n');
    expect(s.run('HTTL h FIELDS 3 d a b')).toBe(integers(5, 5, -1));
    expect(s.run('HSETEX new PX 5 FIELDS 1 f v')).toBe(':1\r\n');
    expect(s.run('HSETEX gone PXAT 5 FIELDS 1 f v')).toBe(':1\r\n');
    expect(s.run('EXISTS new gone')).toBe(':1\r\n');
    expect(s.run('HGETDEL h FIELDS 3 a d x')).toBe('*3\r\n$1\r\n8\r\n$1\r\n7\r\n$-1\r\n');
    expect(s.run('HGETDEL new FIELDS 1 f')).toBe('*1\r\n$1\r\nv\r\n');
    expect(s.run('EXISTS new')).toBe(':0\r\n');
    expect(s.run('HGETDEL no FIELDS 1 f')).toBe('*1\r\n$-1\r\n');
  });

  it('answers what is wrong with a command', () => {
    const s = store();
    const missing = '-ERR Mandatory argument FIELDS is missing or not at the right position\r\n';
    expect(s.run('HEXPIRE h 10 XX GT FIELDS 1 a')).toBe(missing);
    expect(s.run('HTTL h a b c')).toBe(missing);
    expect(s.run('HEXPIRE h 10 FIELDS 0 a')).toBe('-ERR Parameter `numFields` should be greater than 0\r\n');
    expect(s.run('HEXPIRE h 10 FIELDS 3 a b')).toBe('-ERR The `numfields` parameter must match the number of arguments\r\n');
    expect(s.run('HEXPIRE h -1 FIELDS 1 a')).toBe('-ERR invalid expire time, must be >= 0\r\n');
    expect(s.run('HEXPIRE h 999999999999 FIELDS 1 a')).toBe("-ERR invalid expire time in 'hexpire' command\r\n");
    expect(s.run('HEXPIRE h x FIELDS 1 a')).toBe('-ERR value is not an integer or out of range\r\n');
    expect(s.run('HSETEX h EX 1 PX 1 FIELDS 1 a 1')).toBe('-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified\r\n');
    expect(s.run('HTTL h FIELDS 1')).toBe("-ERR wrong number of arguments for 'httl' command\r\n");
  });
});

interface Field {
  value: string;
  time: number;
}

function saved(s: TestStore, key: string): { type: number; bytes: Buffer } | undefined {
  if (s.keyspace.lookup(0, Buffer.from(key), 0, key.length) === 0) return undefined;
  const out = new PlainOutput();
  const type = hashCodec.rdbType(s.keyspace.view, 10);
  hashCodec.save(s.keyspace.view, out);
  return { type, bytes: out.bytes };
}

describe('times of hash fields beside a model', () => {
  it.each([[1, 512], [2, 8], [3, 4]])('hold what the model holds, saved and journalled too (seed %i)', (seed, maxListpackEntries) => {
    hashLimits.maxListpackEntries = maxListpackEntries;
    const s = open();
    const other = open();
    const before = s.arena.used;
    const written: string[][] = [];
    const journal: Journal = {
      append: (_database, args) => void written.push(Array.from({ length: args.count }, (_, i) => args.text(i))),
      commit: () => undefined,
    };
    s.dispatcher.journal = journal;
    const model = new Map<string, Field>();
    const dice = new Dice(seed);
    for (let step = 0; step < 2500; step++) {
      const { now } = s.keyspace;
      for (const [field, { time }] of model) if (time >= 0 && time < now) model.delete(field);
      const field = `f${dice.below(20)}`;
      const known = model.get(field);
      const value = dice.below(40) === 0 ? LONG : String(dice.below(1000));
      switch (dice.below(9)) {
        case 0: case 1:
          expect(s.run(['HSET', 'h', field, value])).toBe(known === undefined ? ':1\r\n' : ':0\r\n');
          model.set(field, { value, time: -1 });
          break;
        case 2: case 3: {
          const ms = dice.below(60);
          expect(s.run(`HPEXPIRE h ${ms} FIELDS 1 ${field}`)).toBe(integers(known === undefined ? -2 : ms === 0 ? 2 : 1));
          if (known !== undefined && ms === 0) model.delete(field);
          else if (known !== undefined) known.time = now + ms;
          break;
        }
        case 4:
          expect(s.run(`HDEL h ${field}`)).toBe(known === undefined ? ':0\r\n' : ':1\r\n');
          model.delete(field);
          break;
        case 5:
          expect(s.run(`HPERSIST h FIELDS 1 ${field}`)).toBe(integers(known === undefined ? -2 : known.time < 0 ? -1 : 1));
          if (known !== undefined) known.time = -1;
          break;
        case 6:
          expect(s.run(`HPTTL h FIELDS 1 ${field}`)).toBe(integers(known === undefined ? -2 : known.time < 0 ? -1 : known.time - now));
          break;
        case 7: {
          if (known !== undefined && /^[vL]/.test(known.value)) break;
          const sum = Number(known?.value ?? 0) + 3;
          expect(s.run(`HINCRBY h ${field} 3`)).toBe(`:${sum}\r\n`);
          model.set(field, { value: String(sum), time: known?.time ?? -1 });
          break;
        }
        default:
          if (known !== undefined) expect(s.run(`HGET h ${field}`)).toBe(`$${known.value.length}\r\n${known.value}\r\n`);
          else expect(s.run(`HGET h ${field}`)).toBe('$-1\r\n');
      }
      other.keyspace.now = now;
      for (const words of written.splice(0)) expect(other.run(words)).not.toMatch(/^-/);
      if (step % 40 === 0) {
        const told = (t: TestStore, key = 'h'): string[] => {
          const fields = t.run(`HKEYS ${key}`).split('\r\n').filter((line) => line.startsWith('f')).sort();
          return fields.map((name) => `${name} ${t.run(`HGET ${key} ${name}`)} ${t.run(`HPEXPIRETIME ${key} FIELDS 1 ${name}`)}`);
        };
        const mine = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, f]) => `${name} $${f.value.length}\r\n${f.value}\r\n ${integers(f.time)}`);
        expect(told(s)).toEqual(mine);
        expect(s.run('HLEN h')).toBe(`:${model.size}\r\n`);
        expect(told(other)).toEqual(mine);
        const value = saved(s, 'h');
        if (value !== undefined) {
          s.keyspace.lookupWrite(0, Buffer.from('back'), 0, 4);
          hashCodec.restore(value.type, new PlainInput(value.bytes), s.keyspace);
          expect(told(s, 'back')).toEqual(mine);
          s.run('COPY h back REPLACE');
          expect(told(s, 'back')).toEqual(mine);
          s.run('DEL back');
        }
        written.length = 0;
        if (dice.below(6) === 0) {
          for (const t of [s, other]) t.run('DEL h');
          model.clear();
          written.length = 0;
        }
      }
      s.step(dice.below(4));
    }
    s.run('DEL h');
    expect(s.arena.used).toBe(before);
  });

  it('are deleted by a walk when nobody looks, the key with the last one', () => {
    const s = open();
    const before = s.arena.used;
    for (let k = 0; k < 300; k++) s.run(['HSET', `k${k}`, 'a', '1', 'b', k % 2 === 0 ? LONG : '2']);
    for (let i = 0; i < 1000; i++) s.run(['HSET', 'big', `f${i}`, '1']);
    const written: string[] = [];
    s.dispatcher.journal = { append: (_database, args) => void written.push(args.text(0)), commit: () => undefined };
    let clock = 0;
    const walk = new FieldExpiry(s.keyspace, () => s.dispatcher.journal, () => (clock += 0.01), (_shard, work) => (work(), true));
    expect(walk.run()).toBe(false);
    for (let k = 0; k < 300; k++) s.run(`HPEXPIRE k${k} 10 FIELDS ${k % 3 === 0 ? '2 a b' : '1 a'}`);
    s.run(['HPEXPIRE', 'big', '10', 'FIELDS', '1000', ...Array.from({ length: 1000 }, (_, i) => `f${i}`)]);
    written.length = 0;
    s.step(11);
    for (let i = 0; i < 60; i++) walk.run();
    expect(walk.deleted).toBe(1400);
    expect(new Set(written)).toEqual(new Set(['HDEL']));
    expect(s.run('EXISTS big k0 k3 k1 k2')).toBe(':2\r\n');
    expect(s.keyspace.size(0)).toBe(200);
    for (let k = 0; k < 300; k++) s.run(`DEL k${k}`);
    expect(s.arena.used).toBe(before);
  });

  it('take at most 16 bytes a field', () => {
    const s = open();
    const root = s.arena.used;
    for (let i = 0; i < 20_000; i++) s.run(['HSET', 'big', `field-${i}`, 'value-0123456789']);
    const plain = s.arena.used - root;
    for (let i = 0; i < 20_000; i++) s.run(['HPEXPIRE', 'big', String(100_000 + ((i * 7919) % 20_000)), 'FIELDS', '1', `field-${i}`]);
    const timed = s.arena.used - root;
    expect((timed - plain) / 20_000).toBeLessThanOrEqual(16);
    const small = s.arena.used;
    for (let k = 0; k < 300; k++) for (let i = 0; i < 10; i++) s.run(['HSET', `k${k}`, `field-${i}`, 'value-0123456789']);
    const smallPlain = s.arena.used - small;
    for (let k = 0; k < 300; k++) s.run(['HEXPIRE', `k${k}`, '1000', 'FIELDS', '10', ...Array.from({ length: 10 }, (_, i) => `field-${i}`)]);
    expect((s.arena.used - small - smallPlain) / 3_000).toBeLessThanOrEqual(16);
  });
});
