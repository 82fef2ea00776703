/**
 * What SCAN, HSCAN, SSCAN and ZSCAN share: the cursor, COUNT and MATCH. The cursor is read before the key is looked at, the
 * options after it, as Redis does, so a missing key hides bad options.
 */
import { globMatches } from '@larder/store-datatypes';
import type { Unit } from '@larder/store-dispatch';
import type { Reply } from '@larder/store-resp';
import type { Slice } from './slice';

const UNSIGNED_MAX = (1n << 64n) - 1n;

/** The cursor in argument `i` as C's strtoul reads it, cut to as many bits as the cursor has (a table's: 32); NaN after answering an error. */
export function cursorArg(unit: Unit, i: number, bits = 32): number {
  const { args } = unit;
  const text = args.text(i).split('\0', 1)[0]!;
  const parts = /^([+-]?)(\d+)$/.exec(text);
  const size = parts === null ? -1n : BigInt(parts[2]!);
  if (text !== '' && (parts === null || size > UNSIGNED_MAX)) {
    unit.reply.error('ERR invalid cursor');
    return NaN;
  }
  if (parts === null) return 0;
  return Number(BigInt.asUintN(bits, parts[1] === '-' ? -size : size));
}

/** The answer when the key is missing. */
export function replyEmptyScan(unit: Unit): void {
  const { reply } = unit;
  reply.array(2);
  reply.bulkText('0');
  reply.array(0);
}

/** Puts cursor and header in front of the `shown` elements written since `start`: both are known only after the walk. */
export function finishScan(reply: Reply, start: number, next: number, shown: number): void {
  const end = reply.pos;
  reply.array(2);
  reply.bulkText(String(next));
  reply.array(shown);
  reply.bringForward(start, end);
}

export class ScanOptions {
  count = 10;
  private pattern: Buffer | undefined;

  /** Reads the options from argument `from`; false after answering an error. */
  read(unit: Unit, from: number): boolean {
    const { args } = unit;
    this.count = 10;
    this.pattern = undefined;
    for (let i = from; i < args.count; i += 2) {
      const hasValue = i + 1 < args.count;
      if (hasValue && args.is(i, 'count')) {
        this.count = unit.integerArg(i + 1);
        if (this.count !== this.count) return false;
        if (this.count < 1) {
          unit.syntaxError();
          return false;
        }
      } else if (hasValue && args.is(i, 'match')) {
        const pattern = args.copy(i + 1);
        this.pattern = pattern.length === 1 && pattern[0] === 0x2a ? undefined : pattern;
      } else {
        unit.syntaxError();
        return false;
      }
    }
    return true;
  }

  matches(element: Slice): boolean {
    const { pattern } = this;
    return pattern === undefined || globMatches(pattern, 0, pattern.length, element.bytes, element.off, element.length, false);
  }
}
