/**
 * Reads an RDB file into the keyspace. The bytes come from a port, chunk by chunk; a fault says where and why, and what
 * was read before it stays in the keyspace (the caller then refuses to serve).
 */
import { Crc64, TYPE_STRING, copyBytes, integerTextBytes, lzfDecompress, writeInteger } from '@larder/store-datatypes';
import { DamagedValue } from '@larder/store-keyspace';
import type { InputString, Keyspace, ValueCodec, ValueInput } from '@larder/store-keyspace';
import {
  ENC_INT16,
  ENC_INT32,
  ENC_INT8,
  ENC_LZF,
  OP_AUX,
  OP_EOF,
  OP_EXPIRETIME,
  OP_EXPIRETIME_MS,
  OP_FREQ,
  OP_FUNCTION2,
  OP_FUNCTION_PRE_GA,
  OP_IDLE,
  OP_MODULE_AUX,
  OP_RESIZEDB,
  OP_SELECTDB,
  OP_SLOT_INFO,
  RDB_TYPE_STRING,
  RDB_VERSION_MAX,
} from './rdb-format';

/** Type, a key of one byte and a value of one byte, with their lengths. */
const ENTRY_BYTES_MIN = 5;
const STRING_BYTES_MAX = 512 * 1024 * 1024;

/** What is wrong with a file, and at which byte. */
export class RdbFault extends Error {
  readonly offset: number;
  constructor(offset: number, reason: string) {
    super(`${reason} (at byte ${offset})`);
    this.offset = offset;
  }
}

export interface RdbSource {
  /** Fills `into` from its start as far as the file goes; returns how many bytes, 0 at the end. */
  read(into: Buffer): number;
}

export interface LoadedRdb {
  keys: number;
  /** Keys not loaded because their time had passed. */
  expired: number;
  /** Keys not loaded because their collection was empty. */
  empty: number;
  aux: Map<string, string>;
  version: number;
  bytes: number;
  /** What the file says of its first database. */
  announced?: { database: number; keys: number };
}

export interface ReadOptions {
  codecs: readonly ValueCodec[];
  checks: boolean;
  /** How long the file is, if that is known: then room is made at once for as many keys as it announces. */
  bytes?: number;
  /** Milliseconds since 1970: keys that expired before are left out. Undefined keeps them. */
  now?: number;
  isDeep?: boolean;
  /** A key that is there already gives way, instead of being a fault. */
  replaces?: boolean;
  /** Called about every 2 MiB. */
  progress?: (bytes: number) => void;
  events?: RdbEvents;
  /** Takes a library of functions; a string says why it cannot be one. Without, a file that has some is refused. */
  library?: (code: Buffer) => string | undefined;
}

/** What a checker or converter wants to know while a file is read. */
export interface RdbEvents {
  doing(what: 'read-type' | 'read-expire' | 'read-len' | 'read-aux' | 'read-functions' | 'read-key' | 'read-object-value' | 'check-sum'): void;
  /** An entry comes: before its key is read. */
  type(type: number): void;
  aux(name: string, value: string): void;
  database(number: number): void;
  key(name: Buffer, type: number): void;
  /** The key was read and stands under `keyspace.view`; it may be removed. */
  entry(database: number, expireAt: number): void;
  checksum(isKept: boolean): void;
}

export class RdbReader implements ValueInput {
  readonly isDeep: boolean;
  private readonly source: RdbSource;
  private readonly options: ReadOptions;
  private buf = Buffer.allocUnsafeSlow(1 << 20);
  private pos = 0;
  private end = 0;
  /** Offset in the file of buf[0]. */
  private base = 0;
  /** Bytes of buf already in the checksum. */
  private summed = 0;
  private readonly crc = new Crc64();
  private readonly codecs: (ValueCodec | undefined)[] = [];
  private readonly shown: InputString = { bytes: Buffer.alloc(0), off: 0, length: 0 };
  private expanded = Buffer.alloc(0);
  private key = Buffer.allocUnsafeSlow(256);
  private readonly digits = Buffer.alloc(24);
  private readonly loaded: LoadedRdb = { keys: 0, expired: 0, empty: 0, aux: new Map(), version: 0, bytes: 0 };
  private database = 0;
  private expireAt = -1;
  /** Seconds since the last access of the entry that comes; how often it was accessed; -1: not told. */
  private idle = -1;
  private frequency = -1;
  /** The type of the entry that `readUntil` stopped before; -1: it did not. */
  private nextType = -1;
  private isDone = false;

  constructor(source: RdbSource, options: ReadOptions) {
    this.source = source;
    this.options = options;
    this.isDeep = options.isDeep ?? true;
    for (const codec of options.codecs) for (const type of codec.rdbTypes) this.codecs[type] = codec;
  }

  /**
   * Reads one type and value, as DUMP wrote them, into the key that the last lookup did not find. Returns false when it is
   * empty. @throws RdbFault, DamagedValue, ArenaFull (nothing is left behind)
   */
  readObject(keyspace: Keyspace): boolean {
    const type = this.byte();
    const codec = this.codecs[type];
    if (codec === undefined && type !== RDB_TYPE_STRING) throw this.fault(`values of RDB type ${type} are not supported`);
    return this.readValue(keyspace, codec, type);
  }

  /** Reads everything. @throws RdbFault, ArenaFull */
  readInto(keyspace: Keyspace): LoadedRdb {
    return this.readUntil(keyspace, () => false)!;
  }

  /** What was read so far. */
  get progress(): Readonly<LoadedRdb> {
    return this.loaded;
  }

  /** Reads on, at least to the next key, until `isEnough` before one; undefined then, and all that was read at the end. @throws RdbFault, ArenaFull */
  readUntil(keyspace: Keyspace, isEnough: () => boolean): LoadedRdb | undefined {
    const { loaded } = this;
    if (this.isDone) return loaded;
    if (loaded.version === 0) this.readMagic();
    if (this.nextType >= 0) {
      const type = this.nextType;
      this.nextType = -1;
      this.readEntry(keyspace, this.codecs[type], type);
    }
    return this.readOn(keyspace, isEnough);
  }

  private readMagic(): void {
    const { loaded } = this;
    this.need(9);
    const magic = this.buf.toString('latin1', this.pos, this.pos + 9);
    if (!/^REDIS\d{4}$/.test(magic)) throw this.fault('Wrong signature trying to load DB from file');
    loaded.version = Number(magic.slice(5));
    if (loaded.version < 1 || loaded.version > RDB_VERSION_MAX) throw this.fault(`Can't handle RDB format version ${loaded.version}`);
    this.pos += 9;
  }

  private readOn(keyspace: Keyspace, isEnough: () => boolean): LoadedRdb | undefined {
    const { loaded } = this;
    const { events } = this.options;
    for (;;) {
      events?.doing('read-type');
      const type = this.byte();
      switch (type) {
        case OP_EXPIRETIME_MS: {
          events?.doing('read-expire');
          this.need(8);
          this.expireAt = this.buf.readInt32LE(this.pos + 4) * 2 ** 32 + this.buf.readUInt32LE(this.pos);
          this.pos += 8;
          continue;
        }
        case OP_EXPIRETIME: {
          events?.doing('read-expire');
          this.need(4);
          this.expireAt = this.buf.readInt32LE(this.pos) * 1000;
          this.pos += 4;
          continue;
        }
        case OP_IDLE:
          this.idle = this.length();
          continue;
        case OP_FREQ:
          this.frequency = this.byte();
          continue;
        case OP_SELECTDB:
          events?.doing('read-len');
          this.database = this.length();
          events?.database(this.database);
          if (this.database >= keyspace.databases) throw this.fault(`Data file was created with a Redis server configured to handle more than ${keyspace.databases} databases`);
          continue;
        case OP_RESIZEDB:
          {
            events?.doing('read-len');
            const keys = this.length();
            loaded.announced ??= { database: this.database, keys };
            const expires = this.length();
            // A number that lies must not cost its claim in memory.
            if (keys <= (this.options.bytes ?? 0) / ENTRY_BYTES_MIN) keyspace.expectKeys(this.database, keys, Math.min(keys, expires));
          }
          continue;
        case OP_SLOT_INFO:
          this.length();
          this.length();
          this.length();
          continue;
        case OP_AUX: {
          events?.doing('read-aux');
          const name = this.text();
          loaded.aux.set(name, this.text());
          events?.aux(name, loaded.aux.get(name)!);
          continue;
        }
        case OP_EOF:
          this.finish(loaded);
          this.isDone = true;
          return loaded;
        case OP_FUNCTION2: {
          events?.doing('read-functions');
          const { library } = this.options;
          if (library === undefined) throw this.fault('the file holds functions, which are not supported');
          const { bytes, off, length } = this.string();
          const refused = library(Buffer.from(bytes.subarray(off, off + length)));
          if (refused !== undefined) throw this.fault(`a library of functions cannot be loaded: ${refused}`);
          continue;
        }
        case OP_FUNCTION_PRE_GA:
          throw this.fault('the file holds functions of a Redis 7.0 release candidate, which are not supported');
        case OP_MODULE_AUX:
          throw this.fault('the file holds data of a module, and modules are not supported');
        default:
      }
      if (isEnough()) {
        this.nextType = type;
        return undefined;
      }
      this.readEntry(keyspace, this.codecs[type], type);
    }
  }

  private readEntry(keyspace: Keyspace, codec: ValueCodec | undefined, type: number): void {
    const { loaded, database, expireAt, idle, frequency } = this;
    this.expireAt = this.idle = this.frequency = -1;
    if (codec === undefined && type !== RDB_TYPE_STRING) throw this.fault(`values of RDB type ${type} are not supported`);
    this.options.events?.type(type);
    this.options.events?.doing('read-key');
    const shown = this.string();
    // The key must survive the reading of its value.
    const { length } = shown;
    if (length > this.key.length) this.key = Buffer.allocUnsafeSlow(length * 2);
    const { key } = this;
    copyBytes(shown.bytes, shown.off, key, 0, length);
    if (this.options.replaces === true && keyspace.lookupWrite(database, key, 0, length) !== 0) keyspace.remove();
    this.options.events?.key(key.subarray(0, length), type);
    if (keyspace.lookup(database, key, 0, length) !== 0) throw this.fault(`duplicate key '${key.toString('latin1', 0, length)}'`);
    try {
      if (!this.readValue(keyspace, codec, type)) {
        loaded.empty++;
        return;
      }
    } catch (error) {
      if (error instanceof DamagedValue) throw this.fault(`${error.message}, key '${key.toString('latin1', 0, length)}'`);
      throw error;
    }
    if (expireAt >= 0) {
      if (this.options.now !== undefined && expireAt < this.options.now) {
        keyspace.remove();
        loaded.expired++;
        return;
      }
      keyspace.setExpiry(expireAt);
    }
    if (idle >= 0 || frequency >= 0) keyspace.setAccess(idle, frequency);
    loaded.keys++;
    this.options.events?.entry(database, expireAt);
  }

  private readValue(keyspace: Keyspace, codec: ValueCodec | undefined, type: number): boolean {
    if (codec !== undefined) return codec.restore(type, this, keyspace);
    const value = this.string();
    keyspace.create(TYPE_STRING, 0, 0, value.length);
    copyBytes(value.bytes, value.off, keyspace.view.u8, keyspace.view.valueOffset, value.length);
    return true;
  }

  private finish(loaded: LoadedRdb): void {
    loaded.bytes = this.base + this.pos;
    if (loaded.version < 5) return;
    this.options.events?.doing('check-sum');
    this.sum();
    this.need(8);
    const zero = this.buf.readUInt32LE(this.pos) === 0 && this.buf.readUInt32LE(this.pos + 4) === 0;
    const isRight = !this.options.checks || zero || this.crc.equals(this.buf, this.pos);
    this.pos += 8;
    loaded.bytes += 8;
    if (!isRight) throw this.fault('RDB CRC error: the checksum does not match');
    this.options.events?.checksum(!zero);
  }

  length(): number {
    const first = this.byte();
    switch (first >> 6) {
      case 0:
        return first;
      case 1:
        return ((first & 63) << 8) | this.byte();
      case 2:
        if (first === 0x80) {
          this.need(4);
          const n = this.buf.readUInt32BE(this.pos);
          this.pos += 4;
          return n;
        }
        if (first === 0x81) {
          this.need(8);
          const n = this.buf.readUInt32BE(this.pos) * 2 ** 32 + this.buf.readUInt32BE(this.pos + 4);
          this.pos += 8;
          if (n > Number.MAX_SAFE_INTEGER) throw this.fault('length out of range');
          return n;
        }
    }
    throw this.fault(`Unknown length encoding ${first >> 6}`);
  }

  length64(out: { hi: number; lo: number }): void {
    this.need(1);
    if (this.buf[this.pos] === 0x81) {
      this.need(9);
      out.hi = this.buf.readInt32BE(this.pos + 1);
      out.lo = this.buf.readInt32BE(this.pos + 5);
      this.pos += 9;
      return;
    }
    out.hi = 0;
    out.lo = this.length() | 0;
  }

  double(): number {
    this.need(8);
    const x = this.buf.readDoubleLE(this.pos);
    this.pos += 8;
    return x;
  }

  raw(length: number): InputString {
    this.need(length);
    const off = this.pos;
    this.pos += length;
    return this.show(this.buf, off, length);
  }

  string(): InputString {
    this.need(1);
    const first = this.buf[this.pos]!;
    if (first < 0xc0) {
      const length = this.length();
      if (length > STRING_BYTES_MAX) throw this.fault(`a string of ${length} bytes is too long`);
      this.need(length);
      const off = this.pos;
      this.pos += length;
      return this.show(this.buf, off, length);
    }
    this.pos++;
    switch (first) {
      case ENC_INT8:
        this.need(1);
        return this.showInteger(this.buf.readInt8(this.pos++));
      case ENC_INT16:
        this.need(2);
        this.pos += 2;
        return this.showInteger(this.buf.readInt16LE(this.pos - 2));
      case ENC_INT32:
        this.need(4);
        this.pos += 4;
        return this.showInteger(this.buf.readInt32LE(this.pos - 4));
      case ENC_LZF: {
        const compressed = this.length();
        const length = this.length();
        // Three bytes stand for 264 at most: a claim beyond that is not worth its room.
        if (length > STRING_BYTES_MAX || compressed > length || length > compressed * 100) throw this.fault('Invalid LZF compressed string');
        this.need(compressed);
        if (this.expanded.length < length) this.expanded = Buffer.allocUnsafeSlow(Math.max(length, 4096));
        this.pos += compressed;
        if (!lzfDecompress(this.buf, this.pos - compressed, compressed, this.expanded, 0, length)) throw this.fault('Invalid LZF compressed string');
        return this.show(this.expanded, 0, length);
      }
      default:
        throw this.fault(`Unknown RDB string encoding type ${first & 63}`);
    }
  }

  private show(bytes: Buffer, off: number, length: number): InputString {
    const { shown } = this;
    shown.bytes = bytes;
    shown.off = off;
    shown.length = length;
    return shown;
  }

  private showInteger(n: number): InputString {
    writeInteger(n, this.digits, 0);
    return this.show(this.digits, 0, integerTextBytes(n));
  }

  private text(): string {
    const { bytes, off, length } = this.string();
    return bytes.toString('latin1', off, off + length);
  }

  private byte(): number {
    if (this.pos >= this.end) this.need(1);
    return this.buf[this.pos++]!;
  }

  private fault(reason: string): RdbFault {
    return new RdbFault(this.base + this.pos, reason);
  }

  /** Bytes of the file read so far. */
  get offset(): number {
    return this.base + this.pos;
  }

  /** Puts what was consumed into the checksum. */
  private sum(): void {
    if (this.options.checks) this.crc.update(this.buf, this.summed, this.pos - this.summed);
    this.summed = this.pos;
  }

  /** Makes `bytes` available at `pos`. @throws RdbFault when the file ends before */
  private need(bytes: number): void {
    if (this.end - this.pos >= bytes) return;
    this.sum();
    const left = this.end - this.pos;
    if (bytes > this.buf.length) {
      // Grown step by step as bytes really arrive: a length that lies must not cost its claim in memory.
      const larger = Buffer.allocUnsafeSlow(Math.min(bytes, Math.max(this.buf.length * 2, 1 << 20)));
      this.buf.copy(larger, 0, this.pos, this.end);
      this.buf = larger;
    } else this.buf.copyWithin(0, this.pos, this.end);
    this.base += this.pos;
    this.pos = this.summed = 0;
    this.end = left;
    while (this.end < bytes) {
      if (this.end === this.buf.length) return this.need(bytes);
      const read = this.source.read(this.buf.subarray(this.end));
      if (read === 0) throw new RdbFault(this.base + this.end, 'Unexpected end of file');
      this.end += read;
    }
    this.options.progress?.(this.base);
  }
}
