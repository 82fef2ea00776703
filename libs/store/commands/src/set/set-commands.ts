/**
 * Sets: members, random members, SSCAN. Algebra over several sets is in set-algebra.ts.
 */
import { TYPE_SET } from '@larder/store-datatypes';
import type { CommandRow, Dispatcher, Unit } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_SET } from '@larder/store-keyspace';
import { LEAST_ELEMENT_BYTES, Sampling, countArg } from '../element/choice';
import { journalPart } from '../element/partial';
import { ScanOptions, cursorArg, finishScan, replyEmptyScan } from '../element/scan';
import type { Slice } from '../element/slice';
import { setAlgebraCommands } from './set-algebra';
import { SetContent, setsOf } from './set-value';

/** The set of argument 1 for reading: null when missing, undefined after answering WRONGTYPE. */
function readSet(unit: Unit): SetContent | null | undefined {
  const found = unit.readTyped(1, TYPE_SET);
  if (found === -1) return undefined;
  if (found === 0) return null;
  const sets = setsOf(unit.keyspace);
  return sets.load(sets.content);
}

function writeSet(unit: Unit): SetContent | null | undefined {
  const found = unit.writeTyped(1, TYPE_SET);
  if (found === -1) return undefined;
  if (found === 0) return null;
  const sets = setsOf(unit.keyspace);
  return sets.load(sets.content);
}

/** Tells of a further event of the key in argument `i`, which was counted already. */
function notify(unit: Unit, i: number, notifyClass: number, event: string): void {
  const { args, keyspace } = unit;
  keyspace.listener?.keyChanged(unit.database, args.buf, args.off[i]!, args.len[i]!, notifyClass, event);
}

function sadd(unit: Unit): void {
  const { args, keyspace } = unit;
  const found = unit.writeTyped(1, TYPE_SET);
  if (found === -1) return;
  const sets = setsOf(keyspace);
  const { content } = sets;
  const { buf, off, len, count } = args;
  let added = 0;
  if (found === 0) {
    sets.start(content, keyspace.shard, buf, off[2]!, len[2]!);
    try {
      for (let i = 2; i < count; i++) if (sets.add(content, buf, off[i]!, len[i]!)) added++;
    } catch (full) {
      sets.dispose(content);
      throw full;
    }
    sets.createKey(content);
  } else {
    sets.load(content);
    let i = 2;
    try {
      for (; i < count; i++) if (sets.add(content, buf, off[i]!, len[i]!)) added++;
    } catch (full) {
      sets.store(content);
      if (added > 0) {
        keyspace.changed(NOTIFY_SET, 'sadd');
        journalPart(unit, i);
      }
      throw full;
    }
    sets.store(content);
  }
  if (added > 0) {
    keyspace.dirty += added - 1;
    keyspace.changed(NOTIFY_SET, 'sadd');
  }
  unit.reply.integer(added);
}

function srem(unit: Unit): void {
  const { args, keyspace, reply } = unit;
  const content = writeSet(unit);
  if (content === undefined) return;
  if (content === null) return reply.integer(0);
  const sets = setsOf(keyspace);
  let removed = 0;
  let left = sets.count(content);
  for (let i = 2; i < args.count && left > 0; i++) {
    if (!sets.remove(content, args.buf, args.off[i]!, args.len[i]!)) continue;
    removed++;
    left--;
  }
  if (removed > 0) {
    sets.store(content);
    if (left === 0) keyspace.remove();
    keyspace.dirty += removed - 1;
    keyspace.changed(NOTIFY_SET, 'srem');
    if (left === 0) notify(unit, 1, NOTIFY_GENERIC, 'del');
  }
  reply.integer(removed);
}

/** Adds first, so that running out of memory leaves both sets as they were. */
function smove(unit: Unit): void {
  const { args, keyspace, reply } = unit;
  const { buf } = args;
  const off = args.off[3]!;
  const length = args.len[3]!;
  const source = unit.writeTyped(1, TYPE_SET);
  if (source === -1) return;
  if (source === 0) return reply.integer(0);
  const sets = setsOf(keyspace);
  const isMember = sets.has(sets.load(sets.content), buf, off, length);
  const target = unit.writeTyped(2, TYPE_SET);
  if (target === -1) return;
  if (target === source || !isMember) return reply.integer(isMember ? 1 : 0);
  const { content } = sets;
  let added = true;
  if (target === 0) {
    sets.start(content, keyspace.shard, buf, off, length);
    try {
      sets.add(content, buf, off, length);
    } catch (full) {
      sets.dispose(content);
      throw full;
    }
    sets.createKey(content);
  } else {
    sets.load(content);
    try {
      added = sets.add(content, buf, off, length);
    } finally {
      sets.store(content);
    }
  }
  keyspace.lookup(unit.database, buf, args.off[1]!, args.len[1]!);
  sets.load(content);
  sets.remove(content, buf, off, length);
  const isEmpty = sets.count(content) === 0;
  sets.store(content);
  if (isEmpty) keyspace.remove();
  keyspace.changed(NOTIFY_SET, 'srem');
  if (isEmpty) notify(unit, 1, NOTIFY_GENERIC, 'del');
  if (added) {
    keyspace.dirty++;
    notify(unit, 2, NOTIFY_SET, 'sadd');
  }
  reply.integer(1);
}

function sismember(unit: Unit): void {
  const { args } = unit;
  const content = readSet(unit);
  if (content === undefined) return;
  unit.reply.integer(content !== null && setsOf(unit.keyspace).has(content, args.buf, args.off[2]!, args.len[2]!) ? 1 : 0);
}

function smismember(unit: Unit): void {
  const { args, reply } = unit;
  const content = readSet(unit);
  if (content === undefined) return;
  const sets = setsOf(unit.keyspace);
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    reply.integer(content !== null && sets.has(content, args.buf, args.off[i]!, args.len[i]!) ? 1 : 0);
  }
}

function scard(unit: Unit): void {
  const content = readSet(unit);
  if (content === undefined) return;
  unit.reply.integer(content === null ? 0 : setsOf(unit.keyspace).count(content));
}

function replySlice(unit: Unit, slice: Slice): void {
  unit.reply.bulk(slice.bytes, slice.off, slice.length);
}

function smembers(unit: Unit): void {
  const content = readSet(unit);
  if (content === undefined) return;
  const sets = setsOf(unit.keyspace);
  unit.reply.set(content === null ? 0 : sets.count(content));
  if (content !== null) sets.each(content, (member) => replySlice(unit, member));
}

/** SPOP makes no closure per call: one per dispatcher. */
let randomOwner: Dispatcher | undefined;
let random: () => number = () => 0;

function randomOf(unit: Unit): () => number {
  const { dispatcher } = unit;
  if (randomOwner !== dispatcher) {
    randomOwner = dispatcher;
    random = () => dispatcher.random32();
  }
  return random;
}

function spop(unit: Unit): void {
  const { args, keyspace, reply } = unit;
  if (args.count === 3) return spopCount(unit);
  if (args.count > 3) return unit.syntaxError();
  const content = writeSet(unit);
  if (content === undefined) return;
  if (content === null) return reply.nullBulk();
  const sets = setsOf(keyspace);
  const chosen = sets.choose(content, randomOf(unit));
  replySlice(unit, sets.member);
  if (unit.dispatcher.journal !== null) unit.journalAs('SREM', args.copy(1), sets.member.copy());
  sets.removeChosen(content, chosen);
  const isEmpty = sets.count(content) === 0;
  sets.store(content);
  if (isEmpty) keyspace.remove();
  keyspace.changed(NOTIFY_SET, 'spop');
  if (isEmpty) notify(unit, 1, NOTIFY_GENERIC, 'del');
}

const NOT_POSITIVE = 'ERR value is out of range, must be positive';

function spopCount(unit: Unit): void {
  const { args, keyspace, reply } = unit;
  const count = unit.integerArg(2, NOT_POSITIVE);
  if (count !== count) return;
  if (count < 0) return reply.error(NOT_POSITIVE);
  const content = writeSet(unit);
  if (content === undefined) return;
  if (content === null || count === 0) return reply.set(0);
  const sets = setsOf(keyspace);
  const size = sets.count(content);
  if (count >= size) {
    reply.set(size);
    sets.each(content, (member) => replySlice(unit, member));
    keyspace.remove();
    unit.journalAs('DEL', args.copy(1));
  } else {
    reply.set(count);
    const journal: (string | Buffer)[] | null = unit.dispatcher.journal === null ? null : ['SREM', args.copy(1)];
    const source = randomOf(unit);
    for (let i = 0; i < count; i++) {
      const chosen = sets.choose(content, source);
      replySlice(unit, sets.member);
      journal?.push(sets.member.copy());
      sets.removeChosen(content, chosen);
    }
    sets.store(content);
    if (journal !== null) unit.dispatcher.journalAs(journal);
  }
  keyspace.dirty += Math.min(count, size) - 1;
  keyspace.changed(NOTIFY_SET, 'spop');
  if (count >= size) notify(unit, 1, NOTIFY_GENERIC, 'del');
}

function srandmember(unit: Unit): void {
  const { args, reply } = unit;
  if (args.count > 3) return unit.syntaxError();
  const hasCount = args.count === 3;
  const count = hasCount ? countArg(unit, 2, false) : 1;
  if (count !== count) return;
  const content = readSet(unit);
  if (content === undefined) return;
  const sets = setsOf(unit.keyspace);
  const source = randomOf(unit);
  if (!hasCount) {
    if (content === null) return reply.nullBulk();
    sets.choose(content, source);
    return replySlice(unit, sets.member);
  }
  if (content === null || count === 0) return reply.array(0);
  const size = sets.count(content);
  const wanted = count < 0 ? -count : Math.min(count, size);
  if (count < 0) reply.ensure(wanted * LEAST_ELEMENT_BYTES); // too many for one reply? then now, not after minutes
  reply.array(wanted);
  if (count < 0 || count === 1) {
    for (let i = 0; i < wanted; i++) {
      sets.choose(content, source);
      replySlice(unit, sets.member);
    }
    return;
  }
  const sampling = new Sampling(size, wanted, source);
  sets.each(content, (member) => {
    if (sampling.take()) replySlice(unit, member);
  });
}

const scanOptions = new ScanOptions();

function sscan(unit: Unit): void {
  const { reply } = unit;
  const cursor = cursorArg(unit, 2);
  if (cursor !== cursor) return;
  const content = readSet(unit);
  if (content === undefined) return;
  if (content === null) return replyEmptyScan(unit);
  if (!scanOptions.read(unit, 3)) return;
  const start = reply.pos;
  let shown = 0;
  const next = setsOf(unit.keyspace).scan(content, cursor, scanOptions.count, (member) => {
    if (!scanOptions.matches(member)) return;
    replySlice(unit, member);
    shown++;
  });
  finishScan(reply, start, next, shown);
}

export const setCommands: readonly CommandRow[] = [
  { name: 'sadd', needs: 'keys', run: sadd, element: 2 },
  { name: 'srem', needs: 'keys', run: srem, element: 2 },
  { name: 'smove', needs: 'keys', run: smove },
  { name: 'sismember', needs: 'keys', run: sismember, element: 2 },
  { name: 'smismember', needs: 'keys', run: smismember, element: 2 },
  { name: 'scard', needs: 'keys', run: scard },
  { name: 'smembers', needs: 'keys', run: smembers },
  { name: 'spop', needs: 'keys', run: spop },
  { name: 'srandmember', needs: 'keys', run: srandmember },
  { name: 'sscan', needs: 'keys', run: sscan },
  ...setAlgebraCommands,
];
