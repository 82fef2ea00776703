// Walks bytes of an append-only file as they stream by: where does each unit end (a command, or MULTI to EXEC), and at which second was
// it written? No argument is decoded; a value is a number of bytes to step over.
//
//   '*' n CRLF ( '$' length CRLF bytes CRLF )n      a command          '#TS:' seconds CRLF      an annotation
//
// Invariants
// - `unitEnd` is always a place at which the log may be cut. An annotation inside a unit counts from the unit's end on.
// - Seconds never go back: `second` is the largest seen so far.
// - With `limit`, the walk stops before the first unit of a later second: `unitEnd` then is the cut.
import { IntegrityFault } from '../integrity-fault';

const star = 42;
const dollar = 36;
const hash = 35;
const newline = 10;
const headerBytesMax = 1024;

export class LogWalk {
  unitEnd: number;
  /** Of the first unit and of the last one walked; null while no annotation was seen. */
  firstSecond: number | null = null;
  lastSecond: number | null;
  units = 0;
  isCut = false;
  readonly #limit: number | undefined;
  #second: number | null;
  /** An annotation that stands inside a unit. */
  #later: number | null = null;
  #at: number;
  #held: Uint8Array = new Uint8Array(0);
  #argumentsLeft = 0;
  #isFirstArgument = false;
  /** Bytes of a value and its CRLF that are still to come. */
  #skip = 0;
  #name = '';
  #nameBytes = 0;
  #depth = 0;

  /** `second`: of the log before `from`. */
  constructor(from: number, second: number | null, limit?: number) {
    this.unitEnd = this.#at = from;
    this.#second = this.lastSecond = second;
    this.#limit = limit;
  }

  /** Bytes walked so far, the unfinished element not counted. */
  get offset(): number {
    return this.#at;
  }

  /** In which second the next unit stands, as far as it is known. */
  get second(): number | null {
    return this.#second;
  }

  push(chunk: Uint8Array): void {
    if (this.isCut) return;
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let at = 0;
    while (at < bytes.length && !this.isCut) {
      if (this.#skip > 0) {
        at += this.#stepOver(bytes, at);
        continue;
      }
      const end = bytes.indexOf(newline, at);
      if (end < 0) {
        if (bytes.length - at > headerBytesMax) throw this.#fault('a line has no end');
        break;
      }
      if (!this.#line(bytes, at, end)) break;
      this.#at += end + 1 - at;
      at = end + 1;
      if (this.#argumentsLeft === 0 && this.#skip === 0) this.#elementEnded(bytes[at - 1] === newline);
    }
    this.#held = this.isCut ? new Uint8Array(0) : bytes.subarray(at);
  }

  #stepOver(bytes: Uint8Array, at: number): number {
    const step = Math.min(this.#skip, bytes.length - at);
    if (this.#nameBytes > 0) {
      const part = Math.min(this.#nameBytes, step);
      this.#name += Buffer.from(bytes.buffer, bytes.byteOffset + at, part).toString('latin1');
      this.#nameBytes -= part;
    }
    this.#skip -= step;
    this.#at += step;
    if (this.#skip === 0 && this.#argumentsLeft === 0) this.#commandEnded();
    return step;
  }

  /** False where the walk ends before this line. */
  #line(bytes: Uint8Array, at: number, end: number): boolean {
    const first = bytes[at]!;
    if (first === hash) {
      if (this.#argumentsLeft > 0) throw this.#fault('an annotation stands inside a command');
      return this.#annotation(Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('latin1'));
    }
    if (this.#argumentsLeft === 0) {
      if (first !== star) throw this.#fault('what stands there is no command');
      this.#argumentsLeft = this.#number(bytes, at, end);
      if (this.#argumentsLeft < 1) throw this.#fault('a command has no arguments');
      this.#isFirstArgument = true;
      return true;
    }
    if (first !== dollar) throw this.#fault('an argument does not begin as one');
    const length = this.#number(bytes, at, end);
    this.#argumentsLeft -= 1;
    this.#skip = length + 2;
    if (this.#isFirstArgument) {
      this.#name = '';
      this.#nameBytes = length === 4 || length === 5 ? length : 0;
      this.#isFirstArgument = false;
    }
    return true;
  }

  #number(bytes: Uint8Array, at: number, end: number): number {
    if (bytes[end - 1] !== 13) throw this.#fault('a line does not end as one');
    let value = 0;
    for (let each = at + 1; each < end - 1; each += 1) {
      const digit = bytes[each]! - 48;
      if (digit < 0 || digit > 9 || value > 1e12) throw this.#fault('a number is none');
      value = value * 10 + digit;
    }
    if (end - 1 === at + 1) throw this.#fault('a number is missing');
    return value;
  }

  #annotation(text: string): boolean {
    const second = Number(/^#TS:(\d{1,15})\r?$/.exec(text)?.[1] ?? Number.NaN);
    if (Number.isNaN(second)) return true;
    if (this.#depth > 0) {
      this.#later = Math.max(this.#later ?? 0, second);
      return true;
    }
    this.#second = Math.max(this.#second ?? 0, second);
    this.isCut = this.#limit !== undefined && this.#second > this.#limit;
    return !this.isCut;
  }

  /** After a line that was not a command's: an annotation belongs to the unit that follows. */
  #elementEnded(isLine: boolean): void {
    if (isLine && this.#depth === 0) this.unitEnd = this.#at;
  }

  #commandEnded(): void {
    const name = this.#name.toLowerCase();
    if (name === 'multi') this.#depth = 1;
    else if (name === 'exec') this.#depth = 0;
    this.#name = '';
    if (this.#depth > 0) return;
    this.units += 1;
    this.firstSecond ??= this.#second;
    this.lastSecond = this.#second;
    this.unitEnd = this.#at;
    if (this.#later === null) return;
    this.#second = Math.max(this.#second ?? 0, this.#later);
    this.#later = null;
    this.isCut = this.#limit !== undefined && this.#second > this.#limit;
  }

  #fault(what: string): IntegrityFault {
    return new IntegrityFault(`the append-only file cannot be read at byte ${this.#at}: ${what}`);
  }
}
