/**
 * What the executing thread does of saving: copies raw bytes into frames (see rdb-encoder.ts), nothing more. A chunk is
 * handed on when it is full; entries are never cut between chunks of two different owners, so any order of captures works.
 *
 *   entry   RAW [ SELECTDB n ]?  RAW [ EXPIRETIME_MS t ]?  RAW [ type ]  STRING key  value frames …
 */
import { TYPE_STRING } from '@larder/store-datatypes';
import type { RecordView } from '@larder/store-datatypes';
import type { ValueCodec, ValueOutput } from '@larder/store-keyspace';
import { FRAME_RAW, FRAME_STRING, writeLength } from './rdb-encoder';
import { OP_AUX, OP_EOF, OP_EXPIRETIME_MS, OP_RESIZEDB, OP_SELECTDB, RDB_TYPE_STRING, RDB_VERSION } from './rdb-format';

const CHUNK_BYTES = 1 << 20;

export class RdbFrames implements ValueOutput {
  /** Entries written so far. */
  keys = 0;
  private buf = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  private pos = 0;
  private database = -1;
  private readonly scratch = Buffer.alloc(16);
  private readonly codecs: ValueCodec[] = [];
  private readonly emit: (chunk: Buffer, length: number) => void;

  /** `emit` takes over the buffer it is given. */
  constructor(codecs: readonly ValueCodec[], emit: (chunk: Buffer, length: number) => void) {
    for (const codec of codecs) this.codecs[codec.type] = codec;
    this.emit = emit;
  }

  /** Magic and the fields that describe the file. */
  header(aux: readonly (readonly [string, string])[]): void {
    this.rawText(`REDIS${String(RDB_VERSION).padStart(4, '0')}`);
    for (const [name, value] of aux) {
      this.opcode(OP_AUX);
      this.text(name);
      this.text(value);
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
    if (database !== this.database) this.select(database);
    const { expireAt } = view;
    if (expireAt >= 0) {
      this.ensure(13);
      this.frame(FRAME_RAW, 9);
      this.buf[this.pos++] = OP_EXPIRETIME_MS;
      this.buf.writeUInt32LE(expireAt % 2 ** 32 >>> 0, this.pos);
      this.buf.writeInt32LE(Math.floor(expireAt / 2 ** 32), this.pos + 4);
      this.pos += 8;
    }
    this.opcode(this.typeOf(view));
    this.string(view.u8, view.keyOffset, view.keyLength);
    this.value(view);
    this.keys++;
  }

  /** Type and value without a key: what DUMP gives. */
  object(view: RecordView): void {
    this.opcode(this.typeOf(view));
    this.value(view);
  }

  private typeOf(view: RecordView): number {
    return view.type === TYPE_STRING ? RDB_TYPE_STRING : this.codecs[view.type]!.rdbType(view);
  }

  private value(view: RecordView): void {
    if (view.type === TYPE_STRING) this.string(view.u8, view.valueOffset, view.valueLength);
    else this.codecs[view.type]!.save(view, this);
  }

  end(): void {
    this.opcode(OP_EOF);
    this.flush();
  }

  /** Hands on what is there. */
  flush(): void {
    if (this.pos === 0) return;
    const { buf, pos } = this;
    this.buf = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.pos = 0;
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
    this.raw(this.scratch, bytes);
  }

  length64(hi: number, lo: number): void {
    if (hi === 0) return this.length(lo >>> 0);
    this.scratch[0] = 0x81;
    this.scratch.writeInt32BE(hi, 1);
    this.scratch.writeInt32BE(lo, 5);
    this.raw(this.scratch, 9);
  }

  double(x: number): void {
    this.scratch.writeDoubleLE(x, 0);
    this.raw(this.scratch, 8);
  }

  string(bytes: Uint8Array, off: number, length: number): void {
    this.ensure(length + 4);
    this.frame(FRAME_STRING, length);
    (bytes as Buffer).copy(this.buf, this.pos, off, off + length);
    this.pos += length;
  }

  private text(value: string): void {
    const bytes = Buffer.from(value, 'latin1');
    this.string(bytes, 0, bytes.length);
  }

  private rawText(value: string): void {
    const bytes = Buffer.from(value, 'latin1');
    this.raw(bytes, bytes.length);
  }

  private raw(bytes: Buffer, length: number): void {
    this.ensure(length + 4);
    this.frame(FRAME_RAW, length);
    bytes.copy(this.buf, this.pos, 0, length);
    this.pos += length;
  }

  private frame(kind: number, length: number): void {
    this.buf.writeUInt32LE(length * 2 + kind, this.pos);
    this.pos += 4;
  }

  private ensure(bytes: number): void {
    if (this.pos + bytes <= this.buf.length) return;
    this.flush();
    if (bytes > this.buf.length) this.buf = Buffer.allocUnsafeSlow(bytes + CHUNK_BYTES);
  }
}
