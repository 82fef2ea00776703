/**
 * The content of a list under its key: a Quicklist (datatypes) between `load` and `store`.
 *
 * One `Lists` per keyspace holds one list at a time; what lies in the record is encoding, block and aside of its chain of
 * nodes. A list whose last element went must be removed with its key before the command ends.
 */
import { BODY, Quicklist, TYPE_LIST } from '@larder/store-datatypes';
import type { RecordView } from '@larder/store-datatypes';
import type { Keyspace, ValueKind } from '@larder/store-keyspace';
import type { Arena } from '@larder/store-memory';

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
    const { view } = this.keyspace;
    view.body = this.body;
    view.aside = this.aside;
    if (((view.word0 >>> 4) & 15) !== this.encoding) view.setEncoding(this.encoding);
  }

  /** Makes the key that the last lookup did not find, with this list; on failure the list is gone. @throws ArenaFull */
  createKey(): void {
    const { keyspace } = this;
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
};
