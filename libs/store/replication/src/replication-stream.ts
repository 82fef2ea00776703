/**
 * What goes into the replication stream, encoded once: on a primary the effects of its units, on a replica the bytes of its primary
 * as they came, so that offsets and ids are the same down a chain.
 *
 *   unit of one command      [SELECT n] command
 *   unit of several          MULTI [SELECT n] command … EXEC
 */
import type { Backlog } from './backlog';

const MULTI = Buffer.from('*1\r\n$5\r\nMULTI\r\n', 'latin1');
const EXEC = Buffer.from('*1\r\n$4\r\nEXEC\r\n', 'latin1');
const PING = Buffer.from('*1\r\n$4\r\nPING\r\n', 'latin1');
const GETACK = Buffer.from('*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n', 'latin1');
const COMMAND_HEAD = 8;
/** In the database of a journalled command: it is for replicas, not for files. */
export const REPLICAS_ONLY = 0x8000_0000;

function selectBytes(database: number): Buffer {
  const text = String(database);
  return Buffer.from(`*2\r\n$6\r\nSELECT\r\n$${text.length}\r\n${text}\r\n`, 'latin1');
}

/** A command as replicas read it. */
export function commandBytes(words: readonly (string | Uint8Array)[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`, 'latin1')];
  for (const word of words) {
    const bytes = typeof word === 'string' ? Buffer.from(word, 'latin1') : word;
    parts.push(Buffer.from(`$${bytes.length}\r\n`, 'latin1'), bytes, Buffer.from('\r\n', 'latin1'));
  }
  return Buffer.concat(parts);
}

export class ReplicationStream {
  private readonly backlog: Backlog;
  private readonly selects: (Buffer | undefined)[] = [];
  /** Where the stream ended after the last bytes of this thread. */
  position = 0;
  /** This thread has put something into it. */
  onMove: () => void = () => undefined;

  constructor(backlog: Backlog) {
    this.backlog = backlog;
  }

  /** A unit as the journal has it: `database · length · bytes` for each command. Its shards are held. */
  unit(buf: Buffer, from: number, to: number): void {
    const { backlog } = this;
    const isOne = from + COMMAND_HEAD + buf.readUInt32LE(from + 4) >= to;
    backlog.take();
    if (!isOne) backlog.put(MULTI, 0, MULTI.length);
    for (let at = from; at < to; ) {
      const database = buf.readInt32LE(at) & ~REPLICAS_ONLY;
      const length = buf.readUInt32LE(at + 4);
      if (database !== backlog.database) this.select(database);
      this.position = backlog.put(buf, at + COMMAND_HEAD, length);
      at += COMMAND_HEAD + length;
    }
    if (!isOne) this.position = backlog.put(EXEC, 0, EXEC.length);
    backlog.give();
    this.onMove();
  }

  private select(database: number): void {
    const bytes = (this.selects[database] ??= selectBytes(database));
    this.backlog.put(bytes, 0, bytes.length);
    this.backlog.database = database;
  }

  /** One command by itself; database -1: it is about none. */
  command(database: number, words: readonly (string | Uint8Array)[]): void {
    this.raw(database, commandBytes(words));
  }

  ping(): void {
    this.raw(-1, PING);
  }

  /** Asks all replicas how far they are. */
  askAck(): void {
    this.raw(-1, GETACK);
  }

  private raw(database: number, bytes: Buffer): void {
    const { backlog } = this;
    backlog.take();
    if (database >= 0 && database !== backlog.database) this.select(database);
    this.position = backlog.put(bytes, 0, bytes.length);
    backlog.give();
    this.onMove();
  }

  /** On a replica: bytes of its primary. */
  relay(bytes: Uint8Array, off: number, length: number): void {
    const { backlog } = this;
    backlog.take();
    this.position = backlog.put(bytes, off, length);
    backlog.give();
    this.onMove();
  }
}
