/**
 * Elements of a list as bulk strings, straight from the listpack into the reply: LRANGE's inner loop.
 */
import { INT64_TEXT_BYTES_MAX, listpack, writeInt64 } from '@larder/store-datatypes';
import type { Quicklist } from '@larder/store-datatypes';
import type { Reply } from '@larder/store-resp';

const entry = new listpack.Entry();
const digits = Buffer.alloc(INT64_TEXT_BYTES_MAX + 1);
/** "$63\r\n", 63 bytes, "\r\n": the longest of the short strings. */
const SHORT_BULK_BYTES_MAX = 70;

/** The element at position `p` of `u8`. */
export function replyElement(reply: Reply, u8: Buffer, p: number): void {
  listpack.read(u8, p, entry);
  if (entry.isInteger) reply.bulk(digits, 0, writeInt64(entry.hi, entry.lo, digits, 0));
  else reply.bulk(u8, entry.start, entry.length);
}

/** `count` elements (all in range) from index `start` on, an array. */
export function replyRange(reply: Reply, list: Quicklist, start: number, count: number): void {
  reply.array(count);
  list.seek(start);
  let { node, p } = list;
  let left = count;
  let inNode = list.nodeCount(node) - list.index;
  for (;;) {
    const now = left < inNode ? left : inNode;
    replyForward(reply, list.u8, p, now);
    left -= now;
    if (left === 0) return;
    list.openNode(++node);
    p = list.off + listpack.HEADER_BYTES;
    inNode = list.nodeCount(node);
  }
}

function replyForward(reply: Reply, u8: Buffer, from: number, count: number): void {
  let p = from;
  let left = count;
  while (left > 0) {
    // As many as surely fit without asking again.
    let batch = left < 256 ? left : 256;
    left -= batch;
    reply.ensure(batch * SHORT_BULK_BYTES_MAX);
    let { buf, pos } = reply;
    for (; batch > 0; batch--) {
      const head = u8[p]!;
      if ((head & 0xc0) === 0x80) {
        const length = head & 0x3f;
        buf[pos++] = 0x24;
        if (length >= 10) {
          const tens = (length / 10) | 0;
          buf[pos++] = 48 + tens;
          buf[pos++] = 48 + length - tens * 10;
        } else buf[pos++] = 48 + length;
        buf[pos] = 13;
        buf[pos + 1] = 10;
        pos += 2;
        const stop = ++p + length;
        while (p < stop) buf[pos++] = u8[p++]!;
        buf[pos] = 13;
        buf[pos + 1] = 10;
        pos += 2;
        p++; // its back length: one byte
      } else {
        reply.pos = pos;
        replyElement(reply, u8, p);
        reply.ensure(batch * SHORT_BULK_BYTES_MAX);
        ({ buf, pos } = reply);
        p = listpack.after(u8, p);
      }
    }
    reply.pos = pos;
  }
}

/** As `replyRange`, from the last of the range to the first. */
export function replyRangeBackward(reply: Reply, list: Quicklist, start: number, count: number): void {
  reply.array(count);
  list.seek(start + count - 1);
  let { node, p } = list;
  for (let left = count; left > 0; left--) {
    if (p < 0) {
      list.openNode(--node);
      p = listpack.last(list.u8, list.off);
    }
    replyElement(reply, list.u8, p);
    p = listpack.prev(list.u8, list.off, p);
  }
}
