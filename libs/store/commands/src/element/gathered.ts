/**
 * What a command gathers before it answers or stores it: members with scores, the bytes one behind the other, numbered from 0. A
 * JavaScript string for each would cost more than the command's own work.
 *
 * Kept by its module and used again: `clear` first, and after large results too, so that their memory is not kept.
 */
import { compareBytes, copyBytes } from '@larder/store-datatypes';
import { orderByScore } from './score-order';
import type { Slice } from './slice';

const BYTES_KEPT_MAX = 1 << 20;
const MEMBERS_KEPT_MAX = 1 << 14;
const BYTES_MIN = 1 << 14;
const MEMBERS_MIN = 1 << 8;

export class Gathered {
  bytes = Buffer.allocUnsafeSlow(BYTES_MIN);
  off = new Int32Array(MEMBERS_MIN);
  length = new Int32Array(MEMBERS_MIN);
  score = new Float64Array(MEMBERS_MIN);
  count = 0;
  private end = 0;
  /** Where `find` looks: open addressing, a member's number + 1 in each slot. Its size is a power of two, or 0. */
  private slots = new Int32Array(0);
  private hash = new Int32Array(0);

  clear(): void {
    this.count = this.end = 0;
    if (this.bytes.length > BYTES_KEPT_MAX) this.bytes = Buffer.allocUnsafeSlow(BYTES_MIN);
    if (this.slots.length > 0) this.slots = this.hash = new Int32Array(0);
    if (this.off.length <= MEMBERS_KEPT_MAX) return;
    this.off = new Int32Array(MEMBERS_MIN);
    this.length = new Int32Array(MEMBERS_MIN);
    this.score = new Float64Array(MEMBERS_MIN);
  }

  add(member: Slice, score: number): void {
    const { length } = member;
    if (this.end + length > this.bytes.length || this.count === this.off.length) this.grow(length);
    const i = this.count++;
    copyBytes(member.bytes, member.off, this.bytes, this.end, length);
    this.off[i] = this.end;
    this.length[i] = length;
    this.score[i] = score;
    this.end += length;
  }

  /** Makes `find` possible for at most `members` that are added by `addHashed`. */
  index(members: number): void {
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(members, 4) * 2)));
    this.hash = new Int32Array(Math.max(members, 4));
  }

  /** The number of a member, −1 when it is not there; then `addHashed` may follow. */
  find(member: Slice, hash: number): number {
    const { slots, bytes } = this;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let entry; (entry = slots[slot]!) !== 0; slot = (slot + 1) & mask) {
      const i = entry - 1;
      if (this.hash[i] === hash && compareBytes(bytes, this.off[i]!, this.length[i]!, member.bytes, member.off, member.length) === 0) return i;
    }
    this.free = slot;
    return -1;
  }

  addHashed(member: Slice, hash: number, score: number): void {
    this.hash[this.count] = hash;
    this.add(member, score);
    this.slots[this.free] = this.count;
  }

  /** The slot where the last `find` ended. */
  private free = 0;

  compare(a: number, b: number): number {
    return compareBytes(this.bytes, this.off[a]!, this.length[a]!, this.bytes, this.off[b]!, this.length[b]!);
  }

  /** The numbers by score, then by bytes. */
  inOrder(): Int32Array {
    return orderByScore(this.score, this.count, (a, b) => this.compare(a, b));
  }

  longest(): number {
    let most = 0;
    for (let i = 0; i < this.count; i++) if (this.length[i]! > most) most = this.length[i]!;
    return most;
  }

  private grow(length: number): void {
    if (this.end + length > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.end + length));
      this.bytes.copy(larger, 0, 0, this.end);
      this.bytes = larger;
    }
    if (this.count < this.off.length) return;
    this.off = doubled(this.off, Int32Array);
    this.length = doubled(this.length, Int32Array);
    const scores = new Float64Array(this.score.length * 2);
    scores.set(this.score);
    this.score = scores;
  }
}

function doubled(list: Int32Array<ArrayBuffer>, Kind: typeof Int32Array): Int32Array<ArrayBuffer> {
  const out = new Kind(list.length * 2);
  out.set(list);
  return out;
}
