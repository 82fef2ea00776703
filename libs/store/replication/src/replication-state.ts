/**
 * Whose history a server has: its role, the ids of the stream and up to where the second one is valid. In shared memory; changed in
 * exclusive sections only, read anywhere.
 *
 *   id                the stream that is continued now
 *   id2, secondOffset the stream that was continued before a promotion: a replica that followed it may go on from any offset up to
 *                     secondOffset, since until there both histories are the same
 *
 * Offsets here are those of the protocol: the first byte of a stream has number 1.
 */
const IS_REPLICA = 0;
const FOLLOWS = 1;
const WITHHOLDS = 2;
const ID_BYTES = 40;
const WORDS_BYTES = 64;
const SECOND_OFFSET = 0;
const BYTES = WORDS_BYTES + 16 + 2 * ID_BYTES;

export const NO_ID = '0'.repeat(ID_BYTES);

/** What the backlog holds, as offsets of the protocol: `first` may be asked for, `end` is the last byte there is. */
export interface HeldHistory {
  isActive: boolean;
  first: number;
  end: number;
}

export type PsyncDecision =
  | { kind: 'continue' }
  /** `log` is what the log says, if anything. */
  | { kind: 'full'; log: string[] };

export class ReplicationState {
  private readonly words: Int32Array;
  private readonly numbers: Float64Array;
  private readonly ids: Buffer;

  static reserve(): SharedArrayBuffer {
    return new SharedArrayBuffer(BYTES);
  }

  constructor(shared: SharedArrayBuffer) {
    this.words = new Int32Array(shared, 0, WORDS_BYTES / 4);
    this.numbers = new Float64Array(shared, WORDS_BYTES, 2);
    this.ids = Buffer.from(shared, WORDS_BYTES + 16, 2 * ID_BYTES);
  }

  /** Of a server that has no history yet. */
  initialise(id: string): void {
    this.id = id;
    this.forgetSecond();
  }

  get isReplica(): boolean {
    return Atomics.load(this.words, IS_REPLICA) !== 0;
  }

  set isReplica(value: boolean) {
    Atomics.store(this.words, IS_REPLICA, value ? 1 : 0);
  }

  /** A replica whose link to its primary is up: replicas of its own may be given what it has. */
  get isFollowing(): boolean {
    return Atomics.load(this.words, FOLLOWS) !== 0;
  }

  set isFollowing(value: boolean) {
    Atomics.store(this.words, FOLLOWS, value ? 1 : 0);
  }

  /** A primary that has started without the data that its replicas have: it must not empty them. */
  get isWithholding(): boolean {
    return Atomics.load(this.words, WITHHOLDS) !== 0;
  }

  set isWithholding(value: boolean) {
    Atomics.store(this.words, WITHHOLDS, value ? 1 : 0);
  }

  get id(): string {
    return this.ids.toString('latin1', 0, ID_BYTES);
  }

  set id(id: string) {
    this.ids.write(id, 0, ID_BYTES, 'latin1');
  }

  get id2(): string {
    return this.ids.toString('latin1', ID_BYTES, 2 * ID_BYTES);
  }

  /** -1 when there is no second id. */
  get secondOffset(): number {
    return this.numbers[SECOND_OFFSET]!;
  }

  setSecond(id: string, offset: number): void {
    this.ids.write(id, ID_BYTES, ID_BYTES, 'latin1');
    this.numbers[SECOND_OFFSET] = offset;
  }

  forgetSecond(): void {
    this.setSecond(NO_ID, -1);
  }

  /** A history of its own begins after `offset` bytes of the one followed so far: who followed that one too may come along. */
  shift(newId: string, offset: number): void {
    this.setSecond(this.id, offset + 1);
    this.id = newId;
  }

  /** A history that nobody shares. */
  renew(newId: string): void {
    this.id = newId;
    this.forgetSecond();
  }

  /** Whether a replica that asks to go on with `id` from `offset` can be given just what it lacks. */
  decidePsync(id: string, offset: number, held: HeldHistory, replica: string): PsyncDecision {
    const isFirst = equal(id, this.id);
    if (!isFirst && (!equal(id, this.id2) || offset > this.secondOffset)) {
      if (id.startsWith('?')) return { kind: 'full', log: [`Full resync requested by replica ${replica}`] };
      if (!equal(id, this.id2)) {
        return { kind: 'full', log: [`Partial resynchronization not accepted: Replication ID mismatch (Replica asked for '${id}', my replication IDs are '${this.id}' and '${this.id2}')`] };
      }
      return { kind: 'full', log: [`Partial resynchronization not accepted: Requested offset for second ID was ${offset}, but I can reply up to ${this.secondOffset}`] };
    }
    if (held.isActive && offset >= held.first && offset <= held.end + 1) return { kind: 'continue' };
    const log = [`Unable to partial resync with replica ${replica} for lack of backlog (Replica request was: ${offset}).`];
    if (offset > held.end) log.push(`Warning: replica ${replica} tried to PSYNC with an offset that is greater than the master replication offset.`);
    return { kind: 'full', log };
  }
}

/** Ids compare as Redis does it. */
function equal(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
