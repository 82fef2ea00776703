/**
 * BITFIELD and BITFIELD_RO: several reads and writes of small integers in one string. Everything is read off the arguments
 * before the key is touched.
 */
import { Int64, TYPE_STRING, parseInt64, parseSafeInteger } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOTIFY_STRING } from '@larder/store-keyspace';
import { bitOffsetArg } from './bit-arguments';
import {
  NARROW_BITS_MAX,
  NARROW_VALUE_MAX,
  fitNarrow,
  fitWide,
  readNarrow,
  readWide,
  writeNarrow,
  writeWide,
} from './bitfield-integers';
import type { Overflow } from './bitfield-integers';
import { makeAddressable } from './bitmap-value';

const BAD_TYPE = 'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';

interface Step {
  kind: 'get' | 'set' | 'incrby';
  isSigned: boolean;
  bits: number;
  offset: number;
  value: number | bigint;
  overflow: Overflow;
}

const OVERFLOWS: readonly Overflow[] = ['wrap', 'sat', 'fail'];
const int64 = new Int64();

/** One or two digits, the first no zero; 0 for anything else. */
function shortWidth(buf: Uint8Array, at: number, length: number): number {
  if (length !== 1 && length !== 2) return 0;
  const first = buf[at]! - 48;
  if (first < 1 || first > 9) return 0;
  if (length === 1) return first;
  const second = buf[at + 1]! - 48;
  return second < 0 || second > 9 ? 0 : first * 10 + second;
}

/** Type in argument `i`: positive bits when unsigned, negative when signed; NaN after answering an error. */
function typeArg(unit: Unit, i: number): number {
  const { buf, off, len } = unit.args;
  const sign = len[i] === 0 ? 0 : buf[off[i]!]!;
  const start = off[i]! + 1;
  const quick = shortWidth(buf, start, len[i]! - 1);
  if (quick !== 0 && (sign === 0x75 || sign === 0x69) && quick <= (sign === 0x69 ? 64 : 63)) return sign === 0x69 ? -quick : quick;
  // The text ends at its first NUL, as C's strings do.
  const stop = buf.subarray(start, off[i]! + len[i]!).indexOf(0);
  const length = stop < 0 ? len[i]! - 1 : stop;
  let bits = NaN;
  if ((sign === 0x69 || sign === 0x75) && length > 0) {
    bits = parseSafeInteger(buf, start, length);
    if (bits !== bits && parseInt64(buf, start, length, int64)) bits = 0;
  }
  if (bits >= 1 && bits <= (sign === 0x69 ? 64 : 63)) return sign === 0x69 ? -bits : bits;
  unit.reply.error(BAD_TYPE);
  return NaN;
}

/** Reads all steps; undefined after answering an error. */
function readSteps(unit: Unit): Step[] | undefined {
  const { args } = unit;
  const steps: Step[] = [];
  let overflow: Overflow = 'wrap';
  for (let i = 2; i < args.count; i++) {
    const left = args.count - i - 1;
    let kind: Step['kind'];
    if (args.is(i, 'get') && left >= 2) kind = 'get';
    else if (args.is(i, 'set') && left >= 3) kind = 'set';
    else if (args.is(i, 'incrby') && left >= 3) kind = 'incrby';
    else if (args.is(i, 'overflow') && left >= 1) {
      const at = i + 1;
      const given = OVERFLOWS.find((name) => args.is(at, name));
      if (given === undefined) {
        unit.reply.error('ERR Invalid OVERFLOW type specified');
        return undefined;
      }
      overflow = given;
      i++;
      continue;
    } else {
      unit.syntaxError();
      return undefined;
    }
    const type = typeArg(unit, i + 1);
    if (type !== type) return undefined;
    const bits = Math.abs(type);
    const offset = bitOffsetArg(unit, i + 2, bits);
    if (offset !== offset) return undefined;
    let value: number | bigint | undefined = 0;
    if (kind !== 'get') {
      value = parseSafeInteger(args.buf, args.off[i + 3]!, args.len[i + 3]!);
      if (value !== value && (value = unit.bigArg(i + 3)) === undefined) return undefined;
    }
    steps.push({ kind, isSigned: type < 0, bits, offset, value, overflow });
    i += kind === 'get' ? 2 : 3;
  }
  return steps;
}

function bitfield(isReadOnly: boolean): (unit: Unit) => void {
  return (unit) => {
    const { reply, keyspace } = unit;
    const steps = readSteps(unit);
    if (steps === undefined) return;
    let lastWritten = -1;
    for (const { kind, offset, bits } of steps) if (kind !== 'get') lastWritten = Math.max(lastWritten, offset + bits - 1);
    let hasGrown = false;
    let found: number;
    if (lastWritten < 0) {
      found = unit.readTyped(1, TYPE_STRING);
      if (found === -1) return;
    } else {
      if (isReadOnly) return reply.error('ERR BITFIELD_RO only supports the GET subcommand');
      found = unit.writeTyped(1, TYPE_STRING);
      if (found === -1) return;
      hasGrown = makeAddressable(keyspace, found, lastWritten);
      found = keyspace.view.address;
    }
    reply.array(steps.length);
    let changes = 0;
    for (const step of steps) {
      const isNarrow = step.bits <= NARROW_BITS_MAX && step.value <= NARROW_VALUE_MAX && step.value >= -NARROW_VALUE_MAX;
      const hasChanged = isNarrow ? doNarrow(unit, step, found !== 0) : doWide(unit, step, found !== 0);
      if (hasChanged !== undefined && (hasChanged || hasGrown)) changes++;
    }
    if (changes === 0) return;
    keyspace.dirty += changes - 1;
    keyspace.changed(NOTIFY_STRING, 'setbit');
  };
}

/** Answers a step; whether a write changed anything, undefined where nothing was written. */
function doNarrow(unit: Unit, step: Step, exists: boolean): boolean | undefined {
  const { view, reply } = unit;
  const { kind, bits, isSigned, offset, overflow } = step;
  const before = exists ? readNarrow(view.u8, view.valueOffset, view.valueLength, offset, bits, isSigned) : 0;
  if (kind === 'get') {
    reply.integer(before);
    return undefined;
  }
  const wanted = Number(step.value) + (kind === 'incrby' ? before : 0);
  const value = fitNarrow(wanted, bits, isSigned, overflow, kind === 'incrby');
  if (value === undefined) {
    reply.nullBulk();
    return undefined;
  }
  reply.integer(kind === 'incrby' ? value : before);
  writeNarrow(view.u8, view.valueOffset, offset, bits, value);
  return value !== before;
}

function doWide(unit: Unit, step: Step, exists: boolean): boolean | undefined {
  const { view, reply } = unit;
  const { kind, bits, isSigned, offset, overflow } = step;
  const before = exists ? readWide(view.u8, view.valueOffset, view.valueLength, offset, bits, isSigned) : 0n;
  if (kind === 'get') {
    reply.integerText(String(before));
    return undefined;
  }
  const wanted = BigInt(step.value) + (kind === 'incrby' ? before : 0n);
  const value = fitWide(wanted, bits, isSigned, overflow, kind === 'incrby');
  if (value === undefined) {
    reply.nullBulk();
    return undefined;
  }
  reply.integerText(String(kind === 'incrby' ? value : before));
  writeWide(view.u8, view.valueOffset, offset, bits, value);
  return value !== before;
}

export const bitfieldCommands: readonly CommandRow[] = [
  { name: 'bitfield', needs: 'keys', run: bitfield(false) },
  { name: 'bitfield_ro', needs: 'keys', run: bitfield(true) },
];
