// Walks an RDB as it streams by: is it whole, and how many keys of each type does each database hold? It decodes no value; a value is
// a known number of strings, so it steps over them. Independent of any engine, on purpose: it is the second opinion.
//
//   "REDIS" dddd | AUX SELECTDB RESIZEDB … | [EXPIRETIME_MS t] [IDLE|FREQ] type key value | … | EOF | CRC-64
//
// The walk is a generator that yields when it needs more bytes: it can stand anywhere, also in the middle of a string of a gigabyte,
// of which only the remaining length is kept. Memory: one chunk and what is left of the one before.
//
// Invariants: finish() throws unless the file ended exactly where it says it ends, with the right checksum; every fault names the
// offset. Keys are counted as they stand in the file, expired or not; expiries are kept for those that may run out while we look.
import type { KeyCount } from '@larder/plane-domain';
import { IntegrityFault } from '../integrity-fault';
import { Crc64 } from './crc64';

/** Newest version of the format that the engine loads. */
export const rdbVersionMax = 12;

const opcode = { slotInfo: 0xf4, function2: 0xf5, moduleAux: 0xf7, idle: 0xf8, frequency: 0xf9, aux: 0xfa, resizeDb: 0xfb, expireMs: 0xfc, expireS: 0xfd, selectDb: 0xfe, eof: 0xff } as const;

/** How a value lies there: one string, a counted list of strings with bytes between them, or a shape of its own. */
type Shape = 'string' | 'strings' | 'pairs' | 'scored' | 'scoredText' | 'quicklist2' | 'stream' | 'stream2' | 'stream3' | 'timedPairs' | 'timedString';
const kinds: Readonly<Record<number, readonly [type: string, shape: Shape]>> = {
  0: ['string', 'string'], 1: ['list', 'strings'], 2: ['set', 'strings'], 3: ['zset', 'scoredText'], 4: ['hash', 'pairs'], 5: ['zset', 'scored'],
  9: ['hash', 'string'], 10: ['list', 'string'], 11: ['set', 'string'], 12: ['zset', 'string'], 13: ['hash', 'string'], 14: ['list', 'strings'],
  15: ['stream', 'stream'], 16: ['hash', 'string'], 17: ['zset', 'string'], 18: ['list', 'quicklist2'], 19: ['stream', 'stream2'],
  20: ['set', 'string'], 21: ['stream', 'stream3'], 24: ['hash', 'timedPairs'], 25: ['hash', 'timedString'],
};
const moduleTypes: readonly number[] = [6, 7];
const databasesMax = 1 << 20;
/** The longest run of headers that is read without asking for more bytes in between. */
const headerBytesMax = 64;
const trailerBytes = 8;

export class RdbFault extends IntegrityFault {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(`${message} (at byte ${offset})`);
    this.offset = offset;
  }
}

interface Tally {
  readonly database: number;
  readonly type: string;
  keys: number;
  /** Unix ms, in order of appearance; only of keys that have an expiry. */
  readonly expiries: number[];
}

export class RdbReader {
  engineVersion: string | undefined;
  #buffer: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Offset in the file of the buffer's first byte. */
  #base = 0;
  #hasEnded = false;
  #isDone = false;
  readonly #crc = new Crc64();
  /** The buffer's bytes before this one are in the checksum. */
  #summed = 0;
  readonly #walk: Generator<void, void, void>;
  readonly #tallies = new Map<string, Tally>();
  /** Keys by database, as its writer counted them at the cut. */
  readonly #announced = new Map<number, number>();

  constructor() {
    this.#walk = this.#file();
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#isDone) throw this.#surplus();
    this.#sum(this.#at);
    const left = this.#buffer.subarray(this.#at);
    this.#base += this.#at;
    this.#buffer = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    this.#at = 0;
    this.#summed = 0;
    this.#step();
    this.#refuseSurplus();
  }

  finish(): void {
    this.#hasEnded = true;
    if (!this.#isDone) this.#step();
    if (!this.#isDone) throw this.#fault('the file ends too early');
    this.#refuseSurplus();
  }

  /** Every key in the file. */
  get keyCounts(): KeyCount[] {
    return this.#counts((tally) => tally.keys);
  }

  /**
   * Where the writer left out what it had announced, as one sentence. Meant for files of our own stores: for others the number is a hint
   * that need not be right.
   */
  get shortfall(): string | undefined {
    for (const [database, announced] of this.#announced) {
      const held = this.keyCounts.reduce((sum, count) => (count.database === database ? sum + count.keys : sum), 0);
      if (held !== announced) return `The store held ${announced} keys in database ${database} at the cut, the file holds ${held}.`;
    }
    return undefined;
  }

  /** Those that have not expired by then. */
  aliveAt(unixMs: number): KeyCount[] {
    return this.#counts((tally) => tally.keys - tally.expiries.reduce((dead, at) => (at <= unixMs ? dead + 1 : dead), 0));
  }

  #counts(keysOf: (tally: Tally) => number): KeyCount[] {
    return [...this.#tallies.values()].map((tally) => ({ database: tally.database, type: tally.type, keys: keysOf(tally) }))
      .filter(({ keys }) => keys > 0)
      .sort((left, right) => left.database - right.database || (left.type < right.type ? -1 : 1));
  }

  #refuseSurplus(): void {
    if (this.#isDone && this.#at < this.#buffer.length) throw this.#surplus();
  }

  #surplus(): RdbFault {
    return this.#fault('there are bytes behind the end of the file');
  }

  #step(): void {
    if (this.#walk.next().done) this.#isDone = true;
  }

  // ── the walk ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  *#file(): Generator<void, void, void> {
    yield* this.#have(9);
    const version = this.#version();
    let database = 0;
    let expiry: number | undefined;
    for (;;) {
      yield* this.#have(headerBytesMax);
      const at = this.#base + this.#at;
      const code = this.#byte();
      switch (code) {
        case opcode.eof: return yield* this.#end(version);
        case opcode.selectDb: database = this.#database(); continue;
        case opcode.resizeDb: this.#announced.set(database, this.#length()); this.#length(); continue;
        case opcode.expireMs: expiry = this.#uint32() + this.#uint32() * 2 ** 32; continue;
        case opcode.expireS: expiry = this.#uint32() * 1000; continue;
        case opcode.idle: this.#length(); continue;
        case opcode.slotInfo: for (let left = 3; left > 0; left -= 1) this.#length(); continue; // number, keys, keys with an expiry
        case opcode.frequency: this.#byte(); continue;
        case opcode.aux: yield* this.#aux(); continue;
        case opcode.function2: yield* this.#string(); continue;
        case opcode.moduleAux: throw new RdbFault(at, 'the file holds data of a module');
      }
      const kind = kinds[code];
      if (moduleTypes.includes(code)) throw new RdbFault(at, 'the file holds a value of a module');
      if (kind === undefined) throw new RdbFault(at, `unknown type of value ${code}`);
      yield* this.#string();
      yield* this.#value(kind[1]);
      this.#count(database, kind[0], expiry);
      expiry = undefined;
    }
  }

  *#value(shape: Shape): Generator<void, void, void> {
    if (shape === 'string') return yield* this.#string();
    if (shape === 'timedPairs' || shape === 'timedString') yield* this.#skip(8); // the least time of a field
    if (shape === 'timedString') return yield* this.#string();
    yield* this.#have(headerBytesMax);
    if (shape === 'stream' || shape === 'stream2' || shape === 'stream3') return yield* this.#stream(shape !== 'stream', shape === 'stream3');
    const count = this.#length();
    for (let index = 0; index < count; index += 1) {
      if (shape === 'quicklist2') {
        yield* this.#have(headerBytesMax);
        this.#length(); // container: plain or packed
      } else if (shape === 'timedPairs') {
        yield* this.#have(headerBytesMax);
        this.#length(); // how long the field stays
      }
      yield* this.#string();
      if (shape === 'pairs' || shape === 'timedPairs') yield* this.#string();
      else if (shape === 'scored') yield* this.#skip(8);
      else if (shape === 'scoredText') {
        yield* this.#have(headerBytesMax);
        const digits = this.#byte();
        if (digits < 253) yield* this.#skip(digits); // 253 to 255: not a number, and the infinities
      }
    }
  }

  *#stream(isSecondForm: boolean, isThirdForm: boolean): Generator<void, void, void> {
    for (let nodes = this.#length(); nodes > 0; nodes -= 1) {
      yield* this.#string();
      yield* this.#string();
    }
    yield* this.#have(headerBytesMax);
    // Length and last id; then first id, greatest deleted id and entries ever added.
    for (let left = isSecondForm ? 8 : 3; left > 0; left -= 1) {
      yield* this.#have(headerBytesMax);
      this.#length();
    }
    yield* this.#have(headerBytesMax);
    for (let groups = this.#length(); groups > 0; groups -= 1) {
      yield* this.#string();
      yield* this.#have(headerBytesMax);
      for (let left = isSecondForm ? 3 : 2; left > 0; left -= 1) this.#length(); // last id, entries read
      for (let pending = this.#length(); pending > 0; pending -= 1) {
        yield* this.#skip(16 + 8); // id, time of delivery
        yield* this.#have(headerBytesMax);
        this.#length(); // deliveries
      }
      yield* this.#have(headerBytesMax);
      for (let consumers = this.#length(); consumers > 0; consumers -= 1) {
        yield* this.#string();
        yield* this.#skip(isThirdForm ? 16 : 8); // seen, and active
        yield* this.#have(headerBytesMax);
        for (let pending = this.#length(); pending > 0; pending -= 1) yield* this.#skip(16);
        yield* this.#have(headerBytesMax);
      }
      yield* this.#have(headerBytesMax);
    }
  }

  *#aux(): Generator<void, void, void> {
    const name = yield* this.#shortText();
    const value = yield* this.#shortText();
    if (name === 'redis-ver') this.engineVersion = value;
  }

  /** The text of a plain string of less than 64 bytes; others are stepped over. */
  *#shortText(): Generator<void, string | undefined, void> {
    yield* this.#have(headerBytesMax + 8);
    const first = this.#buffer[this.#at] ?? 0;
    if (first < headerBytesMax) {
      const text = Buffer.from(this.#buffer.subarray(this.#at + 1, this.#at + 1 + first)).toString('latin1');
      yield* this.#string();
      return text;
    }
    yield* this.#string();
    return undefined;
  }

  *#end(version: number): Generator<void, void, void> {
    this.#sum(this.#at);
    if (version < 5) return; // older ones have no checksum
    yield* this.#have(trailerBytes);
    const at = this.#base + this.#at;
    const written = (BigInt(this.#uint32()) | (BigInt(this.#uint32()) << 32n));
    // Zero: its writer had checksums switched off.
    if (written !== 0n && written !== this.#crc.value) throw new RdbFault(at, 'the checksum is wrong');
  }

  // ── bytes ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Waits for so many bytes, or for the end of the file. */
  *#have(count: number): Generator<void, void, void> {
    while (this.#buffer.length - this.#at < count && !this.#hasEnded) yield;
  }

  *#skip(count: number): Generator<void, void, void> {
    let left = count;
    for (;;) {
      const here = Math.min(left, this.#buffer.length - this.#at);
      this.#at += here;
      left -= here;
      if (left === 0) return;
      if (this.#hasEnded) throw this.#fault('the file ends too early');
      yield;
    }
  }

  *#string(): Generator<void, void, void> {
    if (this.#buffer.length - this.#at < headerBytesMax) yield* this.#have(headerBytesMax);
    const bytes = this.#stringBytes();
    if (this.#buffer.length - this.#at >= bytes) this.#at += bytes;
    else yield* this.#skip(bytes);
  }

  /** Reads a string's head; how many bytes follow. */
  #stringBytes(): number {
    const first = this.#buffer[this.#at] ?? 0;
    if (first < 0xc0) return this.#length();
    const at = this.#base + this.#at;
    this.#byte();
    switch (first) {
      case 0xc0: return 1;
      case 0xc1: return 2;
      case 0xc2: return 4;
      case 0xc3: {
        const packed = this.#length();
        this.#length();
        return packed;
      }
      default: throw new RdbFault(at, `unknown encoding of a string ${first}`);
    }
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x40) return first;
    if (first < 0x80) return ((first & 0x3f) << 8) | this.#byte();
    if (first === 0x80) return this.#big32();
    if (first === 0x81) return this.#big32() * 2 ** 32 + this.#big32();
    throw new RdbFault(this.#base + this.#at - 1, `unknown form of a length ${first}`);
  }

  #database(): number {
    const at = this.#base + this.#at;
    const database = this.#length();
    if (database >= databasesMax) throw new RdbFault(at, `there is no database ${database}`);
    return database;
  }

  #big32(): number {
    return this.#byte() * 2 ** 24 + ((this.#byte() << 16) | (this.#byte() << 8) | this.#byte());
  }

  #uint32(): number {
    return (this.#byte() | (this.#byte() << 8) | (this.#byte() << 16)) + this.#byte() * 2 ** 24;
  }

  #byte(): number {
    if (this.#at >= this.#buffer.length) throw this.#fault('the file ends too early');
    return this.#buffer[this.#at++]!;
  }

  #version(): number {
    const text = Buffer.from(this.#buffer.subarray(0, 9)).toString('latin1');
    if (!/^REDIS\d{4}$/.test(text)) throw new RdbFault(0, 'this is not an RDB file: it does not begin with REDIS and a version');
    this.#at = 9;
    const version = Number(text.slice(5));
    if (version < 1 || version > rdbVersionMax) throw new RdbFault(5, `version ${version} of the format is not supported; 1 to ${rdbVersionMax} are`);
    return version;
  }

  #sum(to: number): void {
    if (this.#isDone || to <= this.#summed) return;
    this.#crc.update(this.#buffer, this.#summed, to);
    this.#summed = to;
  }

  #count(database: number, type: string, expiry: number | undefined): void {
    const label = `${database} ${type}`;
    let tally = this.#tallies.get(label);
    if (tally === undefined) {
      tally = { database, type, keys: 0, expiries: [] };
      this.#tallies.set(label, tally);
    }
    tally.keys += 1;
    if (expiry !== undefined) tally.expiries.push(expiry);
  }

  #fault(message: string): RdbFault {
    return new RdbFault(this.#base + this.#at, message);
  }
}
