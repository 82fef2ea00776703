/**
 * Random choices of elements: SRANDMEMBER, HRANDFIELD, ZRANDMEMBER, SPOP.
 */
import type { Unit } from '@larder/store-dispatch';
import { NOT_AN_INTEGER } from '@larder/store-dispatch';

const COUNT_MAX = 9223372036854775807n;
/** `$0\r\n\r\n` */
export const LEAST_ELEMENT_BYTES = 6;

/**
 * The count in argument `i`: how many, negative when repeats are allowed; NaN after answering an error. `pairs` halves
 * the range, since each comes with its value.
 */
export function countArg(unit: Unit, i: number, pairs: boolean): number {
  const big = unit.bigArg(i, NOT_AN_INTEGER);
  if (big === undefined) return NaN;
  if (big < -COUNT_MAX) {
    unit.reply.error(`ERR value is out of range, value must between ${-COUNT_MAX} and ${COUNT_MAX}`);
    return NaN;
  }
  const half = COUNT_MAX / 2n;
  if (pairs && (big > half || big < -half)) {
    unit.reply.error('ERR value is out of range');
    return NaN;
  }
  return Number(big);
}

/** One of 0 … n − 1. */
export function below(n: number, random: () => number): number {
  return Math.floor(((random() >>> 0) / 4294967296) * n);
}

/**
 * Picks `wanted` of `total` things that pass by in order: call `take` once for each. Every subset is as likely.
 * Source: Knuth, The Art of Computer Programming 3.4.2, algorithm S.
 */
export class Sampling {
  private left: number;
  private wanted: number;
  private readonly random: () => number;

  constructor(total: number, wanted: number, random: () => number) {
    this.left = total;
    this.wanted = wanted;
    this.random = random;
  }

  take(): boolean {
    const taken = below(this.left--, this.random) < this.wanted;
    if (taken) this.wanted--;
    return taken;
  }
}
