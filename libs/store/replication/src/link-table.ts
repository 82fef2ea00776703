/**
 * The replicas that are connected, in shared memory: a slot each. A link is served by the thread that accepted it; all threads
 * see how far it is (WAIT, INFO, ROLE, what the backlog must keep).
 *
 * A slot is written by the thread of its link; home moves `state` from WAITS_FOR_CUT on at the cut of a snapshot, in an exclusive section.
 */
export const LINKS_MAX = 64;

export const FREE = 0;
/** A snapshot for it is still to be begun. */
export const WAITS_FOR_CUT = 1;
/** The snapshot is being written; nothing of it can be sent yet. */
export const WAITS_FOR_FILE = 2;
export const SENDS_FILE = 3;
/** The file is sent; it says REPLCONF ACK when it has loaded it. */
export const FILE_SENT = 4;
export const ONLINE = 5;

const WORDS = 16;
const NUMBERS = 8;
const ADDRESS_BYTES = 320;
const SLOT_BYTES = WORDS * 4 + NUMBERS * 8 + ADDRESS_BYTES;
const HEAD_BYTES = 128;

/** Words of the head: threads whose links have all been sent and want to be woken; threads with clients in WAIT. */
const HUNGRY = 0;
const WAITING = 16;
/** A link waits for home to begin a snapshot. */
const WANTED = 17;
/** INFO's counters. */
export const SYNC_FULL = 18;
export const SYNC_PARTIAL_OK = 19;
export const SYNC_PARTIAL_ERR = 20;

const STATE = 0;
const THREAD = 1;
const CLIENT = 2;
const PORT = 3;
const CAPABILITIES = 4;
const TRANSFER = 5;
const ADDRESS_LENGTH = 6;

/** Next byte to be sent. */
const POSITION = 0;
const ACKNOWLEDGED = 1;
/** ms of the monotonic clock. */
const ACKNOWLEDGED_AT = 2;
/** Since when it waits for a snapshot. */
const SINCE = 3;
/** What it has on disk. */
const SAFE = 4;

export const CAPA_EOF = 1;
export const CAPA_PSYNC2 = 2;
/** It wants the file alone; without keys; it does not know PSYNC. */
export const RDB_ONLY = 4;
export const FUNCTIONS_ONLY = 8;
export const PLAIN_SYNC = 16;

export class LinkSlot {
  readonly index: number;
  private readonly words: Int32Array;
  private readonly numbers: Float64Array;
  private readonly text: Buffer;

  constructor(shared: SharedArrayBuffer, index: number) {
    const at = HEAD_BYTES + index * SLOT_BYTES;
    this.index = index;
    this.words = new Int32Array(shared, at, WORDS);
    this.numbers = new Float64Array(shared, at + WORDS * 4, NUMBERS);
    this.text = Buffer.from(shared, at + WORDS * 4 + NUMBERS * 8, ADDRESS_BYTES);
  }

  /** Takes the slot if it is free. */
  claim(): boolean {
    return Atomics.compareExchange(this.words, STATE, FREE, WAITS_FOR_CUT) === FREE;
  }

  get state(): number {
    return Atomics.load(this.words, STATE);
  }

  set state(state: number) {
    Atomics.store(this.words, STATE, state);
  }

  /** Does it keep bytes of the backlog? */
  get isReading(): boolean {
    return this.state > WAITS_FOR_CUT;
  }

  get thread(): number {
    return this.words[THREAD]!;
  }

  set thread(thread: number) {
    this.words[THREAD] = thread;
  }

  get client(): number {
    return this.words[CLIENT]!;
  }

  set client(id: number) {
    this.words[CLIENT] = id;
  }

  get port(): number {
    return this.words[PORT]!;
  }

  set port(port: number) {
    this.words[PORT] = port;
  }

  get capabilities(): number {
    return this.words[CAPABILITIES]!;
  }

  set capabilities(bits: number) {
    this.words[CAPABILITIES] = bits;
  }

  /** Number of the snapshot that it is sent. */
  get transfer(): number {
    return this.words[TRANSFER]!;
  }

  set transfer(number: number) {
    this.words[TRANSFER] = number;
  }

  get position(): number {
    return this.numbers[POSITION]!;
  }

  set position(offset: number) {
    this.numbers[POSITION] = offset;
  }

  get acknowledged(): number {
    return this.numbers[ACKNOWLEDGED]!;
  }

  set acknowledged(offset: number) {
    this.numbers[ACKNOWLEDGED] = offset;
  }

  get acknowledgedAt(): number {
    return this.numbers[ACKNOWLEDGED_AT]!;
  }

  set acknowledgedAt(ms: number) {
    this.numbers[ACKNOWLEDGED_AT] = ms;
  }

  get safe(): number {
    return this.numbers[SAFE]!;
  }

  set safe(offset: number) {
    this.numbers[SAFE] = offset;
  }

  get since(): number {
    return this.numbers[SINCE]!;
  }

  set since(ms: number) {
    this.numbers[SINCE] = ms;
  }

  get address(): string {
    return this.text.toString('latin1', 0, this.words[ADDRESS_LENGTH]);
  }

  set address(address: string) {
    this.words[ADDRESS_LENGTH] = this.text.write(address, 0, ADDRESS_BYTES, 'latin1');
  }
}

export class LinkTable {
  readonly slots: readonly LinkSlot[];
  private readonly head: Int32Array;

  static reserve(): SharedArrayBuffer {
    return new SharedArrayBuffer(HEAD_BYTES + LINKS_MAX * SLOT_BYTES);
  }

  constructor(shared: SharedArrayBuffer) {
    this.head = new Int32Array(shared, 0, HEAD_BYTES / 4);
    this.slots = Array.from({ length: LINKS_MAX }, (_, index) => new LinkSlot(shared, index));
  }

  /** A free slot, in WAITS_FOR_CUT; undefined when there is none. */
  claim(): LinkSlot | undefined {
    return this.slots.find((slot) => slot.claim());
  }

  /** Of all threads, oldest first as far as slots tell. */
  get connected(): LinkSlot[] {
    return this.slots.filter((slot) => slot.state !== FREE);
  }

  get count(): number {
    let count = 0;
    for (const slot of this.slots) if (slot.state !== FREE) count++;
    return count;
  }

  /** The least offset that some link still needs. */
  leastNeeded(): number {
    let least = Infinity;
    for (const slot of this.slots) if (slot.isReading && slot.position < least) least = slot.position;
    return least;
  }

  /** Replicas that have said they have everything up to `offset`. */
  countAcknowledged(offset: number): number {
    let count = 0;
    for (const slot of this.slots) if (slot.state === ONLINE && slot.acknowledged >= offset) count++;
    return count;
  }

  /** Replicas that have said they have everything up to `offset` on disk. */
  countSafe(offset: number): number {
    let count = 0;
    for (const slot of this.slots) if (slot.state === ONLINE && slot.safe >= offset) count++;
    return count;
  }

  /** Replicas heard of within the last `seconds`. */
  countGood(now: number, seconds: number): number {
    let count = 0;
    for (const slot of this.slots) if (slot.state === ONLINE && Math.floor((now - slot.acknowledgedAt) / 1000) <= seconds) count++;
    return count;
  }

  /** This thread's links have been sent all there is: whoever appends next wakes it. */
  setHungry(thread: number): void {
    Atomics.or(this.head, HUNGRY, 1 << thread);
  }

  /** Whom to wake now that there is something. */
  takeHungry(): number {
    return Atomics.load(this.head, HUNGRY) === 0 ? 0 : Atomics.exchange(this.head, HUNGRY, 0);
  }

  /** Clients of this thread wait for acknowledgements, or no longer. */
  setWaiting(thread: number, isWaiting: boolean): void {
    if (isWaiting) Atomics.or(this.head, WAITING, 1 << thread);
    else Atomics.and(this.head, WAITING, ~(1 << thread));
  }

  /** Home shall look who waits for a snapshot. */
  setWanted(): void {
    Atomics.store(this.head, WANTED, 1);
  }

  takeWanted(): boolean {
    return Atomics.load(this.head, WANTED) !== 0 && Atomics.exchange(this.head, WANTED, 0) !== 0;
  }

  countUp(counter: number): void {
    Atomics.add(this.head, counter, 1);
  }

  counted(counter: number): number {
    return Atomics.load(this.head, counter);
  }

  resetCounters(): void {
    for (const counter of [SYNC_FULL, SYNC_PARTIAL_OK, SYNC_PARTIAL_ERR]) Atomics.store(this.head, counter, 0);
  }

  get waiting(): number {
    return Atomics.load(this.head, WAITING);
  }
}
