/**
 * A unit of work as a command sees it: arguments, reply, keyspace, session. One object per thread, reused; a command
 * must not keep it.
 *
 * A command reads its options first, then touches the keyspace, so that a refusal changes nothing. Helpers that
 * refuse have written the error when they say so (NaN, -1, false): the command just returns.
 */
import { Int64, parseInt64, parseSafeInteger, int64ToBigInt, longDoubleText, parseDouble, parseLongDouble } from '@larder/store-datatypes';
import type { RecordView } from '@larder/store-datatypes';
import type { Keyspace } from '@larder/store-keyspace';
import type { Args, Reply } from '@larder/store-resp';
import type { Command } from './command';
import type { Dispatcher } from './dispatcher';
import type { Session, TimeoutReply } from './session';
import { Waiters } from './waiters';

export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';
export const SYNTAX_ERROR = 'ERR syntax error';
export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';
export const NOT_A_FLOAT = 'ERR value is not a valid float';

export class Unit {
  readonly dispatcher: Dispatcher;
  readonly keyspace: Keyspace;
  readonly view: RecordView;
  args: Args;
  reply: Reply;
  session!: Session;
  command!: Command;
  /** In EXEC or a script: blocking commands answer at once instead of waiting. */
  mayBlock = true;
  /** Inside a script. */
  inScript = false;
  /** A blocked command is run again because one of its keys may be ready. */
  isRetry = false;
  /** Set by a retried command whose WRONGTYPE is its answer; otherwise it goes on waiting for a key of its type. */
  answersRetry = false;
  /** The key a retry is about, as waiters name it. */
  readyKey = '';
  private readonly int64 = new Int64();

  constructor(dispatcher: Dispatcher, keyspace: Keyspace, args: Args, reply: Reply) {
    this.dispatcher = dispatcher;
    this.keyspace = keyspace;
    this.view = keyspace.view;
    this.args = args;
    this.reply = reply;
  }

  /** Milliseconds since 1970, the same throughout the unit. */
  get now(): number {
    return this.keyspace.now;
  }

  get database(): number {
    return this.session.database;
  }

  /** What runs is taken as it is: it comes from a file, or from the primary of this replica. */
  get isObeying(): boolean {
    return !this.keyspace.expires;
  }

  /** Uniform 32-bit integer. */
  random32(): number {
    return this.dispatcher.random32();
  }

  /** Address of the record that argument `i` names, or 0. `view` points at it. */
  lookupRead(i: number): number {
    const args = this.args;
    return this.keyspace.lookupRead(this.session.database, args.buf, args.off[i]!, args.len[i]!);
  }

  lookupWrite(i: number): number {
    const args = this.args;
    return this.keyspace.lookupWrite(this.session.database, args.buf, args.off[i]!, args.len[i]!);
  }

  /** As `lookupRead`; -1 after answering WRONGTYPE when the key holds another type. */
  readTyped(i: number, type: number): number {
    const address = this.lookupRead(i);
    if (address !== 0 && (this.view.word0 & 15) !== type) {
      this.reply.error(WRONG_TYPE);
      return -1;
    }
    return address;
  }

  writeTyped(i: number, type: number): number {
    const address = this.lookupWrite(i);
    if (address !== 0 && (this.view.word0 & 15) !== type) {
      this.reply.error(WRONG_TYPE);
      return -1;
    }
    return address;
  }

  /** Argument `i` as an integer; NaN after answering `error`. Beyond ±2^53 it is rounded: where exactness matters take `bigArg`. */
  integerArg(i: number, error = NOT_AN_INTEGER): number {
    const args = this.args;
    const n = parseSafeInteger(args.buf, args.off[i]!, args.len[i]!);
    if (n === n) return n;
    if (parseInt64(args.buf, args.off[i]!, args.len[i]!, this.int64)) return Number(int64ToBigInt(this.int64.hi, this.int64.lo));
    this.reply.error(error);
    return NaN;
  }

  /** Argument `i` as a 32-bit integer; NaN after answering `error`, or words about the range when there is none. */
  int32Arg(i: number, error?: string): number {
    const n = this.integerArg(i, error);
    if (n >= -0x80000000 && n <= 0x7fffffff) return n;
    if (n === n) this.reply.error(error ?? 'ERR value is out of range, value must between -2147483648 and 2147483647');
    return NaN;
  }

  /** Argument `i` as an exact 64-bit integer; undefined after answering `error`. */
  bigArg(i: number, error = NOT_AN_INTEGER): bigint | undefined {
    const args = this.args;
    if (parseInt64(args.buf, args.off[i]!, args.len[i]!, this.int64)) return int64ToBigInt(this.int64.hi, this.int64.lo);
    this.reply.error(error);
    return undefined;
  }

  /** Argument `i` as a double (inf allowed, nan not); NaN after answering `error`. */
  doubleArg(i: number, error = NOT_A_FLOAT): number {
    const args = this.args;
    const x = parseDouble(args.buf, args.off[i]!, args.len[i]!);
    if (x !== x) this.reply.error(error);
    return x;
  }

  /** Seconds to wait in argument `i` as whole milliseconds, rounded up; NaN after answering an error. */
  timeoutArg(i: number): number {
    const args = this.args;
    let seconds = parseDouble(args.buf, args.off[i]!, args.len[i]!);
    if (seconds !== seconds) {
      // Beyond a double: it is read as a long double, as Redis reads it.
      const wide = parseLongDouble(args.buf, args.off[i]!, args.len[i]!);
      if (wide !== undefined) seconds = Number(longDoubleText(wide));
    }
    const ms = Math.ceil(seconds * 1000);
    if (ms >= 0 && ms < 2 ** 63) return ms;
    // Redis converts what is beyond int64 to the least of them.
    this.reply.error(ms !== ms ? 'ERR timeout is not a float or out of range' : 'ERR timeout is negative');
    return NaN;
  }

  syntaxError(): void {
    this.reply.error(SYNTAX_ERROR);
  }

  wrongArity(): void {
    this.reply.error(`ERR wrong number of arguments for '${this.command.name}' command`);
  }

  /** Is argument `i` a key to look at: in a retry only the one that became ready, even if others have something too (as in Redis 7.0). */
  isReadyArg(i: number): boolean {
    const { args } = this;
    return !this.isRetry || Waiters.key(this.session.database, args.buf, args.off[i]!, args.len[i]!) === this.readyKey;
  }

  /** A subcommand with a number of arguments that it has no form for. */
  subcommandError(): void {
    const container = this.command.name.split('|')[0]!.toUpperCase();
    this.reply.error(`ERR unknown subcommand or wrong number of arguments for '${this.args.text(1).split('\0')[0]!.slice(0, 128)}'. Try ${container} HELP.`);
  }

  /** What goes to the journal instead of the command as it came. */
  journalAs(...values: (string | Uint8Array)[]): void {
    this.dispatcher.journalAs(values);
  }

  /**
   * Waits until a key among arguments `keys` changes, then the command runs again with `args` (default: as it came).
   * `timeoutMs` 0 waits for ever. In a transaction or script it answers as at the time-out instead.
   */
  block(keys: readonly number[], timeoutMs: number, timeoutReply: TimeoutReply, args: Args = this.args): void {
    this.dispatcher.block(this, keys, timeoutMs, timeoutReply, args);
  }
}
