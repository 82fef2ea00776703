/**
 * Chunks of several owners become one file: what must not come between the parts of a long entry waits for its end.
 */
import type { Spill } from './rdb-encoder';
import { CHUNK_CONTINUES, CHUNK_OPEN, FRAME_RAW, RdbEncoder } from './rdb-encoder';

/** A chunk of one raw frame. */
function chunk(text: string, flags = 0): Buffer {
  const bytes = Buffer.alloc(8 + text.length);
  bytes.writeUInt32LE(flags, 0);
  bytes.writeUInt32LE(text.length * 2 + FRAME_RAW, 4);
  bytes.write(text, 8, 'latin1');
  return bytes;
}

class MemorySpill implements Spill {
  bytes = Buffer.alloc(0);
  most = 0;
  write(bytes: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    this.most = Math.max(this.most, this.bytes.length);
  }
  read(into: Buffer): number {
    const n = this.bytes.copy(into);
    this.bytes = this.bytes.subarray(n);
    return n;
  }
}

function encodeAll(chunks: readonly Buffer[], spill?: Spill): { text: string; sum: string } {
  const encoder = new RdbEncoder({ compresses: false, checks: true }, spill);
  const parts: Buffer[] = [];
  for (const one of chunks) {
    parts.push(Buffer.from(encoder.encode(one, one.length)));
    for (let more = encoder.more(); more.length > 0; more = encoder.more()) parts.push(Buffer.from(more));
  }
  return { text: Buffer.concat(parts).toString('latin1'), sum: encoder.trailer().toString('hex') };
}

describe('an encoder', () => {
  const chunks = [chunk('header '), chunk('long-', CHUNK_OPEN), chunk('one '), chunk('entry', CHUNK_OPEN | CHUNK_CONTINUES), chunk('two '), chunk('-end ', CHUNK_CONTINUES), chunk('three ')];

  it('writes chunks as they come, but for those that fall into a long entry: they follow it', () => {
    expect(encodeAll(chunks).text).toBe('header long-entry-end one two three ');
  });

  it('sums what is written, in the order in which it is written', () => {
    expect(encodeAll(chunks).sum).toBe(encodeAll([chunk('header long-entry-end one two three ')]).sum);
  });

  it('keeps 8 MiB in memory while a long entry goes on, and spills the rest', () => {
    const spill = new MemorySpill();
    const big = 'x'.repeat(1 << 20);
    const waiting = Array.from({ length: 20 }, (_, i) => chunk(`${i}${big}`));
    const { text } = encodeAll([chunk('long-', CHUNK_OPEN), ...waiting, chunk('end ', CHUNK_CONTINUES), chunk('last')], spill);
    expect(spill.most).toBeGreaterThan(12 << 20);
    expect(spill.most).toBeLessThan(14 << 20);
    expect(text.startsWith('long-end ')).toBe(true);
    expect(text.endsWith('last')).toBe(true);
    expect(text.slice(9, -4).split(big).sort()).toEqual(['', ...Array.from({ length: 20 }, (_, i) => String(i))].sort());
  });
});
