/**
 * Keys, values, numbers and patterns that rows draw from.
 *
 * The key space is small so that commands collide; each type has its own names, and now and then
 * a command gets a key of another type. Keys `k0`… belong to whoever comes first.
 */
import { argument } from './grammar.ts';
import type { Part } from './grammar.ts';
import type { Random } from './random.ts';

export type KeyType = 'string' | 'hash' | 'list' | 'set' | 'zset' | 'stream' | 'bits';

const PREFIX: Record<KeyType, string> = { string: 's', hash: 'h', list: 'l', set: 'u', zset: 'z', stream: 'x', bits: 'b' };
const TYPES = Object.keys(PREFIX) as KeyType[];
const KEYS_PER_TYPE = 5;

function keyName(random: Random, type: KeyType): string {
  const roll = random.fraction();
  if (roll < 0.84) return `${PREFIX[type]}${random.between(0, KEYS_PER_TYPE - 1)}`;
  if (roll < 0.92) return `k${random.between(0, 3)}`;
  if (roll < 0.925) return '';
  if (roll < 0.93) return `long-key-${'n'.repeat(80)}`;
  if (roll < 0.97) return `${PREFIX[random.pick(TYPES)]}${random.between(0, KEYS_PER_TYPE - 1)}`;
  return `missing${random.between(0, 2)}`;
}

export function key(type: KeyType): Part {
  return argument(`${type}-key`, (random) => keyName(random, type));
}

export const anyKey: Part = argument('key', (random) => keyName(random, random.pick(TYPES)));

/**
 * Names that only a few rows use, because what is compared there is only defined as long as nobody else writes to them:
 * sorted sets whose scores are all 0 (ranges by name), and lists (SORT keeps ties in their order).
 */
export const evenZset: Part = argument('even-zset-key', (random) => (random.chance(0.97) ? `even${random.between(0, 2)}` : 'even-missing'));
export const pureList: Part = argument('pure-list-key', (random) => (random.chance(0.97) ? `pure${random.between(0, 2)}` : 'pure-missing'));

const INTEGERS = ['0', '1', '-1', '2', '10', '99', '100', '-100', '4095', '65536', '2147483648', '-2147483649'];
const EDGE_INTEGERS = ['9223372036854775807', '-9223372036854775808', '9223372036854775806', '9223372036854775808', '-9223372036854775809'];
const FLOATS = ['0.1', '3.14', '-2.5', '1e3', '1.5e-7', '100000000000000000000', '3.0', '-0', '0.30000000000000004', '1e17', '123456.789', '2.2250738585072014e-308'];
const ODD_WORDS = ['', ' 12', '12 ', '+5', '012', '0x10', '1 2', 'inf', '-inf', 'nan', '\x00', '\xff\xfe\x00\r\n', 'caf\xc3\xa9', '"quoted"', '-0.0', '1e400'];
const WORDS = ['a', 'b', 'c', 'd', 'e', 'aa', 'ab', 'foo', 'bar', 'foobar', 'ohmytext', 'mynewtext'];

export function anyValue(random: Random): string {
  const roll = random.fraction();
  if (roll < 0.3) return random.pick(WORDS);
  if (roll < 0.5) return String(random.between(-20, 200));
  if (roll < 0.6) return random.pick(INTEGERS);
  if (roll < 0.65) return random.pick(EDGE_INTEGERS);
  if (roll < 0.75) return random.pick(FLOATS);
  if (roll < 0.85) return random.pick(ODD_WORDS);
  if (roll < 0.95) return sized(random, random.pick([12, 32, 43, 44, 45, 63, 64, 65, 66]));
  if (roll < 0.99) return sized(random, random.between(80, 400));
  return sized(random, random.pick([1024, 4096, 9000, 17000]));
}

/** Text of an exact length; one in three is binary. */
function sized(random: Random, length: number): string {
  const unit = random.pick(['abcdefgh', 'x', '\x00\x01\x7f\x80\xff']);
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

export const value: Part = argument('value', anyValue);
/** Elements of lists: repeated often, so that LREM, LPOS and LINSERT find some. */
export const element: Part = argument('element', (random) => (random.chance(0.7) ? random.pick(WORDS) : anyValue(random)));
export const field: Part = argument('field', (random) =>
  random.chance(0.75) ? `f${random.between(0, 12)}` : random.chance(0.6) ? `f${random.between(0, 300)}` : anyValue(random),
);
/** Members of sets: half integers, so that intsets live for a while. */
export const intMember: Part = argument('integer', (random) =>
  random.chance(0.9) ? String(random.between(-10, 60)) : random.chance(0.5) ? String(random.between(-40000, 40000) * 100000) : random.pick(INTEGERS),
);
export const member: Part = argument('member', (random) =>
  random.chance(0.5) ? String(random.between(0, 40)) : random.chance(0.7) ? `m${random.between(0, 30)}` : random.chance(0.2) ? `m${random.between(0, 400)}` : anyValue(random),
);

export const integer: Part = argument('integer', (random) =>
  random.chance(0.8) ? String(random.between(-12, 60)) : random.chance(0.6) ? random.pick(INTEGERS) : random.chance(0.7) ? random.pick(EDGE_INTEGERS) : anyValue(random),
);
export const float: Part = argument('float', (random) =>
  random.chance(0.5) ? String(random.between(-100, 100) / 8) : random.chance(0.6) ? random.pick(FLOATS) : random.chance(0.5) ? String(random.between(-9, 9)) : anyValue(random),
);
export const index: Part = argument('index', (random) =>
  random.chance(0.9) ? String(random.between(-8, 14)) : random.pick(['-1', '0', '-1000', '1000', '9223372036854775807', '-9223372036854775808', 'x']),
);
export const count: Part = argument('count', (random) =>
  random.chance(0.9) ? String(random.between(0, 8)) : random.pick(['-1', '-5', '100', '1000', '9223372036854775807', '-9223372036854775808', 'x', '1.5']),
);
export const score: Part = argument('score', (random) =>
  random.chance(0.6) ? String(random.between(-5, 20)) : random.chance(0.7) ? random.pick(FLOATS) : random.pick(['inf', '-inf', '+inf', 'nan', 'x', '1e400', '9007199254740993', '0x1p3', '-0']),
);
export const scoreBound: Part = argument('score-bound', (random) =>
  random.chance(0.2) ? random.pick(['-inf', '+inf', '(1', '(inf', '(', 'x', 'nan', '(-2.5']) : `${random.chance(0.25) ? '(' : ''}${random.between(-6, 20)}${random.chance(0.2) ? '.5' : ''}`,
);
export const lexBound: Part = argument('lex-bound', (random) =>
  random.chance(0.3) ? random.pick(['-', '+', '[', '(', 'a', '', '[a', '(m2']) : `${random.pick(['[', '('])}${random.pick(['m', 'm1', 'm2', 'm3', '0', '1', '2', '5', 'a', 'z'])}`,
);

export const pattern: Part = argument('pattern', (random) =>
  random.pick(['*', '?', '??', '[a-m]*', '[^a-m]*', '*1*', 'f*', 'm?', 'k[0-2]', '\\*', 's*', '[z-a]?', '', '*a*b*', '[', 'h\\0', '[\\]]', 'nothing*', '***']),
);

/** Times to live long enough not to end during a run, or already over. */
export const ttlSeconds: Part = argument('seconds', (random) =>
  random.chance(0.85) ? String(random.between(2_000, 2_000_000)) : random.pick(['0', '-1', '-100', '9223372036854775807', '9223372036854775', '-9223372036854775808', 'x', '', '1.5']),
);
export const ttlMilliseconds: Part = argument('milliseconds', (random) =>
  random.chance(0.85) ? String(random.between(2_000_000, 2_000_000_000)) : random.pick(['0', '-1', '-100', '9223372036854775807', '-9223372036854775808', 'x', '']),
);
export const unixSeconds: Part = argument('unix-seconds', (random) =>
  random.chance(0.85) ? String(4_102_444_800 + random.between(0, 1000)) : random.pick(['0', '1', '-1', '9223372036854775807', '9223372036854775', 'x']),
);
export const unixMilliseconds: Part = argument('unix-milliseconds', (random) =>
  random.chance(0.85) ? String(4_102_444_800_000 + random.between(0, 1000)) : random.pick(['0', '1', '-1', '9223372036854775807', 'x']),
);
