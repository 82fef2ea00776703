/**
 * Is a foreign listpack (RDB file, RESTORE) a node of a stream? Structure and both counts are checked, so that reading one
 * cannot leave it. The listpack itself must have passed `isListpack` deeply.
 */
import * as listpack from './listpack';

const DELETED = 1;
const SAME_FIELDS = 2;
const entry = new listpack.Entry();

/** Live entries of the node, or −1 when it is none. */
export function checkStreamNode(u8: Uint8Array, off: number): number {
  const walk = new Walk(u8, off + listpack.HEADER_BYTES);
  const live = walk.integer();
  const deleted = walk.integer();
  const masterFields = walk.integer();
  walk.skip(masterFields);
  if (walk.integer() !== 0) return -1;
  let flagged = 0;
  for (let n = live + deleted; n > 0 && walk.isGood; n--) {
    const flags = walk.integer();
    if ((flags & DELETED) !== 0) flagged++;
    walk.skip(2, true);
    const isSame = (flags & SAME_FIELDS) !== 0;
    const fields = isSame ? masterFields : walk.integer();
    walk.skip(isSame ? fields : fields * 2);
    if (walk.integer() !== 3 + (isSame ? fields : fields * 2 + 1)) return -1;
  }
  return walk.isGood && walk.isAtEnd && flagged === deleted ? live : -1;
}

class Walk {
  isGood = true;
  private readonly u8: Uint8Array;
  private p: number;

  constructor(u8: Uint8Array, p: number) {
    this.u8 = u8;
    this.p = p;
  }

  get isAtEnd(): boolean {
    return this.u8[this.p] === listpack.END;
  }

  /** A number that is not negative; −1 when there is none. */
  integer(): number {
    if (this.isAtEnd || !this.isGood) return this.fail();
    listpack.read(this.u8, this.p, entry);
    if (!entry.isInteger || entry.hi !== 0 || entry.lo < 0) return this.fail();
    this.p = listpack.after(this.u8, this.p);
    return entry.lo;
  }

  skip(entries: number, areIntegers = false): void {
    for (let n = entries; n > 0 && this.isGood; n--) {
      if (this.isAtEnd) return void this.fail();
      listpack.read(this.u8, this.p, entry);
      if (areIntegers && !entry.isInteger) return void this.fail();
      this.p = listpack.after(this.u8, this.p);
    }
  }

  private fail(): -1 {
    this.isGood = false;
    return -1;
  }
}
