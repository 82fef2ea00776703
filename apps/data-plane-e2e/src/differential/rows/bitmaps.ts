/** Strings seen as bits. */
import { argument, many, maybe, one, seq } from '../grammar.ts';
import { row } from '../row.ts';
import type { Group } from '../row.ts';
import { anyValue, index, integer, key } from '../values.ts';

const b = one(key('bits'), key('bits'), key('bits'), key('bits'), key('string'));
const bit = one('0', '1', '1', '1', '2', '-1', 'x');
/** Now and then far out, never so far that a real half gigabyte is written. */
const writeOffset = argument('bit-offset', (random) => {
  const roll = random.fraction();
  if (roll < 0.75) return String(random.between(0, 400));
  if (roll < 0.9) return String(random.between(0, 9000));
  if (roll < 0.95) return String(random.between(0, 700_000));
  return random.pick(['4294967296', 'x', '-1', '#1', '', '9223372036854775808', '01']);
});
const readOffset = argument('bit-offset', (random) => (random.chance(0.9) ? String(random.between(0, 9000)) : random.pick(['4294967295', '4294967296', '-1', '#0', 'x'])));
const wideIndex = argument('index', (random) =>
  random.chance(0.5) ? String(random.between(-20, 20)) : random.chance(0.9) ? String(random.between(-3000, 3000)) : random.pick(['9223372036854775807', '-9223372036854775808', '-9223372036854775807', 'x', '1e2']),
);
const at = one(index, wideIndex);
const unit = one('BYTE', 'BIT', 'BIT', 'bit', 'byte', 'WORD');
const fieldType = argument('type', (random) =>
  random.chance(0.9)
    ? `${random.pick(['u', 'i'])}${random.between(1, random.chance(0.7) ? 34 : 64)}`
    : random.pick(['i64', 'u63', 'u64', 'i65', 'x8', 'u0', 'i0', 'u', '', 'U8', 'u8\x00x', 'i-1', 'u08', 'i9223372036854775807', 'i9223372036854775808']),
);
const fieldOffset = argument('offset', (random) => {
  const roll = random.fraction();
  if (roll < 0.94) return `${random.chance(0.4) ? '#' : ''}${random.between(0, roll < 0.6 ? 40 : 2000)}`;
  return random.pick(['-1', '#-1', '#', 'x', '##1', '4294967296', '#4294967296', '#9223372036854775807', '#288230376151711744', '9223372036854775807']);
});
const amount = one(
  integer,
  argument('wide', (random) => String(random.between(-70_000, 70_000))),
  argument('wider', (random) => String(random.between(-(2 ** 33), 2 ** 33) * random.pick([1, 1000, 1_000_000]))),
  argument('edge', (random) => random.pick(['255', '256', '-129', '127', '4294967295', '-2147483648', '9007199254740993', '-4503599627370497', '9223372036854775807', '-9223372036854775808', '4611686018427387904'])),
);
const overflow = seq('OVERFLOW', one('WRAP', 'SAT', 'FAIL', 'sat', 'NONE'));
const get = seq('GET', fieldType, fieldOffset);
const steps = many(one(get, seq('SET', fieldType, fieldOffset, amount), seq('INCRBY', fieldType, fieldOffset, amount), seq('INCRBY', fieldType, fieldOffset, amount), overflow), 5, 30);
const bytes = argument('bytes', (random) => {
  if (random.chance(0.3)) return anyValue(random);
  const filler = random.pick(['\x00', '\xff', '\x00', '\xff', '\x0f']);
  const text = [...filler.repeat(random.between(0, random.chance(0.8) ? 40 : 20_000))];
  for (let left = random.between(0, 3); left > 0 && text.length > 0; left--) text[random.between(0, text.length - 1)] = String.fromCharCode(random.between(0, 255));
  return text.join('');
});

export const bitmaps: Group = {
  name: 'bitmaps',
  weight: 4,
  rows: [
    row('SET', 4, b, bytes),
    row('APPEND', 1, b, bytes),
    row('SETBIT', 6, b, writeOffset, bit),
    row('GETBIT', 3, b, readOffset),
    row('BITCOUNT', 5, b, maybe(seq(at, maybe(seq(at, maybe(unit)), 0.95)), 0.9)),
    row('BITPOS', 6, b, bit, maybe(seq(at, maybe(seq(at, maybe(unit)))), 0.9)),
    row('BITOP', 4, one('AND', 'OR', 'XOR', 'NOT', 'and', 'NAND'), b, many(b, 4, 0)),
    row('BITOP', 1, 'NOT', b, b),
    row('BITFIELD', 6, b, steps),
    row('BITFIELD', 1, b, overflow, steps),
    row('BITFIELD_RO', 2, b, maybe(many(get, 4, 0)), maybe(seq('SET', 'u8', '0', '1'), 0.05)),
    row('GET', 1, b),
    row('OBJECT ENCODING', 1, b),
    row('DEL', 1, b),
  ],
};
