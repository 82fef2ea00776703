import type { Spill } from './backlog';
import { Backlog, RING_BYTES_MIN } from './backlog';

const RING = RING_BYTES_MIN;

/** What byte `offset` of the stream is in these tests. */
const byteAt = (offset: number) => (offset * 7 + (offset >>> 8)) & 255;

function bytes(from: number, length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let i = 0; i < length; i++) out[i] = byteAt(from + i);
  return out;
}

class MemorySpill implements Spill {
  readonly bytes = new Map<number, Buffer>();
  drops = 0;
  held = 0;
  write(buf: Buffer, off: number, length: number, offset: number): void {
    this.bytes.set(offset, Buffer.from(buf.subarray(off, off + length)));
    this.held += length;
  }
  read(into: Buffer, length: number, offset: number): void {
    let done = 0;
    for (const [from, part] of this.bytes) {
      const at = offset + done;
      if (done < length && at >= from && at < from + part.length) done += part.copy(into, done, at - from, at - from + length - done);
    }
    if (done < length) throw new Error('gone');
  }
  drop(offset: number): void {
    this.drops++;
    for (const [from, part] of this.bytes) {
      if (from + part.length > offset) continue;
      this.bytes.delete(from);
      this.held -= part.length;
    }
  }
}

function fresh(history = 1 << 20) {
  const backlog = new Backlog(Backlog.reserve(RING * 2));
  backlog.begin(0, history);
  return backlog;
}

function append(backlog: Backlog, length: number): void {
  backlog.take();
  backlog.put(bytes(backlogEnd(backlog), length), 0, length);
  backlog.give();
}

const backlogEnd = (backlog: Backlog) => {
  backlog.give();
  const { end } = backlog;
  backlog.take();
  return end;
};

function expectRange(backlog: Backlog, from: number, to: number): void {
  const into = Buffer.alloc(70_001);
  for (let at = from; at < to; ) {
    const read = backlog.read(at, into);
    expect(read).toBeGreaterThan(0);
    expect(into.subarray(0, read).equals(bytes(at, read))).toBe(true);
    at += read;
  }
}

describe('the backlog', () => {
  it('gives back what was appended, by offset', () => {
    const backlog = fresh();
    for (let i = 1; i < 400; i++) append(backlog, i * 3);
    expectRange(backlog, 0, backlog.end);
    expect(backlog.read(backlog.end, Buffer.alloc(8))).toBe(0);
    expect(backlog.read(backlog.end + 1, Buffer.alloc(8))).toBe(-1);
  });

  it('keeps what a partial resynchronisation may ask for, and no more than its history', () => {
    const backlog = fresh(1 << 20);
    append(backlog, 3 << 20);
    expect(backlog.first).toBe(backlog.end - (1 << 20));
  });

  it('forgets the oldest bytes when nobody needs them', () => {
    const backlog = fresh();
    for (let i = 0; i < 5; i++) append(backlog, RING / 2);
    expect(backlog.read(0, Buffer.alloc(8))).toBe(-1);
    expectRange(backlog, backlog.end - RING, backlog.end);
  });

  it('spills what a slow replica still needs, and drops the spill when it has caught up', () => {
    const backlog = fresh();
    const spill = new MemorySpill();
    backlog.spill = spill;
    let position = 100;
    backlog.leastNeeded = () => position;
    backlog.needs(position);
    for (let i = 0; i < 7; i++) append(backlog, RING / 2 + 12_345);
    expect(backlog.spilledBytes).toBeGreaterThan(RING);
    expectRange(backlog, position, backlog.end);
    position = backlog.end;
    append(backlog, RING / 2);
    append(backlog, RING / 2);
    expect(spill.drops).toBe(1);
    expect(backlog.spilledBytes).toBe(0);
    expectRange(backlog, position, backlog.end);
  });

  it('gives back what a replica that is always behind has read', () => {
    const backlog = fresh();
    const spill = new MemorySpill();
    backlog.spill = spill;
    const behind = RING * 2;
    backlog.leastNeeded = () => Math.max(0, backlogEnd(backlog) - behind);
    backlog.needs(0);
    for (let i = 0; i < 24; i++) append(backlog, RING / 2);
    expect(spill.held).toBeLessThan(behind + (16 << 20));
    expectRange(backlog, backlog.end - behind, backlog.end);
    expect(backlog.read(0, Buffer.alloc(8))).toBe(-1);
  });

  it('hands out nothing of a spill that was dropped while it was read', () => {
    const backlog = fresh();
    const spill = new MemorySpill();
    const read = spill.read.bind(spill);
    backlog.spill = spill;
    backlog.leastNeeded = () => 0;
    backlog.needs(0);
    for (let i = 0; i < 4; i++) append(backlog, RING / 2);
    spill.read = (into, length, offset) => {
      read(into, length, offset);
      backlog.stop();
    };
    expect(backlog.read(0, Buffer.alloc(8))).toBe(-1);
  });

  it('tells a replica that its bytes are gone when the spill fails', () => {
    const backlog = fresh();
    backlog.spill = { write: () => { throw new Error('ENOSPC'); }, read: () => undefined, drop: () => undefined };
    backlog.leastNeeded = () => 0;
    backlog.needs(0);
    append(backlog, RING + 100);
    expect(backlog.read(0, Buffer.alloc(8))).toBe(-1);
    expectRange(backlog, backlog.end - RING / 2, backlog.end);
  });

  it('takes back its last bytes', () => {
    const backlog = fresh();
    append(backlog, 5000);
    backlog.rewind(4963);
    expect(backlog.end).toBe(4963);
    append(backlog, 200);
    expectRange(backlog, 0, 5163);
  });

  it('loses nothing that a replica needs when it is resized', () => {
    const backlog = fresh(RING + (RING >> 1));
    backlog.spill = new MemorySpill();
    append(backlog, RING + (RING >> 1));
    const position = 12_345;
    backlog.leastNeeded = () => position;
    backlog.resize(1 << 14);
    append(backlog, 1000);
    expectRange(backlog, position, backlog.end);
  });

  it('keeps the newest bytes when it is resized', () => {
    const backlog = fresh(RING + (RING >> 1));
    append(backlog, RING + (RING >> 1));
    backlog.resize(1 << 14);
    expect(backlog.end).toBe(RING + (RING >> 1));
    expectRange(backlog, backlog.end - RING, backlog.end);
    append(backlog, 1000);
    expectRange(backlog, backlog.end - 5000, backlog.end);
  });
});
