/**
 * Values in forms that Redis 7 loads but no longer writes: ziplists, zipmaps, counted lists. Whole ones, and damaged ones under a
 * checksum that is right.
 */
import { argument, one } from '../grammar.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import type { Random } from '../random.ts';
import { anyValue } from '../values.ts';

const own = argument('old-key', (random) => `old${random.between(0, 5)}`);
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

const CRC = Array.from({ length: 256 }, (_, at) => {
  let crc = BigInt(at);
  for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
  return crc;
});

function payload(type: number, value: Buffer): string {
  const body = Buffer.concat([Buffer.from([type]), value, Buffer.from([10, 0])]);
  let crc = 0n;
  for (const byte of body) crc = CRC[Number((crc ^ BigInt(byte)) & 255n)]! ^ (crc >> 8n);
  const trailer = Buffer.alloc(8);
  trailer.writeBigUInt64LE(crc);
  return Buffer.concat([body, trailer]).toString('latin1');
}

function lengthOf(n: number): Buffer {
  if (n < 64) return Buffer.from([n]);
  if (n < 16384) return Buffer.from([64 | (n >> 8), n & 255]);
  const out = Buffer.alloc(5, 0x80);
  out.writeUInt32BE(n, 1);
  return out;
}

const stringOf = (value: Buffer): Buffer => Buffer.concat([lengthOf(value.length), value]);

/** Head and payload, in one of the forms that hold the value. */
function ziplistEntry(value: string, random: Random): Buffer {
  const n = Number(value);
  if (/^(0|-?[1-9]\d{0,14})$/.test(value) && random.chance(0.85)) {
    const forms: Buffer[] = [];
    const integer = (kind: number, width: number): void => {
      if (Math.abs(n) >= 2 ** (width * 8 - 1)) return;
      const out = Buffer.alloc(width + 1, kind);
      if (width <= 6) out.writeIntLE(n, 1, width);
      else out.writeBigInt64LE(BigInt(n), 1);
      forms.push(out);
    };
    if (n >= 0 && n <= 12) forms.push(Buffer.from([0xf1 + n]));
    for (const [kind, width] of [[0xfe, 1], [0xc0, 2], [0xf0, 3], [0xd0, 4], [0xe0, 8]] as const) integer(kind, width);
    return random.chance(0.8) ? forms[0]! : random.pick(forms);
  }
  const text = bytes(value);
  if (text.length < 64 && random.chance(0.9)) return Buffer.concat([Buffer.from([text.length]), text]);
  if (text.length < 16384 && random.chance(0.9)) return Buffer.concat([Buffer.from([64 | (text.length >> 8), text.length & 255]), text]);
  const head = Buffer.alloc(5, 0x80);
  head.writeUInt32BE(text.length, 1);
  return Buffer.concat([head, text]);
}

function ziplist(values: readonly string[], random: Random): Buffer {
  const parts: Buffer[] = [];
  let before = 0;
  let size = 10;
  let tail = 10;
  for (const value of values) {
    const isWide = before >= 254 || random.chance(0.05);
    const head = Buffer.alloc(isWide ? 5 : 1, isWide ? 0xfe : before);
    if (isWide) head.writeUInt32LE(before, 1);
    const entry = Buffer.concat([head, ziplistEntry(value, random)]);
    parts.push(entry);
    tail = size;
    size += entry.length;
    before = entry.length;
  }
  const header = Buffer.alloc(10);
  header.writeUInt32LE(size + 1, 0);
  header.writeUInt32LE(tail, 4);
  header.writeUInt16LE(random.chance(0.05) ? 65535 : values.length, 8);
  return Buffer.concat([header, ...parts, Buffer.from([0xff])]);
}

function zipmap(pairs: readonly string[], random: Random): Buffer {
  const size = (n: number): Buffer => {
    if (n < 254) return Buffer.from([n]);
    const out = Buffer.alloc(5, 0xfe);
    out.writeUInt32LE(n, 1);
    return out;
  };
  const parts: Buffer[] = [Buffer.from([Math.min(pairs.length >> 1, 254)])];
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const [field, value] = [bytes(pairs[at]!), bytes(pairs[at + 1]!)];
    const free = random.chance(0.2) ? random.between(1, 3) : 0;
    parts.push(size(field.length), field, size(value.length), Buffer.from([free]), value, Buffer.alloc(free, 0x2e));
  }
  return Buffer.concat([...parts, Buffer.from([0xff])]);
}

const few = (random: Random): number => (random.chance(0.05) ? 0 : random.chance(0.05) ? random.between(100, 700) : random.between(1, 12));
const values = (random: Random): string[] => Array.from({ length: few(random) }, () => anyValue(random));
function fields(random: Random, value: (random: Random) => string): string[] {
  const out: string[] = [];
  for (let at = few(random); at > 0; at--) out.push(random.chance(0.8) ? `f${at}` : random.chance(0.95) ? String(at * 100) : `${'g'.repeat(70)}${at}`, value(random));
  return out;
}
const scores = (random: Random): string => random.pick(['1', '2.5', '-3', '0', '1e3', '7', 'inf']);

/** Flips, cuts or lengthens a blob. */
function damage(blob: Buffer, random: Random): Buffer {
  if (blob.length === 0) return blob;
  const out = Buffer.from(blob);
  switch (random.between(0, 3)) {
    case 0:
      return out.subarray(0, random.between(0, out.length - 1));
    case 1:
      return Buffer.concat([out, Buffer.from([random.pick([0, 0xff, 0x01])])]);
    default:
      // Heads and lengths are what decides, and most of them are near the front.
      out[random.between(0, Math.min(out.length - 1, random.pick([12, 40, 4000])))] = random.pick([0, 1, 0x3f, 0x40, 0x80, 0xbf, 0xc0, 0xd0, 0xe0, 0xf0, 0xf1, 0xfd, 0xfe, 0xff, random.between(0, 255)]);
      return out;
  }
}

function sortedPairs(pairs: readonly string[]): string[] {
  const two: [string, string][] = [];
  for (let at = 0; at + 1 < pairs.length; at += 2) two.push([pairs[at]!, pairs[at + 1]!]);
  const score = (text: string): number => (text === 'inf' ? Infinity : Number(text));
  two.sort(([a, x], [b, y]) => score(x) - score(y) || (a < b ? -1 : 1));
  return two.flat();
}

const oldPayload = argument('old-payload', (random) => {
  const maybeDamaged = (blob: Buffer): Buffer => (random.chance(0.3) ? damage(blob, random) : blob);
  switch (random.between(0, 8)) {
    case 0:
      return payload(9, stringOf(maybeDamaged(zipmap(fields(random, anyValue), random))));
    case 1:
      return payload(10, stringOf(maybeDamaged(ziplist(values(random), random))));
    case 2:
      return payload(12, stringOf(ziplist(sortedPairs(fields(random, scores)), random)));
    case 3:
      return payload(13, stringOf(maybeDamaged(ziplist(fields(random, anyValue).slice(random.chance(0.03) ? 1 : 0), random))));
    case 4: {
      const nodes = Array.from({ length: random.between(0, 4) }, () => stringOf(random.chance(0.1) ? damage(ziplist(values(random), random), random) : ziplist(values(random), random)));
      return payload(14, Buffer.concat([lengthOf(nodes.length), ...nodes]));
    }
    case 5: {
      const list = values(random).map((value) => stringOf(bytes(value)));
      return payload(1, Buffer.concat([lengthOf(list.length), ...list]));
    }
    case 6: {
      const pairs = fields(random, anyValue);
      return payload(4, Buffer.concat([lengthOf(pairs.length >> 1), ...pairs.map((value) => stringOf(bytes(value)))]));
    }
    case 7: {
      const pairs = fields(random, scores);
      const parts = pairs.map((value, at) => {
        if (at % 2 === 0) return stringOf(bytes(value));
        return value === 'inf' ? Buffer.from([random.pick([254, 255])]) : Buffer.concat([Buffer.from([value.length]), bytes(value)]);
      });
      return payload(3, Buffer.concat([lengthOf(pairs.length >> 1), ...parts]));
    }
    default: {
      const set = [...new Set(values(random))].map((value) => stringOf(bytes(value)));
      return payload(2, Buffer.concat([lengthOf(set.length), ...set]));
    }
  }
});

export const oldPayloads: Group = {
  name: 'old-payloads',
  weight: 1,
  rows: [
    shaped('RESTORE', 10, [own, '0', oldPayload, one('REPLACE', 'REPLACE', 'ABSTTL')], (command) => ({
      commands: [command, ['TYPE', command[1]!], ['OBJECT', 'ENCODING', command[1]!], ['DUMP', command[1]!]],
    }), ['TYPE', 'OBJECT ENCODING', 'DUMP']),
    row('LRANGE', 1, own, '0', '-1'),
    row('HGETALL', 1, own),
    row('ZRANGE', 1, own, '0', '-1', 'WITHSCORES'),
    row('RPUSH', 1, own, 'x', '5'),
    row('HSET', 1, own, 'f1', 'new'),
    row('ZADD', 1, own, '3', 'f1'),
    row('LPOP', 1, own),
    row('DEL', 1, own),
  ],
};
