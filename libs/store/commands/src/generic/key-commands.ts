/**
 * Keys of any type: deletion, renaming, copying, moving between databases, and looking at them.
 *
 * A collection belongs to its key's shard, so RENAME and COPY to a key of another shard copy the content; within one
 * shard (hash tags) RENAME only hands it over.
 */
import { BODY, RecordView, TTL, TYPE_STRING, copyBytes, parseInt64, Int64, int64ToNumber } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_NEW } from '@larder/store-keyspace';
import type { Keyspace } from '@larder/store-keyspace';
import { ENCODING_BY_CONTENT, ENCODING_COPIED, stringEncodingName } from '../string/string-value';

/** DEL, and UNLINK, which leaves the freeing of a large content for later. */
function del(unit: Unit, isUnlink = false): void {
  const { args, keyspace } = unit;
  const lazily = isUnlink || keyspace.lazy.del;
  let removed = 0;
  for (let i = 1; i < args.count; i++) {
    if (unit.lookupWrite(i) === 0) continue;
    keyspace.remove(lazily);
    keyspace.changed(NOTIFY_GENERIC, 'del');
    removed++;
  }
  unit.reply.integer(removed);
}

function exists(unit: Unit): void {
  let found = 0;
  for (let i = 1; i < unit.args.count; i++) if (unit.lookupRead(i) !== 0) found++;
  unit.reply.integer(found);
}

function type(unit: Unit): void {
  const found = unit.keyspace.lookup(unit.database, unit.args.buf, unit.args.off[1]!, unit.args.len[1]!);
  unit.reply.simple(found === 0 ? 'none' : unit.keyspace.typeName(unit.view));
}

/** Puts the content of `source` under argument `to` of `database`, whatever lies there. @throws ArenaFull (nothing changed) */
function putCopy(unit: Unit, source: RecordView, database: number, to: number, handOver: boolean, encoding = source.encoding): void {
  const { keyspace, args, view } = unit;
  const flags = source.word1 & BODY;
  const shard = keyspace.shardOf(args.buf, args.off[to]!, args.len[to]!);
  let body = source.bodyOffset === 0 ? 0 : source.body;
  let aside = source.bodyOffset === 0 ? 0 : source.aside;
  if (flags !== 0 && !handOver) [body, aside] = keyspace.copyContent(source, shard) as unknown as [number, number];
  const expireAt = source.expireAt;
  const found = keyspace.lookupWrite(database, args.buf, args.off[to]!, args.len[to]!);
  const expiring = expireAt >= 0 ? TTL : 0;
  try {
    if (expiring !== 0) keyspace.reserveExpiry();
    if (found === 0) keyspace.create(source.type, encoding, flags | expiring, source.valueLength);
    else keyspace.replace(source.type, encoding, flags | expiring, source.valueLength);
  } catch (full) {
    if (flags !== 0 && !handOver) keyspace.discardContent(source.type, source.encoding, body, aside);
    throw full;
  }
  if (flags !== 0) {
    view.body = body;
    view.aside = aside;
  } else copyBytes(source.u8, source.valueOffset, view.u8, view.valueOffset, source.valueLength);
  if (expiring !== 0) keyspace.fileExpiry(expireAt);
  // Redis deletes what was there and adds the key anew.
  if (found !== 0) keyspace.listener?.keyChanged(database, args.buf, args.off[to]!, args.len[to]!, NOTIFY_NEW, 'new');
}

/** A view of the record under `unit.view` that survives further look-ups. */
function holdView(keyspace: Keyspace, address: number): RecordView {
  return new RecordView(keyspace.arena).at(address);
}

function rename(onlyIfMissing: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, keyspace, reply, database } = unit;
    const found = unit.lookupWrite(1);
    if (found === 0) return reply.error('ERR no such key');
    const source = holdView(keyspace, found);
    const same = args.len[1] === args.len[2] && source.keyEquals(args.buf, args.off[2]!, args.len[2]!);
    if (same) return onlyIfMissing ? reply.integer(0) : reply.ok();
    if (onlyIfMissing && unit.lookupWrite(2) !== 0) return reply.integer(0);
    const handOver = keyspace.shardOf(args.buf, args.off[1]!, args.len[1]!) === keyspace.shardOf(args.buf, args.off[2]!, args.len[2]!);
    putCopy(unit, source, database, 2, handOver);
    unit.lookupWrite(1);
    if (handOver) unit.view.word1 &= ~BODY; // its content lives on under the new key
    keyspace.remove();
    keyspace.changed(NOTIFY_GENERIC, 'rename_from');
    unit.lookupWrite(2);
    keyspace.changed(NOTIFY_GENERIC, 'rename_to');
    if (onlyIfMissing) reply.integer(1);
    else reply.ok();
  };
}

function copy(unit: Unit): void {
  const { args, keyspace, reply } = unit;
  let database = unit.database;
  let replaces = false;
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, 'replace')) replaces = true;
    else if (args.is(i, 'db') && i + 1 < args.count) {
      const given = unit.int32Arg(++i);
      if (given !== given) return;
      if (given < 0 || given >= keyspace.databases) return reply.error('ERR DB index is out of range');
      database = given;
    } else return unit.syntaxError();
  }
  const sameKey = args.len[1] === args.len[2] && args.text(1) === args.text(2);
  if (database === unit.database && sameKey) return reply.error('ERR source and destination objects are the same');
  const found = unit.lookupRead(1);
  if (found === 0) return reply.integer(0);
  const source = holdView(keyspace, found);
  const exists = keyspace.lookupWrite(database, args.buf, args.off[2]!, args.len[2]!) !== 0;
  if (exists && !replaces) return reply.integer(0);
  const isPlain = source.type === TYPE_STRING && source.encoding === ENCODING_BY_CONTENT;
  putCopy(unit, source, database, 2, false, isPlain ? ENCODING_COPIED : source.encoding);
  keyspace.changed(NOTIFY_GENERIC, 'copy_to');
  reply.integer(1);
}

function move(unit: Unit): void {
  const { args, keyspace, reply } = unit;
  const database = unit.int32Arg(2);
  if (database !== database) return;
  if (database < 0 || database >= keyspace.databases) return reply.error('ERR DB index is out of range');
  if (database === unit.database) return reply.error('ERR source and destination objects are the same');
  const found = unit.lookupWrite(1);
  if (found === 0) return reply.integer(0);
  const source = holdView(keyspace, found);
  if (keyspace.lookupWrite(database, args.buf, args.off[1]!, args.len[1]!) !== 0) return reply.integer(0);
  putCopy(unit, source, database, 1, true);
  keyspace.changed(NOTIFY_GENERIC, 'move_to');
  unit.lookupWrite(1);
  unit.view.word1 &= ~BODY;
  keyspace.remove();
  keyspace.changed(NOTIFY_GENERIC, 'move_from');
  reply.integer(1);
}

function randomkey(unit: Unit): void {
  const found = unit.keyspace.randomRecord(unit.database, () => unit.random32());
  if (found === 0) return unit.reply.nullBulk();
  const view = unit.view.at(found);
  unit.reply.bulk(view.u8, view.keyOffset, view.keyLength);
}

function touch(unit: Unit): void {
  exists(unit);
}

const int64 = new Int64();

/** Strings that Redis keeps as one shared object: 0 … 9999. */
function isSharedInteger(view: RecordView): boolean {
  if (view.type !== TYPE_STRING || view.encoding !== ENCODING_BY_CONTENT) return false;
  if (!parseInt64(view.u8, view.valueOffset, view.valueLength, int64)) return false;
  const n = int64ToNumber(int64.hi, int64.lo);
  return n >= 0 && n < 10_000;
}

/** OBJECT looks without touching the access clock. */
function inspect(unit: Unit): boolean {
  const { args } = unit;
  if (unit.keyspace.lookup(unit.database, args.buf, args.off[2]!, args.len[2]!) !== 0) return true;
  unit.reply.nullBulk();
  return false;
}

function objectEncoding(unit: Unit): void {
  if (!inspect(unit)) return;
  const { view, keyspace } = unit;
  unit.reply.bulkText(view.type === TYPE_STRING ? stringEncodingName(view) : keyspace.kinds[view.type]!.encodingName(view));
}

function objectRefcount(unit: Unit): void {
  if (inspect(unit)) unit.reply.integer(isSharedInteger(unit.view) ? 2147483647 : 1);
}

const SWITCHING = 'Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.';

function objectIdletime(unit: Unit): void {
  if (!inspect(unit)) return;
  const { keyspace, reply, view } = unit;
  if (keyspace.lfu !== null) return reply.error(`ERR An LFU maxmemory policy is selected, idle time not tracked. ${SWITCHING}`);
  reply.integer((keyspace.accessClock - (view.word0 >>> 8) + 0x1000000) & 0xffffff);
}

function objectFreq(unit: Unit): void {
  if (!inspect(unit)) return;
  const { keyspace, reply, view } = unit;
  if (keyspace.lfu === null) return reply.error(`ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${SWITCHING}`);
  reply.integer(keyspace.lfu.frequency(view.word0 >>> 8, keyspace.now));
}

/** The answer of a container's HELP. */
export function replyHelp(unit: Unit, lines: readonly string[]): void {
  const name = unit.command.name.split('|')[0]!.toUpperCase();
  const all = [`${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`, ...lines, 'HELP', '    Prints this help.'];
  unit.reply.array(all.length);
  for (const line of all) unit.reply.simple(line);
}

const OBJECT_HELP = [
  'ENCODING <key>',
  '    Return the kind of internal representation used in order to store the value',
  '    associated with a <key>.',
  'FREQ <key>',
  '    Return the access frequency index of the <key>. The returned integer is',
  '    proportional to the logarithm of the recent access frequency of the key.',
  'IDLETIME <key>',
  '    Return the idle time of the <key>, that is the approximated number of',
  '    seconds elapsed since the last access to the key.',
  'REFCOUNT <key>',
  '    Return the number of references of the value associated with the specified',
  '    <key>.',
];

export const keyCommands: readonly CommandRow[] = [
  { name: 'del', needs: 'keys', run: (unit) => del(unit) },
  { name: 'unlink', needs: 'keys', run: (unit) => del(unit, true) },
  { name: 'exists', needs: 'keys', run: exists },
  { name: 'touch', needs: 'keys', run: touch },
  { name: 'type', needs: 'keys', run: type },
  { name: 'rename', needs: 'keys', run: rename(false) },
  { name: 'renamenx', needs: 'keys', run: rename(true) },
  { name: 'copy', needs: 'exclusive', run: copy },
  { name: 'move', needs: 'exclusive', run: move },
  { name: 'randomkey', needs: 'exclusive', run: randomkey },
  { name: 'object', needs: 'none', run: (unit) => unit.wrongArity() },
  { name: 'object|encoding', needs: 'keys', run: objectEncoding },
  { name: 'object|refcount', needs: 'keys', run: objectRefcount },
  { name: 'object|idletime', needs: 'keys', run: objectIdletime },
  { name: 'object|freq', needs: 'keys', run: objectFreq },
  { name: 'object|help', needs: 'none', run: (unit) => replyHelp(unit, OBJECT_HELP) },
];
