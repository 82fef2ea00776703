import { TestStore } from '@larder/store-dispatch/testing';
import { keyCommands } from '../generic/key-commands';
import { stringCommands } from '../string/string-commands';
import { hyperloglogCommands } from './hyperloglog-commands';
import { hyperloglogLimits } from './hyperloglog-value';
import { selfTest } from './self-test';

const open = () => new TestStore([...stringCommands, ...hyperloglogCommands, ...keyCommands]);
const elements = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `e${from + i}`);

describe('HyperLogLog', () => {
  it('keeps the same bytes as redis-server 7.0.15', () => {
    const s = open();
    expect(s.run('PFADD h a b c d e f g')).toBe(':1\r\n');
    expect(s.run('PFDEBUG DECODE h')).toBe(
      '$93\r\nZ:1646 v:1,1 Z:5645 v:1,1 Z:1085 v:2,1 z:57 v:1,1 Z:4274 v:2,1 Z:2445 v:1,1 Z:622 v:1,1 Z:603\r\n',
    );
    expect(s.run('GET h')).toMatch(/^\$\d+\r\nHYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80/);
    expect(s.run('PFCOUNT h')).toBe(':7\r\n');
    expect(s.run('GETRANGE h 8 15')).toBe('$8\r\n\x07\x00\x00\x00\x00\x00\x00\x00\r\n');
    expect(s.run('PFADD h a b')).toBe(':0\r\n');
  });

  it('becomes dense beyond its limit and counts on', () => {
    const s = open();
    for (let i = 0; i < 20; i++) s.run(['PFADD', 'big', ...elements(i * 100, 100)]);
    expect(s.run('PFDEBUG ENCODING big')).toBe('+dense\r\n');
    expect(s.run('STRLEN big')).toBe(':12304\r\n');
    const counted = Number(s.run('PFCOUNT big').slice(1));
    expect(Math.abs(counted - 2000)).toBeLessThan(60);
  });

  it('counts the same in both encodings', () => {
    const s = open();
    s.run(['PFADD', 'sparse', ...elements(0, 300)]);
    s.run('COPY sparse dense');
    expect(s.run('PFDEBUG TODENSE dense')).toBe(':1\r\n');
    expect(s.run('PFDEBUG TODENSE dense')).toBe(':0\r\n');
    expect(s.run('PFDEBUG ENCODING sparse')).toBe('+sparse\r\n');
    expect(s.run('PFCOUNT sparse')).toBe(s.run('PFCOUNT dense'));
    expect(s.run('PFDEBUG GETREG sparse')).toBe(s.run('PFDEBUG GETREG dense'));
  });

  it('follows the limit of sparse sketches', () => {
    const s = open();
    const { sparseMaxBytes } = hyperloglogLimits;
    hyperloglogLimits.sparseMaxBytes = 20;
    try {
      s.run('PFADD h a');
      expect(s.run('PFDEBUG ENCODING h')).toBe('+dense\r\n');
    } finally {
      hyperloglogLimits.sparseMaxBytes = sparseMaxBytes;
    }
  });

  it('merges, and counts a union without writing it', () => {
    const s = open();
    s.run(['PFADD', 'a', ...elements(0, 60)]);
    s.run(['PFADD', 'b', ...elements(30, 60)]);
    const union = s.run('PFCOUNT a b missing');
    expect(Math.abs(Number(union.slice(1)) - 90)).toBeLessThan(5);
    expect(s.run('PFMERGE c a b')).toBe('+OK\r\n');
    expect(s.run('PFCOUNT c')).toBe(union);
    s.run(['PFADD', 'all', ...elements(0, 90)]);
    expect(s.run('PFDEBUG GETREG c')).toBe(s.run('PFDEBUG GETREG all'));
  });

  it('breaks a watch when counting keeps what it computed, and only then', () => {
    const s = open();
    s.run('PFADD h a');
    s.run('WATCH h');
    s.run('PFCOUNT h', s.connect());
    s.run('MULTI');
    expect(s.run('EXEC')).toBe('*-1\r\n');
    s.run('WATCH h');
    s.run('PFCOUNT h', s.connect());
    s.run('MULTI');
    expect(s.run('EXEC')).toBe('*0\r\n');
  });

  it('refuses what is no sketch, and what only looks like one', () => {
    const s = open();
    s.run('SET s x');
    expect(s.run('PFADD s a')).toBe('-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n');
    const header = Buffer.from('HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80', 'latin1');
    for (const runs of [[], [0x7f], [0x7f, 0xfe], [0x7f, 0xff, 0x80], [0xff, 0xff, 0xff]]) {
      s.run(['SET', 'bad', Buffer.concat([header, Buffer.from(runs)])]);
      expect(s.run('PFCOUNT bad')).toBe('-INVALIDOBJ Corrupted HLL object detected\r\n');
      expect(s.run('PFMERGE c bad')).toBe('-INVALIDOBJ Corrupted HLL object detected\r\n');
    }
    expect(s.run('EXISTS c')).toBe(':0\r\n');
    expect(s.run('PFDEBUG ENCODING missing')).toBe('-ERR The specified key does not exist\r\n');
    s.run('PFADD h a');
    expect(s.run('PFDEBUG NOTHING h')).toBe("-ERR Unknown PFDEBUG subcommand 'NOTHING'\r\n");
  });

  it('passes its own test', () => {
    let seed = 1;
    expect(selfTest(() => (seed = (Math.imul(seed, 1664525) + 1013904223) | 0), 10_000)).toBeUndefined();
  });
});
