/** HyperLogLogs: their bytes are compared too, honest ones and ones that somebody wrote with SET. */
import { argument, many, maybe, one, seq } from '../grammar.ts';
import { row } from '../row.ts';
import type { Group } from '../row.ts';
import { anyValue, key } from '../values.ts';

const own = argument('hyperloglog-key', (random) => `p${random.between(0, 5)}`);
const h = one(own, own, own, own, own, own, own, own, key('string'));
/** Many different ones, so that sketches become dense. */
const element = argument('element', (random) => (random.chance(0.1) ? anyValue(random) : random.chance(0.5) ? `e${random.between(0, 3_000_000)}` : String(random.between(0, 50))));
const run = (random: { between(a: number, b: number): number }): string => {
  const kind = random.between(0, 2);
  if (kind === 0) return String.fromCharCode(random.between(0, 63));
  if (kind === 1) return String.fromCharCode(64 + random.between(0, 63), random.between(0, 255));
  return String.fromCharCode(128 + random.between(0, 127));
};
const written = argument('sketch', (random) => {
  const header = `HYLL${random.pick(['\x01', '\x01', '\x01', '\x00', '\x02'])}\x00\x00\x00${random.pick(['\x05\x00\x00\x00\x00\x00\x00\x00', '\x00\x00\x00\x00\x00\x00\x00\x80', '\xff\xff\xff\xff\xff\xff\xff\x7f'])}`;
  switch (random.between(0, 3)) {
    case 0:
      return header.slice(0, random.between(0, 16));
    case 1:
      return `HYLL\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80${random.pick(['\x00', '\xff', '\x33', '\x8a', 'ab'])}`.padEnd(12304, random.pick(['\x00', '\xff', 'xyz', '\x0c\x31\xc3']));
    case 2:
      // Runs that cover all registers.
      return `${header}${random.pick(['\x7f\xff', '\x7f\xfe\x80', '\x3f'.repeat(256), '\x80\x7f\xfe', '\x83\x83\x83\x83\x7f\xef', '\xff\x7f\xfb'])}`;
    default:
      return header + Array.from({ length: random.between(0, 12) }, () => run(random)).join('');
  }
});

export const hyperloglogs: Group = {
  name: 'hyperloglogs',
  weight: 3,
  rows: [
    row('PFADD', 10, h, maybe(many(element, 6, 160), 0.95)),
    row('PFADD', 2, h, many(element, 300, 2500)),
    row('PFCOUNT', 4, h),
    row('PFCOUNT', 2, many(h, 4, 0)),
    row('PFMERGE', 3, h, maybe(many(h, 3, 0), 0.9)),
    row('PFDEBUG', 2, one('ENCODING', 'encoding', 'DECODE', 'TODENSE', 'NOTHING'), h),
    row('PFDEBUG', 1, 'GETREG', h),
    row('SET', 3, h, written),
    row('SETRANGE', 1, own, one('4', '8', '15', '16', '17', '20', '40'), one('\x00', '\x01', '\xff', '\x80\x80', '\x7f\x00')),
    row('GET', 3, h),
    row('STRLEN', 1, h),
    row('OBJECT ENCODING', 1, h),
    row('COPY', 1, own, own, 'REPLACE'),
    row('DEL', 2, h),
    row('EXPIRE', 1, own, '100000'),
    row('CONFIG SET', 1, seq('hll-sparse-max-bytes', one('3000', '3000', '0', '20', '100', '1000', '16000', '20000'))),
  ],
};
