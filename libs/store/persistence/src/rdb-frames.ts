/**
 * What an executing thread does of saving: copies raw bytes into frames (see rdb-encoder.ts), nothing more. Frames are handed
 * on in chunks.
 *
 *   chunk   [ head u32: 1 CONTINUES | 2 OPEN ]  frames …
 *   entry   RAW [ SELECTDB n ]?  RAW [ EXPIRETIME_MS t ]?  RAW [ IDLE n | FREQ n ]?  RAW [ type ]  STRING key  value frames …
 *
 * A chunk stands for itself: its first entry names its database, and it ends behind an entry. So chunks of several threads may be
 * written in any order. The one exception is an entry too large for one go (`openEntry` … `closeEntry`): its chunks are OPEN but
 * for the last, CONTINUES but for the first, and none of another owner may come between them; RdbEncoder sees to that.
 */
import { TYPE_STRING, copyBytes } from '@larder/store-datatypes';
import type { Deferred, RecordView } from '@larder/store-datatypes';
import type { ValueCodec, ValueOutput } from '@larder/store-keyspace';
import { CHUNK_CONTINUES, CHUNK_HEAD_BYTES, CHUNK_OPEN, FRAME_RAW, FRAME_STRING, writeLength } from './rdb-encoder';
import { SEGMENT_SHIFT } from '@larder/store-memory';
import { PLAIN_STYLE } from './rdb-style';
import type { RdbStyle } from './rdb-style';
import { OP_AUX, OP_FREQ, OP_FUNCTION2, OP_EOF, OP_EXPIRETIME_MS, OP_RESIZEDB, OP_SELECTDB, RDB_TYPE_STRING } from './rdb-format';

export const CHUNK_BYTES = 1 << 18;
/** Room that a small collection is taken to need. */
const SMALL_BYTES = 8192;

function newChunk(): Buffer {
  return Buffer.allocUnsafeSlow(CHUNK_BYTES);
}

export class RdbFrames implements ValueOutput {
  /** Entries written so far. */
  keys = 0;
  /** Bytes of the chunks handed on so far. */
  private bytes = 0;
  /** Is an entry begun that goes on in the next chunk? */
  isOpen = false;
  private buf: Buffer;
  private pos = CHUNK_HEAD_BYTES;
  private continues = false;
  /** Are there chunks of others in the same file? Then no chunk may end amid an entry but an open one. */
  private readonly isShared: boolean;
  private isWhole = false;
  private database = -1;
  private readonly scratch = Buffer.alloc(16);
  private readonly doubles = new Float64Array(1);
  private readonly doubleBytes = Buffer.from(this.doubles.buffer);
  private readonly codecs: ValueCodec[] = [];
  private readonly emit: (chunk: Buffer, length: number) => void;
  private readonly spare: () => Buffer;
  private readonly style: RdbStyle;

  /** `emit` takes over the buffer it is given. `isShared`: chunks of others go into the same file. `spare` gives buffers of CHUNK_BYTES: used ones, if there are. */
  constructor(codecs: readonly ValueCodec[], emit: (chunk: Buffer, length: number) => void, isShared = false, spare: () => Buffer = newChunk, style: RdbStyle = PLAIN_STYLE) {
    this.isShared = isShared;
    for (const codec of codecs) this.codecs[codec.type] = codec;
    this.emit = emit;
    this.spare = spare;
    this.style = style;
    this.buf = spare();
  }

  get version(): number {
    return this.style.version;
  }

  /** Magic and the fields that describe the file. */
  header(aux: readonly (readonly [string, string])[], libraries: Iterable<{ readonly code: Uint8Array }> = []): void {
    this.rawText(`REDIS${String(this.version).padStart(4, '0')}`);
    for (const [name, value] of aux) {
      this.opcode(OP_AUX);
      this.text(name);
      this.text(value);
    }
    for (const { code } of libraries) {
      this.opcode(OP_FUNCTION2);
      this.string(code, 0, code.length);
    }
  }

  /** Announces a database's size, so that a loader can make room. */
  resize(database: number, keys: number, expires: number): void {
    this.select(database);
    this.opcode(OP_RESIZEDB);
    this.length(keys);
    this.length(expires);
  }

  /** One key with its value. */
  entry(database: number, view: RecordView): void {
    this.ensure(64 + view.keyLength + (view.type === TYPE_STRING ? view.valueLength : SMALL_BYTES));
    this.isWhole = this.isShared;
    this.begin(database, view.expireAt, view.word0 >>> 8, this.typeOf(view), view.u8, view.keyOffset, view.keyLength);
    this.value(view);
    this.isWhole = false;
    this.keys++;
  }

  /** Begins an entry whose elements follow bit by bit, then `closeEntry`. */
  openEntry(deferred: Deferred): void {
    const u8 = deferred.arena.u8[deferred.address >>> SEGMENT_SHIFT]!;
    this.begin(deferred.database, deferred.expireAt, deferred.accessed, deferred.rdbType, u8, deferred.keyOffset, deferred.keyLength);
    this.isOpen = true;
  }

  closeEntry(): void {
    this.isOpen = false;
    this.keys++;
    // Others wait for the end of this entry.
    if (this.continues) this.flush();
  }

  /** `accessed`: the 24 bits that a record has for that. */
  private begin(database: number, expireAt: number, accessed: number, type: number, key: Buffer | Uint8Array, off: number, length: number): void {
    // All in one chunk, so that no chunk ends between a time and its key.
    this.ensure(length + 64);
    if (database !== this.database) this.select(database);
    if (expireAt >= 0) {
      this.frame(FRAME_RAW, 9);
      this.buf[this.pos++] = OP_EXPIRETIME_MS;
      this.buf.writeUInt32LE(expireAt % 2 ** 32 >>> 0, this.pos);
      this.buf.writeInt32LE(Math.floor(expireAt / 2 ** 32), this.pos + 4);
      this.pos += 8;
    }
    if (this.style.accessOp !== 0) this.access(accessed);
    this.opcode(type);
    this.string(key, off, length);
  }

  private access(accessed: number): void {
    const { accessOp, accessOf } = this.style;
    this.opcode(accessOp);
    const n = accessOf(accessed);
    if (accessOp !== OP_FREQ) return this.length(n);
    this.scratch[0] = n;
    this.raw(this.scratch, 0, 1);
  }

  /** Type and value without a key: what DUMP gives. */
  object(view: RecordView): void {
    this.opcode(this.typeOf(view));
    this.value(view);
  }

  /** RDB type of the value. */
  typeOf(view: RecordView): number {
    return view.type === TYPE_STRING ? RDB_TYPE_STRING : this.codecs[view.type]!.rdbType(view, this.version);
  }

  private value(view: RecordView): void {
    if (view.type === TYPE_STRING) this.string(view.u8, view.valueOffset, view.valueLength);
    else this.codecs[view.type]!.save(view, this);
  }

  end(): void {
    this.opcode(OP_EOF);
    this.flush();
  }

  /** Bytes written so far. */
  get written(): number {
    return this.bytes + this.pos - CHUNK_HEAD_BYTES;
  }

  /** Hands on what is there. */
  flush(): void {
    if (this.pos === CHUNK_HEAD_BYTES) return;
    this.handOn();
    this.buf = this.spare();
  }

  private handOn(): void {
    const { buf, pos } = this;
    buf.writeUInt32LE((this.continues ? CHUNK_CONTINUES : 0) | (this.isOpen ? CHUNK_OPEN : 0), 0);
    this.continues = this.isOpen;
    this.database = -1;
    this.pos = CHUNK_HEAD_BYTES;
    this.bytes += pos;
    this.emit(buf, pos);
  }

  private select(database: number): void {
    this.database = database;
    this.opcode(OP_SELECTDB);
    this.length(database);
  }

  opcode(code: number): void {
    this.ensure(5);
    this.frame(FRAME_RAW, 1);
    this.buf[this.pos++] = code;
  }

  length(n: number): void {
    const bytes = writeLength(this.scratch, 0, n);
    this.raw(this.scratch, 0, bytes);
  }

  length64(hi: number, lo: number): void {
    if (hi === 0) return this.length(lo >>> 0);
    this.scratch[0] = 0x81;
    this.scratch.writeInt32BE(hi, 1);
    this.scratch.writeInt32BE(lo, 5);
    this.raw(this.scratch, 0, 9);
  }

  double(x: number): void {
    this.doubles[0] = x;
    this.raw(this.doubleBytes, 0, 8);
  }

  string(bytes: Uint8Array, off: number, length: number): void {
    this.ensure(length + 4);
    this.frame(FRAME_STRING, length);
    copyBytes(bytes, off, this.buf, this.pos, length);
    this.pos += length;
  }

  private text(value: string): void {
    const bytes = Buffer.from(value, 'latin1');
    this.string(bytes, 0, bytes.length);
  }

  private rawText(value: string): void {
    const bytes = Buffer.from(value, 'latin1');
    this.raw(bytes, 0, bytes.length);
  }

  raw(bytes: Uint8Array, off: number, length: number): void {
    this.ensure(length + 4);
    this.frame(FRAME_RAW, length);
    copyBytes(bytes, off, this.buf, this.pos, length);
    this.pos += length;
  }

  private frame(kind: number, length: number): void {
    const { buf, pos } = this;
    const head = length * 2 + kind;
    buf[pos] = head;
    buf[pos + 1] = head >>> 8;
    buf[pos + 2] = head >>> 16;
    buf[pos + 3] = head >>> 24;
    this.pos = pos + 4;
  }

  private ensure(bytes: number): void {
    if (this.pos + bytes <= this.buf.length) return;
    if (this.isWhole) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.buf.length * 2, this.pos + bytes));
      this.buf.copy(larger, 0, 0, this.pos);
      this.buf = larger;
      return;
    }
    if (this.pos > CHUNK_HEAD_BYTES) this.handOn();
    this.buf = CHUNK_HEAD_BYTES + bytes <= CHUNK_BYTES ? this.spare() : Buffer.allocUnsafeSlow(CHUNK_HEAD_BYTES + bytes + CHUNK_BYTES);
  }
}
