/**
 * Strings as arrays of bits: SETBIT, GETBIT, BITCOUNT, BITPOS. BITOP and BITFIELD have files of their own.
 */
import { TYPE_STRING } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOTIFY_STRING } from '@larder/store-keyspace';
import { bitOffsetArg } from './bit-arguments';
import { countBits, firstBit, firstInByte, onesOf } from './bit-words';
import { bitfieldCommands } from './bitfield-command';
import { bitopCommand } from './bitop-command';
import { makeAddressable } from './bitmap-value';

const BAD_BIT = 'ERR bit is not an integer or out of range';

function setbit(unit: Unit): void {
  const { reply, view, keyspace } = unit;
  const offset = bitOffsetArg(unit, 2);
  if (offset !== offset) return;
  const on = unit.integerArg(3, BAD_BIT);
  if (on !== on) return;
  if (on !== 0 && on !== 1) return reply.error(BAD_BIT);
  const found = unit.writeTyped(1, TYPE_STRING);
  if (found === -1) return;
  const hasGrown = makeAddressable(keyspace, found, offset);
  const at = view.valueOffset + Math.floor(offset / 8);
  const mask = 0x80 >> (offset % 8);
  const before = view.u8[at]!;
  const was = (before & mask) === 0 ? 0 : 1;
  if (hasGrown || was !== on) {
    view.u8[at] = on === 1 ? before | mask : before & ~mask;
    keyspace.changed(NOTIFY_STRING, 'setbit');
  }
  reply.integer(was);
}

function getbit(unit: Unit): void {
  const { reply, view } = unit;
  const offset = bitOffsetArg(unit, 2);
  if (offset !== offset) return;
  const found = unit.readTyped(1, TYPE_STRING);
  if (found === -1) return;
  const byte = Math.floor(offset / 8);
  if (found === 0 || byte >= view.valueLength) return reply.integer(0);
  reply.integer((view.u8[view.valueOffset + byte]! >> (7 - (offset % 8))) & 1);
}

/** A range of bytes, and which bits of its first and last byte are outside of it. */
class BitRange {
  start = 0;
  end = 0;
  firstMask = 0;
  lastMask = 0;

  /** From indices that may be negative, in bits or in bytes of a value of `length` bytes. Empty when start > end. */
  set(start: number, end: number, inBits: boolean, length: number): void {
    const total = inBits ? length * 8 : length;
    this.start = Math.max(start < 0 ? total + start : start, 0);
    this.end = Math.min(Math.max(end < 0 ? total + end : end, 0), total - 1);
    this.firstMask = this.lastMask = 0;
    if (!inBits || this.start > this.end) return;
    this.firstMask = ~((1 << (8 - (this.start % 8))) - 1) & 0xff;
    this.lastMask = (1 << (7 - (this.end % 8))) - 1;
    this.start = Math.floor(this.start / 8);
    this.end = Math.floor(this.end / 8);
  }
}

const range = new BitRange();

/** BIT or BYTE in argument `i`; undefined after answering a syntax error. */
function inBitsArg(unit: Unit, i: number): boolean | undefined {
  if (unit.args.is(i, 'bit')) return true;
  if (unit.args.is(i, 'byte')) return false;
  unit.syntaxError();
  return undefined;
}

function bitcount(unit: Unit): void {
  const { args, reply, view } = unit;
  const found = unit.readTyped(1, TYPE_STRING);
  if (found === -1) return;
  if (found === 0) return reply.integer(0);
  if (args.count === 2) return reply.integer(countBits(view.u8, view.i32, view.valueOffset, view.valueLength));
  if (args.count !== 4 && args.count !== 5) return unit.syntaxError();
  const start = unit.bigArg(2);
  if (start === undefined) return;
  const end = unit.bigArg(3);
  if (end === undefined) return;
  if (start < 0n && end < 0n && start > end) return reply.integer(0);
  const inBits = args.count === 5 ? inBitsArg(unit, 4) : false;
  if (inBits === undefined) return;
  range.set(Number(start), Number(end), inBits, view.valueLength);
  if (range.start > range.end) return reply.integer(0);
  const first = view.valueOffset + range.start;
  const last = view.valueOffset + range.end;
  const ones = countBits(view.u8, view.i32, first, last - first + 1);
  reply.integer(ones - onesOf(view.u8[first]! & range.firstMask) - onesOf(view.u8[last]! & range.lastMask));
}

function bitpos(unit: Unit): void {
  const { args, reply, view } = unit;
  const bit = unit.integerArg(2);
  if (bit !== bit) return;
  if (bit !== 0 && bit !== 1) return reply.error('ERR The bit argument must be 1 or 0.');
  const found = unit.readTyped(1, TYPE_STRING);
  if (found === -1) return;
  if (found === 0) return reply.integer(bit === 1 ? -1 : 0);
  const length = view.valueLength;
  if (args.count > 6) return unit.syntaxError();
  const hasEnd = args.count >= 5;
  if (args.count > 3) {
    const start = unit.bigArg(3);
    if (start === undefined) return;
    const inBits = args.count === 6 ? inBitsArg(unit, 5) : false;
    if (inBits === undefined) return;
    const end = hasEnd ? unit.bigArg(4) : BigInt(length - 1);
    if (end === undefined) return;
    range.set(Number(start), Number(end), inBits, length);
  } else range.set(0, length - 1, false, length);
  reply.integer(firstInRange(unit, bit, hasEnd));
}

/** The first `bit` of `range`. Without an end a zero is found behind the last byte at the latest. */
function firstInRange(unit: Unit, bit: number, hasEnd: boolean): number {
  const { u8, i32, valueOffset } = unit.view;
  let { start } = range;
  const { end, firstMask, lastMask } = range;
  if (start > end) return -1;
  const masked = (byte: number, mask: number): number => (bit === 1 ? byte & ~mask : byte | mask);
  if (firstMask !== 0) {
    let byte = masked(u8[valueOffset + start]!, firstMask);
    if (start === end) byte = masked(byte, lastMask);
    const at = firstInByte(byte, bit);
    if (at >= 0 && at < 8) return start * 8 + at;
    if (start === end) return at === 8 && !hasEnd ? start * 8 + 8 : -1;
    start++;
  }
  const whole = end - start + (lastMask === 0 ? 1 : 0);
  if (whole > 0) {
    const at = firstBit(u8, i32, valueOffset + start, whole, bit);
    if (at >= 0 && at < whole * 8) return start * 8 + at;
    if (lastMask === 0) return at < 0 || hasEnd ? -1 : start * 8 + at;
  }
  const at = firstInByte(masked(u8[valueOffset + end]!, lastMask), bit);
  return at >= 0 && at < 8 ? end * 8 + at : -1;
}

export const bitmapCommands: readonly CommandRow[] = [
  { name: 'setbit', needs: 'keys', run: setbit },
  { name: 'getbit', needs: 'keys', run: getbit },
  { name: 'bitcount', needs: 'keys', run: bitcount },
  { name: 'bitpos', needs: 'keys', run: bitpos },
  bitopCommand,
  ...bitfieldCommands,
];
