/**
 * LCS: the longest common subsequence of two strings, by the table of lengths for all pairs of beginnings.
 *
 * The way back through the table decides which of several equally long ones is shown, and which ranges; at a draw
 * it shortens the second string, as Redis does.
 */
import { TYPE_STRING } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { stringLimits } from './string-value';

const NOT_STRINGS = 'ERR The specified keys must contain string values';
const AMBIGUOUS = 'ERR If you want both the length and indexes, please just use IDX.';
const TOO_LARGE = 'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len';
/** What Redis needs for one cell of the table. */
const CELL_BYTES = 4;

interface Range {
  a: number;
  b: number;
  length: number;
}

/** The bytes of argument `i`, none when it is missing; undefined when it holds no string. */
function stringOf(unit: Unit, i: number): Buffer | undefined {
  if (unit.lookupRead(i) === 0) return Buffer.alloc(0);
  const { view } = unit;
  if (view.type !== TYPE_STRING) return undefined;
  return Buffer.from(view.u8.subarray(view.valueOffset, view.valueOffset + view.valueLength));
}

/** Used again for all tables that it can hold. */
const small = new Uint16Array(1 << 16);

function tableOf(cells: number, isNarrow: boolean): Uint16Array | Uint32Array {
  if (!isNarrow) return new Uint32Array(cells);
  return cells <= small.length ? small : new Uint16Array(cells);
}

/** Lengths for the first i bytes of `a` and the first j of `b`, at i · (b.length + 1) + j. */
function lengthTable(a: Buffer, b: Buffer): Uint16Array | Uint32Array {
  const width = b.length + 1;
  const cells = (a.length + 1) * width;
  const table = tableOf(cells, Math.min(a.length, b.length) < 65536);
  // Row and column 0 are zeros.
  table.fill(0, 0, width);
  for (let i = 1; i <= a.length; i++) {
    const byte = a[i - 1]!;
    let at = i * width;
    let left = 0;
    table[at] = 0;
    let diagonal = 0;
    for (let j = 0; j < b.length; j++) {
      at++;
      const above = table[at - width]!;
      if (byte === b[j]) left = diagonal + 1;
      else if (above > left) left = above;
      table[at] = left;
      diagonal = above;
    }
  }
  return table;
}

/** The matching ranges, from the last to the first. */
function matches(a: Buffer, b: Buffer, table: Uint16Array | Uint32Array): Range[] {
  const width = b.length + 1;
  const ranges: Range[] = [];
  let run = 0;
  let i = a.length;
  let j = b.length;
  const end = () => {
    if (run > 0) ranges.push({ a: i, b: j, length: run });
    run = 0;
  };
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      run++;
      i--;
      j--;
      continue;
    }
    end();
    if (table[(i - 1) * width + j]! > table[i * width + j - 1]!) i--;
    else j--;
  }
  end();
  return ranges;
}

function lcs(unit: Unit): void {
  const { args, reply } = unit;
  const a = stringOf(unit, 1);
  const b = stringOf(unit, 2);
  if (a === undefined || b === undefined) return reply.error(NOT_STRINGS);
  let isLength = false;
  let isRanges = false;
  let withLength = false;
  let least = 0;
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, 'idx')) isRanges = true;
    else if (args.is(i, 'len')) isLength = true;
    else if (args.is(i, 'withmatchlen')) withLength = true;
    else if (args.is(i, 'minmatchlen') && i + 1 < args.count) {
      least = unit.integerArg(++i);
      if (least !== least) return;
    } else return unit.syntaxError();
  }
  if (isRanges && isLength) return reply.error(AMBIGUOUS);
  if ((a.length + 1) * (b.length + 1) * CELL_BYTES > stringLimits.bytesMax) return reply.error(TOO_LARGE);
  const table = lengthTable(a, b);
  const length = table[(a.length + 1) * (b.length + 1) - 1]!;
  if (isLength) return reply.integer(length);
  const ranges = matches(a, b, table);
  if (!isRanges) {
    const parts = ranges.reverse().map((range) => a.subarray(range.a, range.a + range.length));
    return reply.bulk(Buffer.concat(parts), 0, length);
  }
  const shown = ranges.filter((range) => range.length >= least);
  reply.map(2);
  reply.bulkText('matches');
  reply.array(shown.length);
  for (const range of shown) {
    reply.array(withLength ? 3 : 2);
    for (const start of [range.a, range.b]) {
      reply.array(2);
      reply.integer(start);
      reply.integer(start + range.length - 1);
    }
    if (withLength) reply.integer(range.length);
  }
  reply.bulkText('len');
  reply.integer(length);
}

export const lcsCommands: readonly CommandRow[] = [{ name: 'lcs', needs: 'keys', run: lcs }];
