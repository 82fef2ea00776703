/**
 * Arguments that bitmap commands share. A reader that refuses has written the error and answers NaN.
 */
import { Int64, int64ToBigInt, parseInt64, parseSafeInteger } from '@larder/store-datatypes';
import type { Unit } from '@larder/store-dispatch';
import { stringLimits } from '../string/string-value';

const BAD_OFFSET = 'ERR bit offset is not an integer or out of range';
const int64 = new Int64();

/**
 * A bit's place in argument `i`. With `bits`, `#n` stands for n fields of so many bits; the product is cut to 64 bits,
 * as in Redis.
 */
export function bitOffsetArg(unit: Unit, i: number, bits = 0): number {
  const { buf, off, len } = unit.args;
  const inFields = bits > 0 && len[i]! > 0 && buf[off[i]!] === 0x23;
  const start = off[i]! + (inFields ? 1 : 0);
  const length = len[i]! - (inFields ? 1 : 0);
  let offset = parseSafeInteger(buf, start, length) * (inFields ? bits : 1);
  if (!Number.isSafeInteger(offset) && parseInt64(buf, start, length, int64)) {
    offset = Number(BigInt.asIntN(64, int64ToBigInt(int64.hi, int64.lo) * BigInt(inFields ? bits : 1)));
  }
  if (offset >= 0 && Math.floor(offset / 8) < stringLimits.bytesMax) return offset;
  unit.reply.error(BAD_OFFSET);
  return NaN;
}
