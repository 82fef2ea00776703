/**
 * A base file of commands (`aof-use-rdb-preamble no`), made from the RDB file that a rewrite writes first.
 *
 *   string              SET key value, PEXPIREAT key moment
 *   any other value     RESTORE key moment payload ABSTTL, the payload being the value's own bytes in the RDB file
 *
 * One value is in memory at a time. A file of RESTOREs loads as quickly as an RDB file and is the same to whoever reads commands.
 */
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { Crc64, TYPE_STRING } from '@larder/store-datatypes';
import type { ValueCodec, ValueKind } from '@larder/store-keyspace';
import { Keyspace } from '@larder/store-keyspace';
import { Arena } from '@larder/store-memory';
import { CommandBuffer, RDB_VERSION, RdbReader, selectBytes, timestampBytes } from '@larder/store-persistence';

export interface BaseOptions {
  codecs: readonly ValueCodec[];
  kinds: readonly ValueKind[];
  /** The second that the file begins with; undefined without `aof-timestamp-enabled`. */
  second: number | undefined;
}

const DATABASES_MAX = 1 << 14;
const FLUSH_BYTES = 1 << 20;
const SYNC_BYTES = 4 << 20;
const TRAILER_BYTES = 10;

/** Replaces the RDB file at `path` by one of commands. */
export function toCommands(path: string, options: BaseOptions): void {
  const temporary = `${path}.commands`;
  const source = openSync(path, 'r');
  try {
    const target = openSync(temporary, 'w', 0o644);
    try {
      new Conversion(source, target, options).run();
      fsyncSync(target);
    } finally {
      closeSync(target);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(source);
  }
}

class Conversion {
  private readonly commands = new CommandBuffer(2 * FLUSH_BYTES);
  private readonly keyspace: Keyspace;
  private readonly reader: RdbReader;
  private readonly source: number;
  private readonly target: number;
  private at = 0;
  private unsynced = 0;
  private key = Buffer.alloc(0);
  private type = 0;
  private database = -1;
  private valueAt = 0;

  constructor(source: number, target: number, { codecs, kinds, second }: BaseOptions) {
    this.source = source;
    this.target = target;
    this.keyspace = new Keyspace({ arena: new Arena({ shards: 1 }), databases: DATABASES_MAX, hashSeed: [1, 2, 3], kinds });
    if (second !== undefined) this.commands.raw(timestampBytes(second));
    this.reader = new RdbReader(
      { read: (into) => this.read(into) },
      {
        codecs,
        library: (code) => {
          this.commands.raw(Buffer.from(`*3\r\n$8\r\nFUNCTION\r\n$4\r\nLOAD\r\n$${code.length}\r\n${code.toString('latin1')}\r\n`, 'latin1'));
          return undefined;
        },
        checks: false,
        isDeep: false,
        events: {
          doing: () => undefined,
          type: () => undefined,
          aux: () => undefined,
          database: (number) => {
            // Parts of the file name theirs, each for itself.
            if (number !== this.database) this.commands.raw(selectBytes((this.database = number)));
          },
          key: (name, type) => {
            this.key = Buffer.from(name);
            this.type = type;
            this.valueAt = this.reader.offset;
          },
          entry: (_, expireAt) => this.entry(expireAt),
          checksum: () => undefined,
        },
      },
    );
  }

  run(): void {
    this.reader.readInto(this.keyspace);
    this.flush();
  }

  private read(into: Buffer): number {
    const read = readSync(this.source, into, 0, into.length, this.at);
    this.at += read;
    return read;
  }

  private entry(expireAt: number): void {
    const { view } = this.keyspace;
    if (view.type === TYPE_STRING) {
      this.commands.words('SET', this.key, Buffer.from(view.u8.subarray(view.valueOffset, view.valueOffset + view.valueLength)));
      if (expireAt >= 0) this.commands.words('PEXPIREAT', this.key, String(BigInt(expireAt)));
    } else this.commands.words('RESTORE', this.key, String(Math.max(0, expireAt)), this.payload(), ...(expireAt >= 0 ? ['ABSTTL'] : []));
    this.keyspace.remove();
    if (this.commands.pos >= FLUSH_BYTES) this.flush();
  }

  /** As DUMP gives it. */
  private payload(): Buffer {
    const length = this.reader.offset - this.valueAt;
    const payload = Buffer.alloc(1 + length + TRAILER_BYTES);
    payload[0] = this.type;
    for (let done = 0; done < length; ) done += readSync(this.source, payload, 1 + done, length - done, this.valueAt + done);
    payload.writeUInt16LE(Math.max(RDB_VERSION, this.reader.progress.version), 1 + length);
    const crc = new Crc64();
    crc.update(payload, 0, payload.length - 8);
    crc.write(payload, payload.length - 8);
    return payload;
  }

  private flush(): void {
    const { commands, target } = this;
    for (let at = 0; at < commands.pos; ) at += writeSync(target, commands.buf, at, commands.pos - at);
    this.unsynced += commands.pos;
    commands.pos = 0;
    if (this.unsynced < SYNC_BYTES) return;
    this.unsynced = 0;
    fsyncSync(target);
  }
}
