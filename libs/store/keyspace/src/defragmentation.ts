/**
 * Moves values together: what lies in a page that has much room goes to the page of its class that is being filled, until the first
 * page has nothing in it and can serve another size or shard. A walk over all keys, slice by slice.
 *
 *   record    moves as it is, with its snapshot mark; its place in the tables of keys and of expiries is put right
 *   content   moves when it is one block (a packed list, an intset); the blocks of large collections stay where they are
 *
 * Invariants
 *  - a batch of keys is moved under the lock of its shard, between two units: nobody holds an address then;
 *  - never while a snapshot or a lazy deletion is under way: these know contents by address.
 *
 * Memory goes back to the arena, not to the system: the platform has no way to give back a part of a buffer.
 */
import { RecordView, copyBytes } from '@larder/store-datatypes';
import { ArenaFull } from '@larder/store-memory';
import type { Keyspace } from './keyspace';

const BATCH = 32;
/** Contents of more elements are not looked at: they are more than a block. */
const ELEMENTS_MAX = 1024;

export class Defragmentation {
  /** Blocks that were moved, and those that lay well; keys of which something was moved, and others. */
  hits = 0;
  misses = 0;
  keyHits = 0;
  keyMisses = 0;
  private readonly keyspace: Keyspace;
  private readonly withShard: (shard: number, work: () => void) => boolean;
  private readonly view: RecordView;
  private readonly addresses: number[] = [];
  private readonly hashes: number[] = [];
  private shard = 0;
  private database = 0;
  private cursor = 0;

  constructor(keyspace: Keyspace, withShard: (shard: number, work: () => void) => boolean) {
    this.keyspace = keyspace;
    this.withShard = withShard;
    this.view = new RecordView(keyspace.arena);
  }

  get mayRun(): boolean {
    return this.keyspace.snapshot === null && this.keyspace.queues.pending === 0;
  }

  /** Goes on with the walk until `isLate`. True when the walk has come to its end; the next call begins another. */
  run(isLate: () => boolean): boolean {
    while (!isLate()) {
      if (!this.withShard(this.shard, () => this.batch())) return false; // somebody has it: later
      if (this.cursor !== 0) continue;
      if (++this.database < this.keyspace.databases) continue;
      this.database = 0;
      if (++this.shard < this.keyspace.shards) continue;
      this.shard = 0;
      return true;
    }
    return false;
  }

  private batch(): void {
    const { keyspace, addresses, hashes } = this;
    if (!this.mayRun) return;
    const root = keyspace.keysRoot(this.shard, this.database);
    addresses.length = hashes.length = 0;
    this.cursor = keyspace.table.scan(root, this.cursor, BATCH, (address, hash) => {
      addresses.push(address);
      hashes.push(hash);
    });
    keyspace.unaim(); // what was found before may lie elsewhere now
    try {
      for (let i = 0; i < addresses.length; i++) this.look(root, addresses[i]!, hashes[i]!);
    } catch (full) {
      if (!(full instanceof ArenaFull)) throw full; // no page to move to: nothing was changed
    }
  }

  private look(root: number, address: number, hash: number): void {
    const { arena } = this.keyspace;
    const before = this.hits;
    this.view.at(address);
    if (this.view.bodyOffset !== 0) this.moveContent();
    if (arena.isSparse(address)) this.moveRecord(root, address, hash);
    else this.misses++;
    if (this.hits > before) this.keyHits++;
    else this.keyMisses++;
  }

  private moveContent(): void {
    const { keyspace, view, shard } = this;
    const { body, aside } = view;
    const kind = keyspace.kinds[view.type]!;
    if (kind.elements(view) > ELEMENTS_MAX || kind.bytes(view) !== keyspace.arena.capacity(body)) return;
    if (!keyspace.arena.isSparse(body)) return void this.misses++;
    const [to, beside] = keyspace.copyContent(view, shard) as unknown as [number, number];
    view.body = to;
    view.aside = beside;
    keyspace.discardContent(view.type, view.encoding, body, aside);
    this.hits++;
  }

  private moveRecord(root: number, from: number, hash: number): void {
    const { keyspace, view } = this;
    const { arena, table } = keyspace;
    const bytes = arena.capacity(from);
    const to = arena.alloc(this.shard, bytes);
    const expires = view.expireAt >= 0;
    const { u8, base } = view;
    view.at(to);
    copyBytes(u8, base, view.u8, view.base, bytes);
    if (!table.relocate(root, hash, from, to)) throw new Error('defragmentation: a record was not in its table');
    if (expires) table.relocate(keyspace.expiresRoot(this.shard, this.database), hash, from, to);
    arena.free(from);
    this.hits++;
  }
}
