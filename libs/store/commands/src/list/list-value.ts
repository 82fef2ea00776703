/**
 * The content of a list under its key: a Quicklist (datatypes) between `load` and `store`.
 *
 * One `Lists` per keyspace holds one list at a time; what lies in the record is encoding, block and aside of its chain of
 * nodes. A list whose last element went must be removed with its key before the command ends.
 */
import { BODY, CUT_NODE_WORDS, DONE, FREEING, LIST_CHAIN, ListChain, OWNED, Quicklist, TYPE_LIST, listLimits, listpack, unpackNode } from '@larder/store-datatypes';
import type { Deferred, RecordView } from '@larder/store-datatypes';
import type { Keyspace, LargeContent, ValueKind, ValueOutput } from '@larder/store-keyspace';
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';

const perKeyspace = new WeakMap<Keyspace, Lists>();
let latest: Lists | undefined;

export function listsOf(keyspace: Keyspace): Lists {
  if (latest !== undefined && latest.keyspace === keyspace) return latest;
  let found = perKeyspace.get(keyspace);
  if (found === undefined) perKeyspace.set(keyspace, (found = new Lists(keyspace)));
  latest = found;
  return found;
}

export class Lists extends Quicklist {
  readonly keyspace: Keyspace;

  constructor(keyspace: Keyspace) {
    super(keyspace.arena);
    this.keyspace = keyspace;
  }

  /** Takes the list of the key that the keyspace's last lookup found. */
  take(): this {
    const { view, shard } = this.keyspace;
    this.load((view.word0 >>> 4) & 15, view.body, view.aside, shard);
    return this;
  }

  /** Puts it back after changes, also after one that ran out of memory: the chain may have moved. */
  store(): void {
    if (listLimits.compressDepth > 0) this.packInner();
    const { view } = this.keyspace;
    view.body = this.body;
    view.aside = this.aside;
    if (((view.word0 >>> 4) & 15) !== this.encoding) view.setEncoding(this.encoding);
  }

  /** Makes the key that the last lookup did not find, with this list; on failure the list is gone. @throws ArenaFull */
  createKey(): void {
    const { keyspace } = this;
    if (listLimits.compressDepth > 0) this.packInner(true);
    try {
      keyspace.create(TYPE_LIST, this.encoding, BODY, 0);
    } catch (full) {
      this.dispose();
      throw full;
    }
    keyspace.view.body = this.body;
    keyspace.view.aside = this.aside;
  }
}

/** Container form of a node in RDB: a listpack. */
const PACKED = 2;

/** A node as RDB has it. */
export function saveNode(out: ValueOutput, u8: Buffer, off: number): void {
  out.length(PACKED);
  out.string(u8, off, listpack.bytes(u8, off));
}

let scratch = Buffer.alloc(0);

function unpacked(arena: Arena, block: number, size: number): Buffer {
  if (scratch.length < size) scratch = Buffer.allocUnsafeSlow(Math.max(size, 1 << 14));
  unpackNode(arena, block, size, scratch);
  return scratch;
}

/** Nodes of the directory of the cut (see Deferred), one by one. */
function eachCutNode(deferred: Deferred, isLate: () => boolean, visit: (block: number, nodeStart: number, state: number) => void): boolean {
  const { arena, kept, count } = deferred;
  const words = arena.i32[kept >>> SEGMENT_SHIFT]!;
  const start = (kept & SEGMENT_UNIT_MASK) << 1;
  while (deferred.cursor < count) {
    const c = start + deferred.cursor * CUT_NODE_WORDS;
    visit(words[c]!, words[c + 1]!, words[c + 2]!);
    words[c + 2] = DONE;
    if (++deferred.cursor < count && isLate()) return false;
  }
  return true;
}

/** Saving and freeing a chain node by node. */
const largeList: LargeContent = {
  isLarge: (record) => record.encoding === LIST_CHAIN,
  holderOf: (record) => listOfRecord(record).holderAddress,
  defer: (record, deferred) => listOfRecord(record).defer(deferred),
  begin: (deferred, out) => out.length(deferred.count),

  save: (deferred, out, isLate) =>
    eachCutNode(deferred, isLate, (block, nodeStart, state) => {
      if (state === DONE) return; // its block may be another's by now
      const { arena } = deferred;
      if (nodeStart < 0) saveNode(out, unpacked(arena, block, -nodeStart), 0);
      else saveNode(out, arena.u8[block >>> SEGMENT_SHIFT]!, ((block & SEGMENT_UNIT_MASK) << 3) + nodeStart);
      if (state === OWNED) deferred.arena.free(block);
    }),

  free(deferred, isLate) {
    const { arena } = deferred;
    if (!deferred.has(FREEING)) {
      deferred.set(FREEING);
      deferred.cursor = 0;
      if (deferred.body !== 0) ListChain.undefer(arena, deferred.body);
    }
    const isDone = eachCutNode(deferred, isLate, (block, _nodeStart, state) => {
      if (state === OWNED) arena.free(block);
    });
    if (isDone) arena.free(deferred.kept);
    return isDone;
  },
};

/** Two lists an arena, for what has only a record: copying needs both. */
const perArena = new WeakMap<Arena, [Quicklist, Quicklist]>();

function listsOfArena(arena: Arena): [Quicklist, Quicklist] {
  let pair = perArena.get(arena);
  if (pair === undefined) perArena.set(arena, (pair = [new Quicklist(arena), new Quicklist(arena)]));
  return pair;
}

/** The list in a record, for reading: good until the next call. The room of persistence walks its nodes. */
export function listOfRecord(view: RecordView): Quicklist {
  const [list] = listsOfArena(view.arena);
  list.load(view.encoding, view.body, view.aside, 0);
  return list;
}

export const listKind: ValueKind = {
  type: TYPE_LIST,
  name: 'list',
  dispose: (view) => listOfRecord(view).dispose(),
  encodingName: () => 'quicklist',
  copy(view, shard, out) {
    const [, copy] = listsOfArena(view.arena);
    listOfRecord(view).copyTo(copy, shard);
    out[0] = copy.body;
    out[1] = copy.aside;
  },
  elements: (view) => listOfRecord(view).length,
  bytes: (view) => listOfRecord(view).bytes(),
  large: largeList,
};
