/**
 * The content of a stream under its key: a StreamLog (datatypes) between `take` and `store`.
 *
 * One `Streams` per keyspace holds one stream at a time. Unlike other collections, an empty stream keeps its key.
 */
import { BODY, StreamLog, TYPE_STREAM } from '@larder/store-datatypes';
import type { RecordView } from '@larder/store-datatypes';
import type { Keyspace, ValueKind } from '@larder/store-keyspace';
import type { Arena } from '@larder/store-memory';

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
};
