/**
 * The content of a stream under its key: a StreamLog (datatypes) between `take` and `store`.
 *
 * One `Streams` per keyspace holds one stream at a time. Unlike other collections, an empty stream keeps its key.
 */
import { BODY, CUT_STREAM_NODE_WORDS, DONE, FREEING, OWNED, SAVES, StreamId, StreamLog, StreamNodes, TYPE_STREAM, listpack } from '@larder/store-datatypes';
import type { Deferred, RecordView } from '@larder/store-datatypes';
import type { Keyspace, LargeContent, ValueKind, ValueOutput } from '@larder/store-keyspace';
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { VERSION_OF_7_2, noteTail, saveNoted } from './stream-tail';

/** The RDB type of streams in files of Redis 7.2 on. */
export const RDB_STREAM_LISTPACKS_3 = 21;

const perKeyspace = new WeakMap<Keyspace, Streams>();
let latest: Streams | undefined;

export function streamsOf(keyspace: Keyspace): Streams {
  if (latest !== undefined && latest.keyspace === keyspace) return latest;
  let found = perKeyspace.get(keyspace);
  if (found === undefined) perKeyspace.set(keyspace, (found = new Streams(keyspace)));
  latest = found;
  return found;
}

export class Streams extends StreamLog {
  readonly keyspace: Keyspace;

  constructor(keyspace: Keyspace) {
    super(keyspace.arena);
    this.keyspace = keyspace;
  }

  /** Takes the stream of the key that the keyspace's last lookup found. */
  take(): this {
    this.load(this.keyspace.view.body, this.keyspace.shard);
    return this;
  }

  /** Puts it back after changes, also after one that ran out of memory: the block may have moved. */
  store(): void {
    this.keyspace.view.body = this.body;
  }

  /** Makes the key that the last lookup did not find, with this stream; on failure the stream is gone. @throws ArenaFull */
  createKey(): void {
    const { keyspace } = this;
    try {
      keyspace.create(TYPE_STREAM, 0, BODY, 0);
    } catch (full) {
      this.dispose();
      throw full;
    }
    keyspace.view.body = this.body;
    keyspace.view.aside = 0;
  }
}

const key = Buffer.alloc(16);
const master = new StreamId();

/** A node as RDB has it: the master id, most significant byte first, and the listpack. */
export function saveNode(out: ValueOutput, id: StreamId, u8: Buffer, off: number): void {
  id.writeBytes(key, 0);
  out.string(key, 0, key.length);
  out.string(u8, off, listpack.bytes(u8, off));
}

/** Nodes of the directory of the cut (see Deferred), one by one. */
function eachCutNode(deferred: Deferred, isLate: () => boolean, visit: (block: number, state: number, words: Int32Array, c: number) => void): boolean {
  const { arena, kept, count } = deferred;
  const words = arena.i32[kept >>> SEGMENT_SHIFT]!;
  const start = (kept & SEGMENT_UNIT_MASK) << 1;
  while (deferred.cursor < count) {
    const c = start + deferred.cursor * CUT_STREAM_NODE_WORDS;
    visit(words[c]!, words[c + 5]!, words, c);
    words[c + 5] = DONE;
    if (++deferred.cursor < count && isLate()) return false;
  }
  return true;
}

/** Saving and freeing a stream node by node, then its groups entry by entry. */
const largeStream: LargeContent = {
  isLarge(record) {
    const stream = streamOfRecord(record);
    return stream.nodes > 1 || stream.groupList !== 0;
  },
  holderOf: (record) => streamOfRecord(record).holderAddress,

  defer(record, deferred) {
    const { arena, shard, rdbType } = deferred;
    const stream = streamOfRecord(record);
    const tail = deferred.has(SAVES) ? noteTail(stream, arena, shard, rdbType === RDB_STREAM_LISTPACKS_3 ? VERSION_OF_7_2 : 0) : 0;
    try {
      stream.defer(deferred);
    } catch (full) {
      if (tail !== 0) arena.free(tail);
      throw full;
    }
    deferred.tail = tail;
  },

  begin: (deferred, out) => out.length(deferred.count),

  save: (deferred, out, isLate) =>
    eachCutNode(deferred, isLate, (block, state, words, c) => {
      if (state === DONE) return;
      const { arena } = deferred;
      saveNode(out, master.set(words[c + 1]!, words[c + 2]!, words[c + 3]!, words[c + 4]!), arena.u8[block >>> SEGMENT_SHIFT]!, (block & SEGMENT_UNIT_MASK) << 3);
      if (state === OWNED) arena.free(block);
    }) && saveNoted(streamsOfArena(deferred.arena)[0], deferred, out, isLate),

  free(deferred, isLate) {
    const { arena, tail } = deferred;
    const { groups } = streamsOfArena(arena)[0];
    if (!deferred.has(FREEING)) {
      deferred.set(FREEING);
      deferred.cursor = 0;
    }
    // Records must stay until nothing of them is noted any more; then the stream owes nothing.
    if (tail !== 0 && !groups.forgetImages(tail, isLate)) return false;
    if (deferred.body !== 0) StreamNodes.undefer(arena, deferred.body);
    deferred.body = 0;
    if (tail !== 0 && !groups.freeKept(tail, isLate)) return false;
    for (let group = deferred.doomedGroup; group !== 0; group = deferred.doomedGroup) {
      const next = groups.nextDoomed(group);
      if (!groups.disposeSome(group, isLate)) return false;
      deferred.doomedGroup = next;
    }
    const isDone = eachCutNode(deferred, isLate, (block, state) => {
      if (state === OWNED) arena.free(block);
    });
    if (isDone) arena.free(deferred.kept);
    return isDone;
  },
};

/** Two streams an arena, for what has only a record: copying needs both. */
const perArena = new WeakMap<Arena, [StreamLog, StreamLog]>();

function streamsOfArena(arena: Arena): [StreamLog, StreamLog] {
  let pair = perArena.get(arena);
  if (pair === undefined) perArena.set(arena, (pair = [new StreamLog(arena), new StreamLog(arena)]));
  return pair;
}

/** The stream in a record, for reading: good until the next call. */
export function streamOfRecord(view: RecordView): StreamLog {
  const [stream] = streamsOfArena(view.arena);
  stream.load(view.body, 0);
  return stream;
}

export const streamKind: ValueKind = {
  type: TYPE_STREAM,
  name: 'stream',
  dispose: (view) => streamOfRecord(view).dispose(),
  encodingName: () => 'stream',
  copy(view, shard, out) {
    const [, copy] = streamsOfArena(view.arena);
    streamOfRecord(view).copyTo(copy, shard);
    out[0] = copy.body;
    out[1] = 0;
  },
  elements: (view) => streamOfRecord(view).length,
  bytes: (view) => streamOfRecord(view).bytes(),
  large: largeStream,
};
