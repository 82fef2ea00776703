/** Databases as a whole: DBSIZE, KEYS, SCAN, FLUSHDB, FLUSHALL, SWAPDB. */
import { globMatches } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { cursorArg, finishScan } from '../element/scan';

function dbsize(unit: Unit): void {
  unit.reply.integer(unit.keyspace.size(unit.database));
}

/** True when the record is past its time: listed by nobody, deleted by the next look-up or the cycle. */
function isDead(unit: Unit): boolean {
  const { view, keyspace } = unit;
  const at = view.expireAt;
  return at >= 0 && at < keyspace.now && keyspace.expires;
}

function keys(unit: Unit): void {
  const { args, keyspace, reply, view } = unit;
  const off = args.off[1]!;
  const length = args.len[1]!;
  const all = length === 1 && args.buf[off] === 42;
  const at = reply.pos;
  let count = 0;
  for (let shard = 0; shard < keyspace.shards; shard++) {
    keyspace.table.forEach(keyspace.keysRoot(shard, unit.database), (address) => {
      view.at(address);
      if (isDead(unit)) return;
      if (!all && !globMatches(args.buf, off, length, view.u8, view.keyOffset, view.keyLength, false)) return;
      reply.bulk(view.u8, view.keyOffset, view.keyLength);
      count++;
    });
  }
  reply.insertHeader(at, 'array', count);
}

interface ScanOptions {
  count: number;
  /** Argument index of the pattern, or 0. */
  match: number;
  type: string;
}

/** MATCH, COUNT and (SCAN only) TYPE from argument `from`; undefined after answering an error. */
function scanOptions(unit: Unit, from: number, allowsType: boolean): ScanOptions | undefined {
  const { args } = unit;
  const options: ScanOptions = { count: 10, match: 0, type: '' };
  for (let i = from; i < args.count; i += 2) {
    const hasValue = i + 1 < args.count;
    if (args.is(i, 'count') && hasValue) {
      const count = unit.integerArg(i + 1);
      if (count !== count) return undefined;
      if (count < 1) {
        unit.syntaxError();
        return undefined;
      }
      options.count = count;
    } else if (args.is(i, 'match') && hasValue) options.match = args.len[i + 1] === 1 && args.buf[args.off[i + 1]!] === 42 ? 0 : i + 1;
    else if (allowsType && args.is(i, 'type') && hasValue) options.type = args.text(i + 1).toLowerCase();
    else {
      unit.syntaxError();
      return undefined;
    }
  }
  return options;
}

function scan(unit: Unit): void {
  const { args, keyspace, reply, view } = unit;
  const cursor = cursorArg(unit, 1, 53);
  if (cursor !== cursor) return;
  const options = scanOptions(unit, 2, true);
  if (options === undefined) return;
  const { match, type } = options;
  const at = reply.pos;
  let count = 0;
  const dead: Buffer[] = [];
  const next = keyspace.scan(unit.database, cursor, options.count, (address) => {
    view.at(address);
    const isOver = isDead(unit);
    if (!isOver && type !== '' && keyspace.typeName(view) !== type) return;
    if (match !== 0 && !globMatches(args.buf, args.off[match]!, args.len[match]!, view.u8, view.keyOffset, view.keyLength, false)) return;
    if (isOver) return void dead.push(Buffer.from(view.u8.subarray(view.keyOffset, view.keyOffset + view.keyLength)));
    reply.bulk(view.u8, view.keyOffset, view.keyLength);
    count++;
  });
  // Keys past their time that it would have shown go; a look-up deletes them.
  for (const key of dead) keyspace.lookupWrite(unit.database, key, 0, key.length);
  finishScan(reply, at, next, count);
}

/** SYNC or ASYNC, which free alike here; false after answering an error. */
function flushMode(unit: Unit): boolean {
  const { args } = unit;
  if (args.count === 1 || (args.count === 2 && (args.is(1, 'async') || args.is(1, 'sync')))) return true;
  unit.syntaxError();
  return false;
}

/** ASYNC: what the keys held is freed later; without a word `lazyfree-lazy-user-flush` decides. */
function isLazy(unit: Unit): boolean {
  return unit.args.count === 2 ? unit.args.is(1, 'async') : unit.keyspace.lazy.flush;
}

function flushdb(unit: Unit): void {
  if (!flushMode(unit)) return;
  const { keyspace } = unit;
  unit.dispatcher.waiters.databaseWillChange(unit.database, -1);
  const removed = keyspace.flush(unit.database, isLazy(unit));
  keyspace.dirty += Math.max(removed, 1);
  keyspace.listener?.databaseChanged(unit.database, -1);
  unit.reply.ok();
}

function flushall(unit: Unit): void {
  if (!flushMode(unit)) return;
  const { keyspace } = unit;
  unit.dispatcher.waiters.databaseWillChange(-1, -1);
  let removed = 0;
  for (let database = 0; database < keyspace.databases; database++) removed += keyspace.flush(database, isLazy(unit));
  keyspace.dirty += Math.max(removed, 1);
  keyspace.listener?.databaseChanged(-1, -1);
  unit.reply.ok();
}

function swapdb(unit: Unit): void {
  const { keyspace, reply } = unit;
  const first = unit.int32Arg(1, 'ERR invalid first DB index');
  if (first !== first) return;
  const second = unit.int32Arg(2, 'ERR invalid second DB index');
  if (second !== second) return;
  const { databases } = keyspace;
  if (first < 0 || second < 0 || first >= databases || second >= databases) return reply.error('ERR DB index is out of range');
  if (first !== second) {
    unit.dispatcher.waiters.databaseWillChange(first, second);
    keyspace.swap(first, second);
  }
  keyspace.dirty++;
  reply.ok();
}

export const databaseCommands: readonly CommandRow[] = [
  { name: 'dbsize', needs: 'exclusive', run: dbsize },
  { name: 'keys', needs: 'exclusive', run: keys },
  { name: 'scan', needs: 'exclusive', run: scan },
  { name: 'flushdb', needs: 'exclusive', run: flushdb },
  { name: 'flushall', needs: 'exclusive', run: flushall },
  { name: 'swapdb', needs: 'exclusive', run: swapdb },
];
