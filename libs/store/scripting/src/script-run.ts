// A script's life inside dispatch: the session its commands run in, the checks they pass, and what SCRIPT KILL may do.
//
// A script has a session of its own (SELECT in a script does not move its client) and its commands skip the gates; instead they
// are judged here, in the order of Redis: known, arity, allowed in scripts, user, writes, memory. What a script has written
// cannot be taken back, so that once it wrote it is neither refused for want of memory nor killed.
import {
  DENYOOM,
  NOSCRIPT,
  OOM,
  RESTRICTED,
  Session,
  WRITE,
  type Command,
  type Dispatcher,
  type Unit,
} from '@larder/store-dispatch';
import type { Args, Reply } from '@larder/store-resp';
import type { StoreState } from './admission';
import type { ScriptFlags } from './shebang';
import type { FoundCommand, ScriptHost } from './script-host';

/** What the rooms around know and a script's run must ask. */
export interface ScriptingPort {
  /** The store's state that decides about scripts and their writes. */
  state(session: Session): StoreState;
  /**
   * ACL: undefined, or why `session`'s user may not run this ("can't run this command or subcommand", …). `isQuestion`: a script only
   * asks, nobody is being refused.
   */
  refusalFor(session: Session, command: Command, args: Args, isQuestion: boolean): string | undefined;
  /** redis.log and the warnings about slow scripts; 0 debug … 3 warning. */
  log(level: number, text: string): void;
  /**
   * Serves other clients while a slow script runs: reads sockets, dispatches, sends. IS_BUSY is set, so that only SCRIPT KILL and
   * its like pass. It may use the dispatcher; this run restores the unit and the reply afterwards.
   */
  serveWhileBusy(): void;
  /** A slow script goes on (true), or ended (false). `hasWritten`: it cannot be killed. */
  busyChanged(isBusy: boolean, hasWritten: boolean): void;
  /** SCRIPT KILL came in on another thread. */
  isKillAsked(): boolean;
}

/** Commands that reach replicas without being writes; a read-only script may not use them. COMMAND does not show that flag. */
const replicating = new Set(['publish', 'spublish', 'pfcount', 'eval', 'evalsha', 'eval_ro', 'evalsha_ro', 'fcall', 'fcall_ro']);

const readonlyReplica = "READONLY You can't write against a read only replica.";
const lacksReplicas = 'NOREPLICAS Not enough good replicas to write.';

export class ScriptSession extends Session {
  static readonly #kept = new WeakMap<Session, ScriptSession>();

  /** The session of `caller`'s scripts; each starts as its caller stands. */
  static of(caller: Session): ScriptSession {
    let session = this.#kept.get(caller);
    if (session === undefined) this.#kept.set(caller, (session = new ScriptSession(caller.id)));
    session.database = caller.database;
    session.user = caller.user;
    session.name = caller.name;
    return session;
  }

  deliver(): void {}

  end(): void {}

  describe(): string {
    return '';
  }
}

/** A script or a function. */
export interface Runnable {
  /** The SHA-1 of a script, the name of a function. */
  readonly name: string;
  readonly flags: ScriptFlags;
  /** Of a function. */
  readonly library?: object;
}

export class ScriptRun implements ScriptHost {
  readonly script: Runnable;
  readonly startedAtMs: number;
  hasWritten = false;
  isKilled = false;
  isSlow = false;
  readonly #unit: Unit;
  readonly #dispatcher: Dispatcher;
  readonly #caller: Session;
  readonly #session: ScriptSession;
  readonly #port: ScriptingPort;
  readonly #state: StoreState;
  readonly #isReadonly: boolean;
  #replicates = true;

  constructor(unit: Unit, script: Runnable, isReadonlyCall: boolean, state: StoreState, port: ScriptingPort) {
    this.script = script;
    this.startedAtMs = unit.now;
    this.#unit = unit;
    this.#dispatcher = unit.dispatcher;
    this.#caller = unit.session;
    this.#port = port;
    this.#state = state;
    this.#isReadonly = isReadonlyCall || (!script.flags.isCompatible && script.flags.noWrites);
    this.#session = ScriptSession.of(this.#caller);
  }

  get isFunction(): boolean {
    return this.script.library !== undefined;
  }

  find(args: Args): Command | undefined {
    return this.#dispatcher.table.find(args.buf, args.off[0]!, args.len[0]!);
  }

  call(args: Args, reply: Reply, top: FoundCommand | undefined): void {
    const found = this.#resolve(top as Command | undefined, args);
    const refusal = typeof found === 'string' ? found : this.#refusal(found, args);
    if (refusal !== undefined) {
      reply.error(refusal);
      reply.errors = 0; // counted here, not by the command that answers into this reply next
      const named = this.#dispatcher.named(top as Command | undefined, args);
      if (named !== undefined) named.rejected++;
      this.#dispatcher.host.commandFailed(typeof found === 'string' ? undefined : found, refusal);
      return;
    }
    const command = found as Command;
    if ((command.bits & WRITE) !== 0) this.hasWritten = true;
    const unit = this.#unit;
    const dispatcher = this.#dispatcher;
    const caller = unit.session;
    const { journal } = dispatcher;
    this.#session.protocol = reply.protocol;
    unit.session = this.#session;
    if (!this.#replicates) dispatcher.journal = null;
    try {
      dispatcher.runNested(this.#session, command, args, reply, true);
    } finally {
      unit.session = caller;
      dispatcher.journal = journal;
    }
  }

  mayRun(args: Args): boolean | undefined {
    const found = this.#resolve(this.find(args), args);
    if (typeof found === 'string') return found === unknownCommand ? undefined : true;
    return (this.#caller.conditions & RESTRICTED) === 0 || this.#port.refusalFor(this.#caller, found, args, true) === undefined;
  }

  /** There is one journal for AOF and replicas: only REPL_NONE keeps a write out of it. */
  setReplication(toAof: boolean, toReplicas: boolean): void {
    this.#replicates = toAof || toReplicas;
  }

  log(level: number, text: string): void {
    this.#port.log(level, text);
  }

  /** Serves others; they may dispatch through the same unit and reply buffer, which are put back. */
  onSlow(elapsedMs: number): 'continue' | 'kill' {
    if (!this.isSlow) {
      this.isSlow = true;
      this.#port.log(
        3,
        `Slow script detected: still in execution after ${Math.floor(elapsedMs)} milliseconds. ` +
          `You can try killing the script using the ${this.isFunction ? 'FUNCTION' : 'SCRIPT'} KILL command. Script name is: ${this.script.name}.`,
      );
    }
    this.#dispatcher.busyError = busyError(this.isFunction);
    this.#port.busyChanged(true, this.hasWritten);
    const unit = this.#unit;
    const { args, reply, session, command, mayBlock, inScript } = unit;
    const { pos, protocol } = reply;
    this.#port.serveWhileBusy();
    unit.args = args;
    unit.reply = reply;
    unit.session = session;
    unit.command = command;
    unit.mayBlock = mayBlock;
    unit.inScript = inScript;
    reply.pos = pos;
    reply.protocol = protocol;
    if (!this.hasWritten && this.#port.isKillAsked()) this.isKilled = true;
    if (this.isKilled) this.#port.log(3, 'Lua script killed by user with SCRIPT KILL.');
    return this.isKilled ? 'kill' : 'continue';
  }

  /** The run is over, however it ended. */
  end(): void {
    if (this.isSlow) this.#port.busyChanged(false, this.hasWritten);
  }

  #resolve(top: Command | undefined, args: Args): Command | string {
    if (top === undefined) return unknownCommand;
    if (top.subcommands === null && (top.arity > 0 ? args.count === top.arity : args.count >= -top.arity)) return top;
    const found = this.#dispatcher.resolve(top, args);
    if (typeof found !== 'string') return found;
    return found.startsWith('ERR unknown') ? unknownCommand : 'ERR Wrong number of args calling Redis command from script';
  }

  #refusal(command: Command, args: Args): string | undefined {
    const state = this.#state;
    if ((command.bits & NOSCRIPT) !== 0 && state.allowsDenied !== true) return 'ERR This Redis command is not allowed from script';
    if (state.isStaleReplica && !command.flags.includes('stale')) return 'ERR Can not execute the command on a stale replica';
    const refused = (this.#caller.conditions & RESTRICTED) === 0 ? undefined : this.#port.refusalFor(this.#caller, command, args, false);
    if (refused !== undefined) return `ERR The user executing the script ${refused}`;
    const isWrite = (command.bits & WRITE) !== 0;
    if (this.#isReadonly && (isWrite || replicating.has(command.name))) {
      return 'ERR Write commands are not allowed from read-only scripts.';
    }
    if (this.hasWritten) return undefined;
    if (isWrite) {
      if (state.isReadonlyReplica) return readonlyReplica;
      if (state.persistenceFault !== undefined) return state.persistenceFault;
      if (state.lacksReplicas) return lacksReplicas;
    }
    const mayExceed = !this.script.flags.isCompatible && this.script.flags.allowOom;
    if (state.isOutOfMemory && !mayExceed && (command.bits & DENYOOM) !== 0) return OOM;
    return undefined;
  }
}

/** Why nothing else runs now: scripts are ended by SCRIPT KILL, functions by FUNCTION KILL. */
export function busyError(isFunction: boolean): string {
  return `BUSY Redis is busy running a script. You can only call ${isFunction ? 'FUNCTION' : 'SCRIPT'} KILL or SHUTDOWN NOSAVE.`;
}

const unknownCommand = 'ERR Unknown Redis command called from script';
