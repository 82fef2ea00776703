/** EXPIRE and its kin. A moment that has passed deletes the key at once. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOTIFY_GENERIC } from '@larder/store-keyspace';

const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;

/** EXPIRE (s, relative), PEXPIRE (ms, relative), EXPIREAT, PEXPIREAT. */
function expire(unitMs: boolean, absolute: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, reply, keyspace } = unit;
    let nx = false;
    let xx = false;
    let gt = false;
    let lt = false;
    for (let i = 3; i < args.count; i++) {
      if (args.is(i, 'nx')) nx = true;
      else if (args.is(i, 'xx')) xx = true;
      else if (args.is(i, 'gt')) gt = true;
      else if (args.is(i, 'lt')) lt = true;
      else return reply.error(`ERR Unsupported option ${args.text(i).split('\0')[0]}`);
    }
    if (nx && (xx || gt || lt)) return reply.error('ERR NX and XX, GT or LT options at the same time are not compatible');
    if (gt && lt) return reply.error('ERR GT and LT options at the same time are not compatible');
    const given = unit.bigArg(2);
    if (given === undefined) return;
    const ms = unitMs ? given : given * 1000n;
    const at = absolute ? ms : ms + BigInt(unit.now);
    if (ms > INT64_MAX || ms < INT64_MIN || at > INT64_MAX) return reply.error(`ERR invalid expire time in '${unit.command.name}' command`);
    const when = Number(at);
    if (unit.lookupWrite(1) === 0) return reply.integer(0);
    const current = unit.view.expireAt;
    if (nx && current >= 0) return reply.integer(0);
    if (xx && current < 0) return reply.integer(0);
    // No expiry counts as infinite.
    if (gt && (current < 0 || when <= current)) return reply.integer(0);
    if (lt && current >= 0 && when >= current) return reply.integer(0);
    if (when <= unit.now && keyspace.expires) {
      keyspace.remove();
      keyspace.changed(NOTIFY_GENERIC, 'del');
      unit.journalAs('DEL', args.copy(1));
      return reply.integer(1);
    }
    keyspace.setExpiry(when);
    keyspace.changed(NOTIFY_GENERIC, 'expire');
    if (unit.dispatcher.journal !== null) {
      unit.journalAs('PEXPIREAT', args.copy(1), String(at), ...Array.from({ length: args.count - 3 }, (_, i) => args.copy(i + 3)));
    }
    reply.integer(1);
  };
}

/** A time that a double only holds nearly, exact to its last digits and never above the largest integer. */
function farTime(at: number, now: number, unitMs: boolean): string {
  const exact = BigInt(at) > INT64_MAX ? INT64_MAX : BigInt(at);
  const left = exact - BigInt(now);
  return String(unitMs ? left : (left + 500n) / 1000n);
}

/** TTL, PTTL, EXPIRETIME, PEXPIRETIME. */
function ttl(unitMs: boolean, absolute: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, keyspace } = unit;
    if (keyspace.lookup(unit.database, args.buf, args.off[1]!, args.len[1]!) === 0) return unit.reply.integer(-2);
    const at = unit.view.expireAt;
    if (at < 0) return unit.reply.integer(-1);
    if (at >= 2 ** 53) return unit.reply.integerText(farTime(at, absolute ? 0 : unit.now, unitMs));
    const ms = absolute ? at : Math.max(at - unit.now, 0);
    unit.reply.integer(unitMs ? ms : Math.floor((ms + 500) / 1000));
  };
}

function persist(unit: Unit): void {
  if (unit.lookupWrite(1) === 0 || !unit.keyspace.persist()) return unit.reply.integer(0);
  unit.keyspace.changed(NOTIFY_GENERIC, 'persist');
  unit.reply.integer(1);
}

export const expiryCommands: readonly CommandRow[] = [
  { name: 'expire', needs: 'keys', run: expire(false, false) },
  { name: 'pexpire', needs: 'keys', run: expire(true, false) },
  { name: 'expireat', needs: 'keys', run: expire(false, true) },
  { name: 'pexpireat', needs: 'keys', run: expire(true, true) },
  { name: 'ttl', needs: 'keys', run: ttl(false, false) },
  { name: 'pttl', needs: 'keys', run: ttl(true, false) },
  { name: 'expiretime', needs: 'keys', run: ttl(false, true) },
  { name: 'pexpiretime', needs: 'keys', run: ttl(true, true) },
  { name: 'persist', needs: 'keys', run: persist },
];
