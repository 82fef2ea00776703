/**
 * MULTI, EXEC, DISCARD, WATCH, UNWATCH. Queueing is a gate (gates.ts); EXEC is one unit of work: what it changes is
 * seen by others, and by waiters, only when all of it has run.
 */
import type { CommandRow } from './command';
import { EVERYTHING } from './command';
import { watchedShards } from './dispatcher';
import { IN_MULTI, RESTRICTED } from './session';
import type { Unit } from './unit';

function multi(unit: Unit): void {
  const { session, reply } = unit;
  if ((session.conditions & IN_MULTI) !== 0) return reply.error('ERR MULTI calls can not be nested');
  session.conditions |= IN_MULTI;
  reply.ok();
}

function discard(unit: Unit): void {
  const { session, reply, dispatcher } = unit;
  if ((session.conditions & IN_MULTI) === 0) return reply.error('ERR DISCARD without MULTI');
  dispatcher.discard(session);
  reply.ok();
}

function exec(unit: Unit): void {
  const { session, reply, dispatcher } = unit;
  if ((session.conditions & IN_MULTI) === 0) return reply.error('ERR EXEC without MULTI');
  if (session.queueFailed) {
    dispatcher.discard(session);
    return reply.error('EXECABORT Transaction discarded because of previous errors.');
  }
  if (dispatcher.waiters.isBroken(session) || dispatcher.watchedExpired(session)) {
    dispatcher.discard(session);
    return reply.nullArray();
  }
  const { queue } = session;
  dispatcher.discard(session);
  reply.array(queue.length);
  for (const { command, args } of queue) {
    reply.protocol = session.protocol;
    // Rights may have changed since it was queued.
    const refused = (session.conditions & RESTRICTED) === 0 ? undefined : dispatcher.host.forbids(session, command, args, 'exec');
    if (refused === undefined) dispatcher.runNested(session, command, args, reply, false);
    else reply.error(refused);
  }
}

function watch(unit: Unit): void {
  const { session, reply, args, dispatcher } = unit;
  if ((session.conditions & IN_MULTI) !== 0) return reply.error('ERR WATCH inside MULTI is not allowed');
  for (let i = 1; i < args.count; i++) dispatcher.watch(session, args, i);
  reply.ok();
}

function unwatch(unit: Unit): void {
  unit.dispatcher.unwatch(unit.session);
  unit.reply.ok();
}

/** What the queued commands reach, and the keys that are watched. */
function reachOfQueue(unit: Unit): number {
  const { session, dispatcher } = unit;
  let mask = watchedShards(session);
  for (const { command, args } of session.queue) {
    const reach = dispatcher.reachOf(command, args);
    if (reach === EVERYTHING || command.escalates === true) return EVERYTHING;
    mask |= reach;
  }
  return mask;
}

export const transactionCommands: readonly CommandRow[] = [
  { name: 'multi', needs: 'none', run: multi },
  { name: 'exec', needs: 'exclusive', reach: reachOfQueue, run: exec },
  { name: 'discard', needs: 'none', run: discard },
  { name: 'watch', needs: 'keys', run: watch },
  { name: 'unwatch', needs: 'none', run: unwatch },
];
