/**
 * From decoded arguments to an executed command: look-up, arity, gates in printed order, locks, execution, journal,
 * and then whoever waited for what the unit changed.
 *
 * One dispatcher per executing thread. It is synchronous and does no I/O: sockets, timers and disk are the host's.
 *
 * With several threads a unit of work holds what it reaches (`reachOf`) from before its first look at a key until its
 * waiters are served and its journal entry has its place:
 *
 *   gates ─▶ shards, ascending ─▶ run ─▶ waiters ─▶ journal ─▶ shards given back
 *         └▶ all others outside (exclusive) ─▶ …
 *
 * A script that reaches for a key it did not declare escalates: it waits, keeping what it holds, until it is alone.
 */
import { ArenaFull } from '@larder/store-memory';
import type { Keyspace } from '@larder/store-keyspace';
import { Args, Reply, ReplyTooLarge } from '@larder/store-resp';
import type { Threads } from '@larder/store-threads';
import { FIRST_KIND } from '@larder/store-threads';
import type { Command, CommandTable } from './command';
import { ANY_NUMBER_OF_KEYS, EVERYTHING, MAY_REPLICATE, NOT_QUEUED, ONE_KEY, SKIP_SLOWLOG, UNEVEN, WRITE, keyPositions } from './command';
import { BUSY_SCRIPT, HELD, OOM, gates } from './gates';
import type { Blocked, TimeoutReply, WaitedKey } from './session';
import { IN_MULTI, Session } from './session';
import { SAMPLED_EVERY } from './timing';
import { Unit, WRONG_TYPE } from './unit';
import type { ReadyWaiter } from './waiters';
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
  /** A letter left work that is to be done inside the gate: `clearLeftovers`. */
  leftWork(): void;
  /** After a command ran: INFO errorstats and its like. `error` is its first error line without '-'. */
  commandFailed(command: Command | undefined, error: string): void;
}

/** Sees each command around its execution: MONITOR, client-side caching. */
export interface Observer {
  before(session: Session, command: Command, args: Args): void;
  after(session: Session, command: Command, args: Args): void;
}

/** Takes what really changed, in serial order: AOF and replication. */
export interface Journal {
  append(database: number, args: Args): void;
  /** The unit is over, its shards are still held: what it appended is one entry. */
  commit?(): void;
}

/** The stream that a replica follows, as its units see it. */
export interface Followed {
  /** It is followed no longer: a unit that still waited for its shards is not run. */
  readonly isOver: boolean;
  /** The unit has run, its shards are still held: nobody sees what it changed before this says so. Not called with one thread. */
  unitDone(): void;
}

/** Mail: the answer to a client that blocks on the receiving thread. */
const SERVED_LETTER = FIRST_KIND;
/** Kinds of mail from here on are the host's. */
export const FIRST_HOST_KIND = FIRST_KIND + 8;

/** Units in a row that an exclusive section may be kept for, and ms after its first one: others wait meanwhile. */
const KEPT_ALONE_MAX = 16;
const KEPT_ALONE_MS_MAX = 0.2;

/** Stands for a client of another thread while its blocked command runs here. */
class Guest extends Session {
  constructor() {
    super(0);
  }
  deliver(): void {
    throw new Error('a guest is answered by mail');
  }
  end(): void {
    // Its own thread ends it.
  }
  describe(): string {
    return '';
  }
}

export class Dispatcher {
  readonly table: CommandTable;
  readonly keyspace: Keyspace;
  readonly host: DispatchHost;
  readonly reply: Reply;
  readonly unit: Unit;
  readonly waiters: Waiters;
  /** The other threads; null when there are none. */
  readonly threads: Threads | null;
  /** Conditions of the server (session.ts) that make gates speak. */
  conditions = 0;
  journal: Journal | null = null;
  /** What is answered to writes while AOF_FAILS. */
  aofFault = 'MISCONF Errors writing to the AOF file: No space left on device';
  /** From here on a command is slow (`slowlog-log-slower-than`); at 0 every call is measured and told. */
  slowAfterUsec = Infinity;
  /** Some client has asked not to touch access clocks. */
  mayNotTouch = false;
  /** Set only while somebody wants to see. */
  observer: Observer | null = null;
  /** Commands executed since start. */
  executed = 0;
  private rewritten: Args | null = null;
  private readonly rewrite = new Args();
  private serving = false;
  /** Units that the exclusive section has lasted, between two units of one turn; 0: there is none. */
  private keptAlone = 0;
  private keptAloneUntil = 0;
  private readonly guest = new Guest();
  /** Waiters that are over and whose shards were not held: they go when the unit has given its own back. */
  private leftovers: Blocked[] = [];
  /** Work that a busy script keeps waiting. */
  private postponed: { mask: number; work: () => void }[] = [];
  /** Scripts, by hash, that reached for keys they had not declared: they run alone. */
  readonly roamers = new Set<string>();
  /** What IS_BUSY answers: how to end the script, or the function. */
  busyError = BUSY_SCRIPT;
  /** A command of another thread's client runs here: that thread counts and journals it. */
  isVisited = false;
  /** Clients are served in the middle of a busy script, whose shards must stay as they are: nothing is taken. */
  isAmidScript = false;
  private followed: Followed | null = null;
  /** The script that runs now, if it may become a roamer. */
  scriptName = '';

  constructor(table: CommandTable, keyspace: Keyspace, host: DispatchHost, reply: Reply, threads: Threads | null = null) {
    this.threads = threads;
    this.waiters = new Waiters(keyspace, threads?.index ?? 0);
    if (threads !== null) {
      threads.mail.on(SERVED_LETTER, (bytes, off, length) => this.wasServed(bytes.readUInt32LE(off), bytes.subarray(off + 4, off + length)));
    }
    this.table = table;
    this.keyspace = keyspace;
    this.host = host;
    this.reply = reply;
    this.unit = new Unit(this, keyspace, new Args(), reply);
  }

  random32(): number {
    return this.host.random32();
  }

  /** Runs one command of `session`; everything it answers is in `reply` afterwards. `command` is what the table has under its name. */
  dispatch(session: Session, args: Args, command = this.table.find(args.buf, args.off[0]!, args.len[0]!)): void {
    const unit = this.unit;
    unit.session = session;
    unit.args = args;
    unit.reply = this.reply;
    this.reply.protocol = session.protocol;
    if (command !== undefined && command.subcommands === null && this.hasArity(command, args)) {
      if ((session.conditions | this.conditions) !== 0 && !this.passes(session, command)) return;
      if (!this.runUnit(session, command)) this.refuse(session, command, BUSY_SCRIPT);
    } else {
      this.dispatchRare(session, command, args);
    }
  }

  /** One unit of work: takes what the command reaches, runs it, serves who waited for it, gives everything back. False: a busy script has it. */
  private runUnit(session: Session, command: Command): boolean {
    const { threads } = this;
    if (threads === null) {
      this.run(session, command);
      if (this.waiters.hasReady) this.serveReady();
      this.journal?.commit?.();
      return true;
    }
    const { args } = this.unit;
    let reach = command.reaches === ONE_KEY ? 1 << this.keyspace.aim(args.buf, args.off[command.firstKey]!, args.len[command.firstKey]!) : this.reachOf(command, args);
    if (reach === 0) {
      this.letOthersIn();
      this.keyspace.listener = null;
      this.run(session, command);
      return true;
    }
    if (this.isAmidScript) {
      // What is left to be done then: to end the server.
      if (command.name !== 'shutdown') return this.isHeldOff();
      this.run(session, command);
      return true;
    }
    const { gate } = threads;
    const { keptAlone } = this;
    this.keptAlone = 0;
    if (keptAlone > 0) reach = EVERYTHING;
    const isScript = reach !== EVERYTHING && command.escalates === true;
    if (reach !== EVERYTHING && (isScript ? !this.takeScript(reach) : !this.take(reach))) return this.isHeldOff();
    if (reach !== EVERYTHING && this.waiters.hasWide(reach)) {
      // Whoever is served will need more shards than these.
      this.give(reach, isScript);
      reach = EVERYTHING;
    }
    if (reach === EVERYTHING && keptAlone === 0) {
      threads.locks.drop();
      if (!gate.exclusive()) return this.isHeldOff();
    }
    this.keyspace.listener = this.waiters.listensIn(reach) ? this.waiters : null;
    const { followed } = this;
    if (followed === null || !followed.isOver) this.run(session, command);
    if (this.waiters.hasReady) this.serveReady();
    this.journal?.commit?.();
    if (followed !== null && !followed.isOver) followed.unitDone();
    this.keyspace.unaim();
    if (gate.isAlone) {
      const now = this.host.monotonic();
      if (keptAlone === 0) this.keptAloneUntil = now + KEPT_ALONE_MS_MAX;
      if (reach === EVERYTHING && keptAlone < KEPT_ALONE_MAX && now < this.keptAloneUntil) this.keptAlone = keptAlone + 1;
      else gate.endExclusive();
    }
    if (reach !== EVERYTHING) {
      if (isScript) this.give(reach, true);
      else this.threads!.locks.release(reach);
    }
    if (this.leftovers.length > 0) this.buryLeftovers();
    return true;
  }

  /**
   * Ends an exclusive section that was kept from unit to unit: before the gate is left, and before anything else is taken. To be alone costs the
   * others' leaving and coming back, which is more than most commands cost: so it lasts a few units of one turn.
   */
  letOthersIn(): void {
    if (this.keptAlone === 0) return;
    this.keptAlone = 0;
    this.threads!.gate.endExclusive();
  }

  /** The unit is not run: its key is not aimed at any more, for other bytes may come to lie there. */
  private isHeldOff(): false {
    this.keyspace.unaim();
    return false;
  }

  /**
   * Runs a command of the stream that this replica follows: no gate is asked, nothing expires, nothing waits, and what it answers is
   * for nobody (it is left in `reply`). Between MULTI and EXEC it is queued. False: a busy script has what it reaches, and nothing
   * was done.
   */
  obey(session: Session, args: Args, followed: Followed): boolean {
    const { unit, reply, keyspace } = this;
    const command = this.resolve(this.table.find(args.buf, args.off[0]!, args.len[0]!), args);
    if (typeof command === 'string') {
      reply.error(command);
      reply.errors = 0;
      return true;
    }
    if ((session.conditions & IN_MULTI) !== 0 && (command.bits & NOT_QUEUED) === 0) {
      session.queue.push({ command, args: args.detach() });
      return true;
    }
    unit.session = session;
    unit.args = args;
    unit.reply = reply;
    unit.mayBlock = false;
    reply.protocol = 2;
    keyspace.expires = false;
    this.followed = followed;
    const isDone = this.runUnit(session, command);
    this.followed = null;
    keyspace.expires = true;
    unit.mayBlock = true;
    return isDone;
  }

  /** The shards that a command will touch, as a mask: 0 for none, EVERYTHING for an exclusive section. */
  reachOf(command: Command, args: Args): number {
    const { keyspace } = this;
    if (command.reaches === ONE_KEY) {
      const i = command.firstKey;
      return i < args.count ? 1 << keyspace.shardOf(args.buf, args.off[i]!, args.len[i]!) : 0;
    }
    if (command.reaches !== ANY_NUMBER_OF_KEYS) return command.reaches;
    if (command.reach !== undefined) return command.reach(this.unit, command, args);
    return this.shardsOf(command, args);
  }

  /** The shards of the keys that a command names. */
  shardsOf(command: Command, args: Args): number {
    let mask = 0;
    for (const i of keyPositions(command, args)) mask |= 1 << this.keyspace.shardOf(args.buf, args.off[i]!, args.len[i]!);
    return mask;
  }

  /** Takes shards; waits outside the gate meanwhile when somebody wants to be alone. False when a busy script holds one. */
  private take(mask: number): boolean {
    const { gate, locks } = this.threads!;
    for (;;) {
      const taken = locks.take(mask);
      if (taken === 'held') return true;
      if (taken === 'busy') return false;
      gate.leave();
      if (!gate.enter()) return false;
    }
  }

  /** As `take`, and before it the lock of those that may reach for more. */
  private takeScript(mask: number): boolean {
    const threads = this.threads!;
    for (;;) {
      threads.locks.drop();
      let taken = threads.takeScriptLock();
      if (taken === 'held') {
        taken = threads.locks.take(mask);
        if (taken === 'held') return true;
        threads.giveScriptLock();
      }
      if (taken === 'busy') return false;
      threads.gate.leave();
      if (!threads.gate.enter()) return false;
    }
  }

  private give(mask: number, isScript: boolean): void {
    this.threads!.locks.give(mask);
    if (isScript) this.threads!.giveScriptLock();
  }

  /**
   * Does `work` holding the shards of `mask`: at once when they are held, else it takes them and gives them back. Not to
   * be called while other shards are held. While a script is busy the work waits.
   */
  hold(mask: number, work: () => void): void {
    const { threads } = this;
    this.letOthersIn();
    if (threads === null || mask === 0 || threads.gate.isAlone || (mask !== EVERYTHING && (mask & ~threads.locks.held) === 0)) return work();
    const { gate, locks } = threads;
    if (this.isAmidScript) {
      this.postponed.push({ mask, work });
      return;
    }
    if (locks.held !== 0) throw new Error('dispatch: shards are taken while others are held');
    const wasInside = gate.isInside;
    locks.drop();
    const isHeld = (wasInside || gate.enter()) && (mask === EVERYTHING ? gate.exclusive() : this.take(mask));
    if (!isHeld) {
      this.postponed.push({ mask, work });
      return;
    }
    const { keyspace } = this;
    const { listener } = keyspace;
    keyspace.listener = this.waiters.listensIn(mask) ? this.waiters : null;
    work();
    if (this.waiters.hasReady) this.serveReady();
    this.journal?.commit?.();
    keyspace.listener = listener;
    if (gate.isAlone) gate.endExclusive();
    else locks.give(mask);
    if (this.leftovers.length > 0) this.buryLeftovers();
    if (!wasInside && gate.isInside) gate.leave();
  }

  /** Does what a busy script kept waiting. Called inside the gate, holding nothing. */
  catchUp(): void {
    for (const { mask, work } of this.postponed.splice(0)) this.hold(mask, work);
  }

  get hasPostponed(): boolean {
    return this.postponed.length > 0;
  }

  /** Whether the shards of `mask` are held by this thread now. */
  holds(mask: number): boolean {
    const { threads } = this;
    return threads === null || threads.gate.isAlone || (mask & ~threads.locks.held) === 0;
  }

  private buryLeftovers(): void {
    for (const blocked of this.leftovers.splice(0)) this.hold(shardsOfKeys(blocked.keys), () => this.waiters.bury(blocked));
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
    if (!this.runUnit(session, command)) this.refuse(session, command, BUSY_SCRIPT);
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

  /** Executes a command that passed; what it reaches is held. */
  run(session: Session, command: Command): void {
    const unit = this.unit;
    const reply = unit.reply;
    const outer = unit.command;
    unit.command = command;
    session.lastCommand = command.name;
    if (this.mayNotTouch) this.keyspace.touches = !session.noTouch || command.name === 'touch';
    const { calls } = command;
    const isMeasured = (command.bits & UNEVEN) !== 0 || calls < SAMPLED_EVERY || calls % SAMPLED_EVERY === 0 || this.slowAfterUsec === 0;
    const startedAt = isMeasured ? this.host.monotonic() : 0;
    const start = reply.pos;
    const dirty = this.keyspace.dirty;
    if (this.observer !== null && !unit.isRetry) this.observer.before(session, command, unit.args);
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
    if (this.observer !== null && !unit.isRetry) this.observer.after(session, command, unit.args);
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
      // Nothing at all, when that is what the command said.
      if (this.rewritten === null || this.rewritten.count > 0) this.journal.append(session.database, this.rewritten ?? unit.args);
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
    const { unit, threads } = this;
    if (inScript && threads !== null && !threads.gate.isAlone && (this.reachOf(command, args) & ~threads.locks.held) !== 0) this.escalate();
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

  /** The unit that runs goes on alone. */
  private escalate(): void {
    if (this.scriptName !== '') this.roamers.add(this.scriptName);
    this.threads!.gate.escalate();
    this.keyspace.listener = this.waiters.listensIn(EVERYTHING) ? this.waiters : null;
  }

  /** Runs a command for a client of another thread, in that thread's exclusive section. */
  visit(session: Session, command: Command, args: Args, reply: Reply): void {
    const { unit } = this;
    const { session: outerSession, args: outerArgs, reply: outerReply, command: outerCommand, mayBlock } = unit;
    unit.session = session;
    unit.args = args;
    unit.reply = reply;
    unit.mayBlock = true;
    const { calls } = command;
    this.isVisited = true;
    this.run(session, command);
    this.isVisited = false;
    command.calls = calls; // counted where it came in
    unit.session = outerSession;
    unit.args = outerArgs;
    unit.reply = outerReply;
    unit.command = outerCommand;
    unit.mayBlock = mayBlock;
  }

  /** Leaves MULTI without running anything. */
  discard(session: Session): void {
    session.queue = [];
    session.queueFailed = false;
    session.conditions &= ~IN_MULTI;
    this.unwatch(session);
  }

  watch(session: Session, args: Args, i: number): void {
    const { keyspace } = this;
    // A key past its time counts as missing, and its later deletion does not break the watch.
    const expires = keyspace.expires;
    keyspace.expires = false;
    const found = keyspace.lookup(session.database, args.buf, args.off[i]!, args.len[i]!);
    keyspace.expires = expires;
    const expireAt = found === 0 ? -1 : keyspace.view.expireAt;
    this.waiters.watch(session, session.database, args.buf, args.off[i]!, args.len[i]!, expireAt >= 0 && expireAt < keyspace.now);
    this.listen();
  }

  unwatch(session: Session): void {
    if (session.watched.length === 0) return;
    this.hold(watchedShards(session), () => {
      this.waiters.unwatch(session);
      this.listen();
    });
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
    const { session, command } = unit;
    const waited = new Map<string, WaitedKey>();
    for (const i of keys) {
      const name = args.copy(i);
      waited.set(name.toString('latin1'), { shard: this.keyspace.shardOf(name, 0, name.length), database: session.database, name });
    }
    const names = [...waited.values()];
    const wide = (this.reachOf(command, unit.args) & ~shardsOfKeys(names)) !== 0;
    const deadline = timeoutMs === 0 ? 0 : this.host.monotonic() + timeoutMs;
    this.waiters.block(session, command, args.detach(), names, deadline, timeoutReply, wide);
    this.listen();
    this.host.deadlinesChanged();
  }

  /** Ends the waiting of `session`. With `error` it answers that, otherwise as at the time-out; `silent` answers nothing. */
  unblock(session: Session, how: 'timeout' | 'silent' | { error: string }): void {
    const { blocked } = session;
    if (blocked === null) return;
    this.hold(shardsOfKeys(blocked.keys), () => {
      if (blocked.isOver || this.waiters.isServed(blocked)) return; // its answer is on the way
      this.waiters.release(blocked);
      this.waiters.bury(blocked);
      this.listen();
      if (how === 'silent') return;
      this.count(blocked.command);
      this.answerAside(session, (reply) => {
        if (how === 'timeout') answerTimeout(reply, blocked.timeoutReply);
        else reply.error(how.error);
      });
    });
  }

  /** Unblocks whose deadline has passed. */
  expireBlocked(): void {
    const now = this.host.monotonic();
    for (const { deadline, session } of this.waiters.all) if (deadline !== 0 && deadline <= now) this.unblock(session, 'timeout');
  }

  /** ms until the next deadline of a blocked client, or -1. */
  nextDeadline(): number {
    let next = Infinity;
    for (const { deadline } of this.waiters.all) if (deadline !== 0 && deadline < next) next = deadline;
    return next === Infinity ? -1 : Math.max(next - this.host.monotonic(), 0);
  }

  /** Keyspace changes are reported only while somebody listens: with several threads looked up anew by each unit. */
  listen(): void {
    this.keyspace.listener = this.waiters.listensIn(this.threads === null || this.threads.gate.isAlone ? EVERYTHING : this.threads.locks.held) ? this.waiters : null;
  }

  /** Runs the commands of waiters whose keys changed, until nothing more becomes ready. */
  serveReady(): void {
    if (this.serving) return;
    this.serving = true;
    try {
      while (this.waiters.hasReady) for (const ready of this.waiters.takeReady()) this.serve(ready);
    } finally {
      this.serving = false;
    }
    this.listen();
  }

  private serve(ready: ReadyWaiter): void {
    const { waiters } = this;
    if (!waiters.claim(ready)) return;
    const own = ready.thread === (this.threads?.index ?? 0) ? waiters.byNumber(ready.ticket) : undefined;
    let isServed = false;
    if (own !== undefined) {
      if (!own.isOver) this.answerAside(own.session, (reply) => (isServed = this.retry(own.session, own.command, own.args, ready.key, reply)));
      waiters.settle(ready, isServed);
      if (!isServed) return;
      waiters.release(own);
      if (this.holds(shardsOfKeys(own.keys))) waiters.bury(own);
      else this.leftovers.push(own);
      return;
    }
    const { guest, reply } = this;
    guest.database = ready.database;
    guest.protocol = ready.protocol;
    const args = new Args().set(waiters.argsOf(ready.address));
    const command = this.resolve(this.table.find(args.buf, args.off[0]!, args.len[0]!), args);
    if (typeof command === 'string') throw new Error(`dispatch: a waiter's command is not one: ${command}`);
    const start = reply.pos;
    const { protocol } = reply;
    reply.protocol = guest.protocol;
    isServed = this.retry(guest, command, args, ready.key, reply);
    if (isServed) {
      const letter = Buffer.allocUnsafe(4 + reply.pos - start);
      letter.writeUInt32LE(ready.ticket, 0);
      reply.buf.copy(letter, 4, start, reply.pos);
      this.threads!.mail.post(ready.thread, SERVED_LETTER, letter);
    }
    reply.pos = start;
    reply.protocol = protocol;
    waiters.settle(ready, isServed);
  }

  /** Runs a blocked command for the key that became ready. True when it has its answer, which is in `reply` then. */
  private retry(session: Session, command: Command, args: Args, key: string, reply: Reply): boolean {
    const { unit } = this;
    const { session: outerSession, args: outerArgs, command: outerCommand } = unit;
    unit.session = session;
    unit.args = args;
    unit.isRetry = true;
    unit.answersRetry = false;
    unit.readyKey = key;
    const start = reply.pos;
    this.run(session, command);
    // A key of the wrong type does not wake a waiter: it goes on waiting for one of the right type.
    const isWrongType = reply.buf.toString('latin1', start + 1, Math.min(reply.pos, start + 1 + WRONG_TYPE.length)) === WRONG_TYPE;
    if (isWrongType && !unit.answersRetry) reply.pos = start;
    const isAnswered = reply.pos !== start;
    unit.isRetry = false;
    unit.session = outerSession;
    unit.args = outerArgs;
    unit.command = outerCommand;
    if (isAnswered) this.count(command);
    return isAnswered;
  }

  /** Another thread has served a client of this one. */
  private wasServed(ticket: number, bytes: Uint8Array): void {
    const blocked = this.waiters.byNumber(ticket);
    if (blocked === undefined) return;
    const { session, isOver } = blocked;
    this.waiters.release(blocked);
    if (!isOver) session.deliver(bytes);
    this.leftovers.push(blocked);
    this.host.leftWork();
  }

  /** What letters left to do; inside the gate, holding nothing. */
  clearLeftovers(): void {
    if (this.leftovers.length > 0) this.buryLeftovers();
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
    const { blocked } = session;
    if (blocked !== null) {
      this.unblock(session, 'silent');
      if (!blocked.isOver) this.waiters.release(blocked); // served by another thread, or by and by: nobody will read it
    }
    this.unwatch(session);
    session.queue = [];
  }

  /** Keys of a command as it stands in `args`, for COMMAND GETKEYS and locks. */
  keysOf(command: Command, args: Args): number[] {
    return keyPositions(command, args);
  }

}

function shardsOfKeys(keys: readonly WaitedKey[]): number {
  let mask = 0;
  for (const { shard } of keys) mask |= 1 << shard;
  return mask;
}

/** The shards of the keys that a session watches. */
export function watchedShards(session: Session): number {
  let mask = 0;
  for (const { shard } of session.watched) mask |= 1 << shard;
  return mask;
}

function answerTimeout(reply: Reply, kind: TimeoutReply): void {
  if (typeof kind === 'function') kind(reply);
  else if (kind === 'array') reply.nullArray();
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
