/**
 * Sizes as redis.conf writes them and as INFO shows them.
 *
 * `k`, `m`, `g` are powers of 1000 and `kb`, `mb`, `gb` powers of 1024, in any case; a lone `b` or nothing
 * means bytes. Values are 64-bit and wrap like the C arithmetic that users' files were written against.
 */

import { untilNul } from './byte-text';

const MULTIPLIERS: Readonly<Record<string, bigint>> = {
  '': 1n,
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
};
const ULLONG_MAX = 2n ** 64n - 1n;
const DIGITS_MAX = 127;

/** `64mb` → 67108864n; undefined when it is not a size. Digits may be missing (`""` and `kb` are 0), as in Redis. */
export function parseMemory(text: string): bigint | undefined {
  const found = /^([0-9]*)([a-z]*)$/i.exec(untilNul(text));
  if (!found) return undefined;
  const multiplier = MULTIPLIERS[found[2]!.toLowerCase()];
  if (multiplier === undefined || found[1]!.length > DIGITS_MAX) return undefined;
  const digits = found[1] === '' ? 0n : BigInt(found[1]!);
  return BigInt.asUintN(64, (digits > ULLONG_MAX ? ULLONG_MAX : digits) * multiplier);
}

/** The shortest exact form for a configuration file: the largest unit that divides it. */
export function formatMemory(bytes: bigint): string {
  const signed = BigInt.asIntN(64, bytes);
  if (signed === 0n) return '0';
  if (signed % 1024n ** 3n === 0n) return `${signed / 1024n ** 3n}gb`;
  if (signed % 1024n ** 2n === 0n) return `${signed / 1024n ** 2n}mb`;
  if (signed % 1024n === 0n) return `${signed / 1024n}kb`;
  return `${signed}`;
}

/** INFO's `*_human` fields: `0B`, `917.48K`, `1.00M`. */
export function bytesToHuman(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let amount = bytes;
  for (const unit of ['K', 'M', 'G', 'T', 'P']) {
    amount /= 1024;
    if (amount < 1024) return `${amount.toFixed(2)}${unit}`;
  }
  return `${bytes}B`;
}
