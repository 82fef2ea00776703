/**
 * What clients did and saw: operations with the moments of their call and of their reply, all from one clock.
 *
 * A call is noted before its bytes are written, a reply after they were read: an interval is never shorter than the truth,
 * so a store that is right is never accused. An operation whose reply never came stays open: it may have happened at any time
 * after its call, or not at all.
 */
import type { Command, PlainReply } from '@larder/shared-testing';

/** Nanoseconds since this process began to count. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return (seconds - EPOCH) * 1e9 + nanoseconds;
}

const EPOCH = process.hrtime()[0];

export interface Operation {
  readonly id: number;
  /** Which connection. */
  readonly client: number;
  readonly command: Command;
  /** Of EXEC: the commands it ran. */
  readonly body?: readonly Command[];
  calledAt: number;
  /** Infinity while open. */
  returnedAt: number;
  /** undefined when none came. (A history that was cut short knows replies that came later.) */
  reply: PlainReply | undefined;
  /** The operation before it on the same connection, which the server runs first even if both were sent at once; -1: none. */
  readonly after: number;
  /** Of WATCH: the transaction that it was for came to nothing. */
  isInVain?: boolean;
}

export function isOpen(operation: Operation): boolean {
  return operation.returnedAt === Infinity;
}
