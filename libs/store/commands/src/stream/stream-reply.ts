/**
 * Entries of a stream as replies: `[id, [field, value, …]]`.
 */
import { STREAM_ID_TEXT_BYTES_MAX, listpack, writeUint64 } from '@larder/store-datatypes';
import type { StreamId, StreamLog } from '@larder/store-datatypes';
import type { Reply } from '@larder/store-resp';
import { replyElement } from '../list/list-reply';

const text = Buffer.alloc(STREAM_ID_TEXT_BYTES_MAX + 2);

/** The milliseconds that `text` begins with, and where what follows their dash goes: ids that come together have them in common. */
let msHi = 0;
let msLo = 0;
let sequenceAt = 0;

export function replyId(reply: Reply, id: StreamId): void {
  if (id.msLo !== msLo || id.msHi !== msHi || sequenceAt === 0) {
    msHi = id.msHi;
    msLo = id.msLo;
    sequenceAt = writeUint64(msHi, msLo, text, 0);
    text[sequenceAt++] = 0x2d;
  }
  reply.bulk(text, 0, writeUint64(id.seqHi, id.seqLo, text, sequenceAt));
}

/** The entry at hand. */
export function replyEntry(reply: Reply, stream: StreamLog): void {
  const { u8, fields, isSame } = stream;
  let { fieldsAt: f, valuesAt: v } = stream;
  reply.array(2);
  replyId(reply, stream.id);
  reply.array(fields * 2);
  for (let n = fields; n > 0; n--) {
    replyElement(reply, u8, f);
    f = listpack.after(u8, f);
    if (!isSame) v = f;
    replyElement(reply, u8, v);
    v = listpack.after(u8, v);
    if (!isSame) f = v;
  }
}

/** Live entries with ids in [from, to], at most `count` (0: all), an array; backwards from `to` when `isReverse`. Answers how many. */
export function replyEntries(reply: Reply, stream: StreamLog, from: StreamId, to: StreamId, count: number, isReverse: boolean): number {
  const start = reply.pos;
  let shown = 0;
  let found = isReverse ? stream.seekTo(to) : stream.seekFrom(from);
  while (found && (isReverse ? stream.id.compare(from) >= 0 : stream.id.compare(to) <= 0)) {
    replyEntry(reply, stream);
    if (++shown === count) break;
    found = isReverse ? stream.previous() : stream.next();
  }
  reply.insertHeader(start, 'array', shown);
  return shown;
}
