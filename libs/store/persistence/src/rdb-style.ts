/** What an RDB file is written as, where there is a choice. */
import type { Keyspace } from '@larder/store-keyspace';
import { OP_FREQ, OP_IDLE, RDB_VERSION } from './rdb-format';

export interface RdbStyle {
  /** 10, or 11 (Redis 7.2). */
  readonly version: number;
  /** OP_IDLE, OP_FREQ, or 0: nothing is told about accesses. */
  readonly accessOp: number;
  /** What is told, by the 24 bits that a record has for accesses. */
  readonly accessOf: (accessed: number) => number;
}

export const PLAIN_STYLE: RdbStyle = { version: RDB_VERSION, accessOp: 0, accessOf: () => 0 };

/** As Redis has it: with an eviction policy that goes by accesses the file tells of them. `goesByTime`: it is one of the LRU ones. */
export function rdbStyle(keyspace: Keyspace, version: number, goesByTime: boolean): RdbStyle {
  const { lfu } = keyspace;
  if (lfu !== null) return { version, accessOp: OP_FREQ, accessOf: (accessed) => lfu.frequency(accessed, keyspace.now) };
  if (goesByTime) return { version, accessOp: OP_IDLE, accessOf: (accessed) => (keyspace.accessClock - accessed) & 0xffffff };
  return { ...PLAIN_STYLE, version };
}
