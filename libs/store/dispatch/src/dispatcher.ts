/**
 * From decoded arguments to an executed command: look-up, arity, gates in printed order, locks, execution, journal,
 * and then whoever waited for what the unit changed.
 *
 * One dispatcher per executing thread. It is synchronous and does no I/O: sockets, timers and disk are the host's.
 */
import { ArenaFull } from '@larder/store-memory';
import type { Keyspace } from '@larder/store-keyspace';
import { Args, Reply, ReplyTooLarge } from '@larder/store-resp';
import type { Command, CommandTable } from './command';
import { MAY_REPLICATE, SKIP_SLOWLOG, UNEVEN, WRITE, keyPositions } from './command';
import { HELD, OOM, gates } from './gates';
import type { Blocked, Session, TimeoutReply } from './session';
import { IN_MULTI } from './session';
import { SAMPLED_EVERY } from './timing';
import { Unit, WRONG_TYPE } from './unit';
import { Waiters } from './waiters';

/** What dispatch asks of the shell around it. */
export interface DispatchHost {
  /** Evicts towards `maxmemory`; false when nothing is left to evict. `isHungry`: for a command that will need more. */
  makeRoom(isHungry: boolean): boolean;
  /** Why the session's user may not run this, as an error reply; undefined when it may. Asked of restricted sessions only. */
  forbids(session: Session, command: Command, args: Args, from?: 'exec'): string | undefined;
  /** Whether the session's user may read every key: SORT follows patterns to keys that no gate sees. */
  seesAllKeys(session: Session): boolean;
  /** Milliseconds of a clock that never goes back. */
  monotonic(): number;
  random32(): number;
  /** A blocked command was queued or left: the shell arms its timer for the next deadline. */
  deadlinesChanged(): void;
  /** A command took at least `slowAfterUsec`. */
  wasSlow(session: Session, args: Args, usec: number): void;
  /** After a command ran: INFO errorstats and its like. `error` is its first error line without '-'. */
  commandFailed(command: Command | undefined, error: string): void;
}

/** Takes what really changed, in serial order: AOF and replication. */
export interface Journal {
  append(database: number, args: Args): void;
}

export class Dispatcher {
  readonly table: CommandTable;
  readonly keyspace: Keyspace;
  readonly host: DispatchHost;
  readonly reply: Reply;
  readonly unit: Unit;
  readonly waiters = new Waiters();
  /** Conditions of the server (session.ts) that make gates speak. */
  conditions = 0;
  journal: Journal | null = null;
  /** From here on a command is slow (`slowlog-log-slower-than`); at 0 every call is measured and told. */
  slowAfterUsec = Infinity;
  /** Commands executed since start. */
  executed = 0;
  private rewritten: Args | null = null;
  private readonly rewrite = new Args();
  private serving = false;

  constructor(table: CommandTable, keyspace: Keyspace, host: DispatchHost, reply: Reply) {
    this.table = table;
    this.keyspace = keyspace;
    this.host = host;
    this.reply = reply;
    this.unit = new Unit(this, keyspace, new Args(), reply);
  }

  random32(): number {
    return this.host.random32();
  }

  /** Runs one command of `session`; everything it answers is in `reply` afterwards. */
  dispatch(session: Session, args: Args): void {
    const command = this.table.find(args.buf, args.off[0]!, args.len[0]!);
    const unit = this.unit;
    unit.session = session;
    unit.args = args;
    unit.reply = this.reply;
    this.reply.protocol = session.protocol;
    if (command !== undefined && command.subcommands === null && this.hasArity(command, args)) {
      if ((session.conditions | this.conditions) !== 0 && !this.passes(session, command)) return;
      this.run(session, command);
    } else {
      this.dispatchRare(session, command, args);
    }
    if (this.waiters.hasReady) this.serveReady();
  }

  private hasArity(command: Command, args: Args): boolean {
    return command.arity > 0 ? args.count === command.arity : args.count >= -command.arity;
  }

  /** Containers, unknown commands and wrong arity. */
  private dispatchRare(session: Session, found: Command | undefined, args: Args): void {
    // What a web browser sends, made to by some page: nothing after it is to be taken for a command.
    if (found === undefined && (args.is(0, 'post') || args.is(0, 'host:'))) return session.end(false);
    const command = this.resolve(found, args);
    if (typeof command === 'string') {
      this.refuse(session, this.named(found, args), command);
      return;
    }
    if ((session.conditions | this.conditions) !== 0 && !this.passes(session, command)) return;
    this.run(session, command);
  }

  /** The command or subcommand that `args` names, whatever its arity. */
  named(found: Command | undefined, args: Args): Command | undefined {
    if (found === undefined || found.subcommands === null || args.count < 2) return found;
    return found.subcommands.get(args.text(1).toLowerCase());
  }

  /** The command or subcommand that `args` names, or the error that says why not. */
  resolve(found: Command | undefined, args: Args): Command | string {
    if (found === undefined) return unknownCommand(args);
    let command = found;
    if (command.subcommands !== null && args.count > 1) {
      const sub = command.subcommands.get(args.text(1).toLowerCase());
      if (sub === undefined) {
        return `ERR unknown subcommand '${printable(args.text(1)).slice(0, 128)}'. Try ${command.name.toUpperCase()} HELP.`;
      }
      command = sub;
    }
    if (!this.hasArity(command, args)) return `ERR wrong number of arguments for '${command.name}' command`;
    return command;
  }

  private passes(session: Session, command: Command): boolean {
    const conditions = session.conditions | this.conditions;
    for (const gate of gates) {
      if ((gate.when & conditions) === 0) continue;
      const verdict = gate.check(this, session, command);
      if (verdict === undefined) continue;
      if (verdict !== HELD) this.refuse(session, command, verdict);
      return false;
    }
    return true;
  }

  /** Answers a refusal before execution. EXEC itself refused ends the transaction. */
  private refuse(session: Session, command: Command | undefined, error: string): void {
    if (command?.name === 'exec') {
      this.discard(session);
      error = `EXECABORT Transaction discarded because of: ${error.replace(/^ERR /, '')}`;
    } else if ((session.conditions & IN_MULTI) !== 0) session.queueFailed = true;
    if (command !== undefined) command.rejected++;
    this.reply.error(error);
    this.reply.errors = 0;
    this.host.commandFailed(command, error);
  }

  /** Executes a command that passed: the locks of its row would be taken here and released after it. */
  run(session: Session, command: Command): void {
    const unit = this.unit;
    const reply = unit.reply;
    const outer = unit.command;
    unit.command = command;
    session.lastCommand = command.name;
    const { calls } = command;
    const isMeasured = (command.bits & UNEVEN) !== 0 || calls < SAMPLED_EVERY || calls % SAMPLED_EVERY === 0 || this.slowAfterUsec === 0;
    const startedAt = isMeasured ? this.host.monotonic() : 0;
    const start = reply.pos;
    const dirty = this.keyspace.dirty;
    try {
      command.run(unit);
    } catch (error) {
      if (!(error instanceof ArenaFull || error instanceof ReplyTooLarge)) throw error;
      reply.pos = start;
      reply.error(error instanceof ArenaFull ? OOM : 'ERR the reply is too large');
    }
    // A command that waits is counted when it is answered.
    if (session.blocked === null) this.count(command);
    if (isMeasured) this.measured(session, command, startedAt);
    if (reply.errorsAgain !== 0) {
      reply.errorsAgain = 0;
      if (reply.errors === 0) command.failed++;
    }
    if (reply.errors !== 0) {
      reply.errors = 0;
      command.failed++;
      const end = reply.buf.indexOf(13, reply.errorAt);
      this.host.commandFailed(command, reply.buf.toString('latin1', reply.errorAt + 1, end));
    }
    if (this.journal !== null && this.keyspace.dirty !== dirty && (command.bits & (WRITE | MAY_REPLICATE)) !== 0) {
      this.journal.append(session.database, this.rewritten ?? unit.args);
    }
    this.rewritten = null;
    unit.command = outer;
  }

  private count(command: Command): void {
    command.calls++;
    this.executed++;
  }

  private measured(session: Session, command: Command, startedAt: number): void {
    const usec = (this.host.monotonic() - startedAt) * 1000;
    const isSample = (command.bits & UNEVEN) === 0 && command.calls > SAMPLED_EVERY && this.slowAfterUsec !== 0;
    command.timing.add(usec, isSample ? SAMPLED_EVERY : 1);
    if (usec >= this.slowAfterUsec && (command.bits & SKIP_SLOWLOG) === 0) this.host.wasSlow(session, this.unit.args, usec);
  }

  /** See Unit.journalAs. */
  journalAs(values: readonly (string | Uint8Array)[]): void {
    if (this.journal !== null) this.rewritten = this.rewrite.set(values);
  }

  /**
   * Runs a command for a script or EXEC: `args` and `reply` replace those of the unit meanwhile; nothing may block.
   */
  runNested(session: Session, command: Command, args: Args, reply: Reply, inScript: boolean): void {
    const unit = this.unit;
    const { args: outerArgs, reply: outerReply, mayBlock, inScript: outerScript } = unit;
    unit.args = args;
    unit.reply = reply;
    unit.mayBlock = false;
    unit.inScript = outerScript || inScript;
    try {
      this.run(session, command);
    } finally {
      unit.args = outerArgs;
      unit.reply = outerReply;
      unit.mayBlock = mayBlock;
      unit.inScript = outerScript;
    }
  }

  /** Leaves MULTI without running anything. */
  discard(session: Session): void {
    session.queue = [];
    session.queueFailed = false;
    session.conditions &= ~IN_MULTI;
    this.unwatch(session);
  }

  watch(session: Session, args: Args, i: number): void {
    const key = Waiters.key(session.database, args.buf, args.off[i]!, args.len[i]!);
    const { keyspace } = this;
    // A key past its time counts as missing, and its later deletion does not break the watch.
    const expires = keyspace.expires;
    keyspace.expires = false;
    const found = keyspace.lookup(session.database, args.buf, args.off[i]!, args.len[i]!);
    keyspace.expires = expires;
    const expireAt = found === 0 ? -1 : keyspace.view.expireAt;
    this.waiters.watch(session, key, expireAt >= 0 && expireAt < keyspace.now);
    this.listen();
  }

  unwatch(session: Session): void {
    if (session.watched.length > 0) this.waiters.unwatch(session);
    session.watchBroken = false;
    this.listen();
  }

  /** True when a key that was alive at WATCH is past its time now. */
  watchedExpired(session: Session): boolean {
    const { keyspace } = this;
    return session.watched.some(({ key, expired }) => {
      if (expired) return false;
      const colon = key.indexOf(':');
      const bytes = Buffer.from(key.slice(colon + 1), 'latin1');
      const expires = keyspace.expires;
      keyspace.expires = false;
      const found = keyspace.lookup(Number(key.slice(0, colon)), bytes, 0, bytes.length);
      keyspace.expires = expires;
      return found !== 0 && keyspace.view.expireAt >= 0 && keyspace.view.expireAt < keyspace.now;
    });
  }

  block(unit: Unit, keys: readonly number[], timeoutMs: number, timeoutReply: TimeoutReply, args: Args): void {
    if (!unit.mayBlock) return answerTimeout(unit.reply, timeoutReply);
    if (unit.isRetry) return; // it keeps its place
    const names = keys.map((i) => Waiters.key(unit.session.database, args.buf, args.off[i]!, args.len[i]!));
    this.waiters.block({
      session: unit.session,
      command: unit.command,
      args: args.detach(),
      database: unit.session.database,
      keys: [...new Set(names)],
      deadline: timeoutMs === 0 ? 0 : this.host.monotonic() + timeoutMs,
      timeoutReply,
    });
    this.listen();
    this.host.deadlinesChanged();
  }

  /** Ends the waiting of `session`. With `error` it answers that, otherwise as at the time-out; `silent` answers nothing. */
  unblock(session: Session, how: 'timeout' | 'silent' | { error: string }): void {
    const blocked = session.blocked;
    if (blocked === null) return;
    this.waiters.unblock(session);
    this.listen();
    if (how === 'silent') return;
    this.count(blocked.command);
    this.answerAside(session, (reply) => {
      if (how === 'timeout') answerTimeout(reply, blocked.timeoutReply);
      else reply.error(how.error);
    });
  }

  /** Unblocks whose deadline has passed; returns ms until the next one, or -1. */
  expireBlocked(): number {
    const now = this.host.monotonic();
    let next = -1;
    for (const blocked of this.waiters.all) {
      if (blocked.deadline === 0) continue;
      const left = blocked.deadline - now;
      if (left <= 0) this.unblock(blocked.session, 'timeout');
      else if (next < 0 || left < next) next = left;
    }
    return next;
  }

  /** Keyspace changes are reported only while somebody listens. */
  listen(): void {
    this.keyspace.listener = this.waiters.isIdle ? null : this.waiters;
  }

  /** Runs the commands of waiters whose keys changed, until nothing more becomes ready. */
  serveReady(): void {
    if (this.serving) return;
    this.serving = true;
    try {
      while (this.waiters.hasReady) {
        for (const { blocked, key } of this.waiters.takeReady()) if (blocked.session.blocked === blocked) this.retry(blocked, key);
      }
    } finally {
      this.serving = false;
    }
    this.listen();
  }

  private retry(blocked: Blocked, key: string): void {
    const unit = this.unit;
    const { session: outerSession, args: outerArgs, command: outerCommand } = unit;
    const { session } = blocked;
    let answered = false;
    this.answerAside(session, (reply) => {
      unit.session = session;
      unit.args = blocked.args;
      unit.isRetry = true;
      unit.answersRetry = false;
      unit.readyKey = key;
      const start = reply.pos;
      this.run(session, blocked.command);
      // A key of the wrong type does not wake a waiter: it goes on waiting for one of the right type.
      const isWrongType = reply.buf.toString('latin1', start + 1, Math.min(reply.pos, start + 1 + WRONG_TYPE.length)) === WRONG_TYPE;
      if (isWrongType && !unit.answersRetry) reply.pos = start;
      answered = reply.pos !== start;
      unit.isRetry = false;
    });
    unit.session = outerSession;
    unit.args = outerArgs;
    unit.command = outerCommand;
    if (!answered) return;
    this.count(blocked.command);
    this.waiters.unblock(session);
  }

  /** Lets `write` answer a session that is not the one being served, through the tail of the same buffer. */
  answerAside(session: Session, write: (reply: Reply) => void): void {
    const { reply } = this;
    const { protocol } = reply;
    const start = reply.pos;
    reply.protocol = session.protocol;
    write(reply);
    if (reply.pos > start) session.deliver(reply.buf.subarray(start, reply.pos));
    reply.pos = start;
    reply.protocol = protocol;
  }

  /** Everything that dies with a session. */
  forget(session: Session): void {
    this.waiters.unblock(session);
    this.waiters.unwatch(session);
    session.queue = [];
    this.listen();
  }

  /** Keys of a command as it stands in `args`, for COMMAND GETKEYS and locks. */
  keysOf(command: Command, args: Args): number[] {
    return keyPositions(command, args);
  }

}

function answerTimeout(reply: Reply, kind: TimeoutReply): void {
  if (kind === 'array') reply.nullArray();
  else if (kind === 'zero') reply.integer(0);
  else reply.nullBulk();
}

/** Bytes as an error line shows them: Redis cuts at NUL and turns line ends into spaces. */
function printable(text: string): string {
  const nul = text.indexOf('\0');
  return (nul < 0 ? text : text.slice(0, nul)).replace(/[\r\n]/g, ' ');
}

function unknownCommand(args: Args): string {
  let shown = '';
  for (let i = 1; i < args.count && shown.length < 128; i++) {
    shown += `'${printable(args.text(i)).slice(0, 128 - shown.length)}' `;
  }
  return `ERR unknown command '${printable(args.text(0)).slice(0, 128)}', with args beginning with: ${shown}`;
}
