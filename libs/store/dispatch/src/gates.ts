/**
 * The gates before a command, in the order they are asked. Nothing else decides whether a command may run.
 *
 * A gate answers `undefined` (pass), a refusal text, or `HELD` when it has dealt with the command itself (queued it).
 * A refused command inside MULTI makes EXEC fail. Arity and existence are checked before all gates.
 */
import type { Command } from './command';
import { ALLOW_BUSY, DENYOOM, LOADING, NOT_QUEUED, NO_AUTH, NO_MULTI, STALE, WHILE_SUBSCRIBED, WRITE } from './command';
import type { Dispatcher } from './dispatcher';
import type { Session } from './session';
import { AOF_FAILS, DISK_FAILS, HAS_MAXMEMORY, IN_MULTI, IS_BUSY, IS_LOADING, IS_READONLY_REPLICA, IS_STALE, NEEDS_AUTH, RESTRICTED, SUBSCRIBED, TOO_FEW_REPLICAS } from './session';

export const HELD = Symbol('held');

export interface Gate {
  name: string;
  /** Conditions (of session or server) under which it has something to say. */
  when: number;
  check: (dispatcher: Dispatcher, session: Session, command: Command) => string | typeof HELD | undefined;
}

export const OOM = "OOM command not allowed when used memory > 'maxmemory'.";

export const MISCONF =
  'MISCONF Redis is configured to save RDB snapshots, but it\'s currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.';

export const READONLY_REPLICA = "READONLY You can't write against a read only replica.";

export const MASTER_DOWN = "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";

export const BUSY_SCRIPT = 'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.';

const LEAVES_MULTI = new Set(['discard', 'quit', 'reset']);

/** EXEC is what it runs. */
const isOrRuns = (session: Session, command: Command, is: (command: Command) => boolean): boolean =>
  is(command) || (command.name === 'exec' && session.queue.some((queued) => is(queued.command)));

const writes = ({ bits }: Command): boolean => (bits & WRITE) !== 0;
const needsFreshData = ({ bits }: Command): boolean => (bits & STALE) === 0;

export const gates: readonly Gate[] = [
  {
    name: 'authentication',
    when: NEEDS_AUTH,
    check: (_, __, command) => ((command.bits & NO_AUTH) === 0 ? 'NOAUTH Authentication required.' : undefined),
  },
  {
    name: 'not in a transaction',
    when: IN_MULTI,
    check: (_, __, command) => ((command.bits & NO_MULTI) !== 0 ? 'ERR Command not allowed inside a transaction' : undefined),
  },
  {
    name: 'permissions',
    when: RESTRICTED,
    check: (dispatcher, session, command) => dispatcher.host.forbids(session, command, dispatcher.unit.args),
  },
  {
    name: 'memory',
    when: HAS_MAXMEMORY,
    check: (dispatcher, session, command) => {
      const fits = dispatcher.host.makeRoom((command.bits & DENYOOM) !== 0);
      if (fits) return undefined;
      // A transaction's queue must not grow either; leaving it is always possible, EXEC if nothing in it needs memory.
      const isQueueing = (session.conditions & IN_MULTI) !== 0;
      const needs =
        command.name === 'exec'
          ? isQueueing && session.queue.some((queued) => (queued.command.bits & DENYOOM) !== 0)
          : (command.bits & DENYOOM) !== 0 || (isQueueing && !LEAVES_MULTI.has(command.name));
      return needs ? OOM : undefined;
    },
  },
  {
    name: 'disk',
    when: DISK_FAILS,
    check: (_, __, command) =>
      (command.bits & WRITE) !== 0 || command.name === 'ping'
        ? MISCONF
        : undefined,
  },
  {
    name: 'append-only file',
    when: AOF_FAILS,
    check: (dispatcher, _, command) => ((command.bits & WRITE) !== 0 || command.name === 'ping' ? dispatcher.aofFault : undefined),
  },
  {
    name: 'replicas',
    when: TOO_FEW_REPLICAS,
    check: (_, session, command) => (isOrRuns(session, command, writes) ? 'NOREPLICAS Not enough good replicas to write.' : undefined),
  },
  {
    name: 'read-only replica',
    when: IS_READONLY_REPLICA,
    check: (_, session, command) => (isOrRuns(session, command, writes) ? READONLY_REPLICA : undefined),
  },
  {
    name: 'subscribed',
    when: SUBSCRIBED,
    check: (_, session, command) =>
      session.protocol === 2 && (command.bits & WHILE_SUBSCRIBED) === 0
        ? `ERR Can't execute '${command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`
        : undefined,
  },
  {
    name: 'stale replica',
    when: IS_STALE,
    check: (_, session, command) => (isOrRuns(session, command, needsFreshData) ? MASTER_DOWN : undefined),
  },
  {
    name: 'loading',
    when: IS_LOADING,
    check: (_, __, command) => ((command.bits & LOADING) === 0 ? 'LOADING Redis is loading the dataset in memory' : undefined),
  },
  {
    name: 'busy script',
    when: IS_BUSY,
    check: (dispatcher, _, command) => ((command.bits & ALLOW_BUSY) === 0 ? dispatcher.busyError : undefined),
  },
  {
    name: 'transaction queue',
    when: IN_MULTI,
    check: (dispatcher, session, command) => {
      if ((command.bits & NOT_QUEUED) !== 0) return undefined;
      session.queue.push({ command, args: dispatcher.unit.args.detach() });
      dispatcher.unit.reply.queued();
      return HELD;
    },
  },
];

