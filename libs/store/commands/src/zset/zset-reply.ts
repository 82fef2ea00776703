/**
 * Scores on the wire: a bulk string in RESP2, a double in RESP3, in the 17 digits that Redis 7.0 prints. Makes no
 * string.
 */
import { DOUBLE_TEXT_BYTES_MAX, writeDouble } from '@larder/store-datatypes';
import type { Reply } from '@larder/store-resp';
import type { Slice } from '../element/slice';

/** A comma, the digits, CRLF. */
const line = Buffer.alloc(DOUBLE_TEXT_BYTES_MAX + 3);
line[0] = 0x2c;

export function replyScore(reply: Reply, score: number): void {
  const end = writeDouble(score, line, 1);
  if (reply.protocol === 2) return reply.bulk(line, 1, end - 1);
  line[end] = 13;
  line[end + 1] = 10;
  reply.rawRange(line, 0, end + 2);
}

/** As a bulk string in both protocols: ZSCAN, which shows integers of a listpack in full where others round to 17 digits. */
export function replyScoreText(reply: Reply, score: number, isInListpack: boolean): void {
  if (isInListpack && Math.abs(score) >= 1e17 && Math.abs(score) <= 2 ** 62) reply.bulkText(String(BigInt(score)));
  else reply.bulk(line, 1, writeDouble(score, line, 1) - 1);
}

export function replyMember(reply: Reply, member: Slice): void {
  reply.bulk(member.bytes, member.off, member.length);
}

/** Header of `count` members, with their scores flat in RESP2 and as pairs in RESP3. */
export function replyMembersHeader(reply: Reply, count: number, withScores: boolean): void {
  reply.array(withScores && reply.protocol === 2 ? count * 2 : count);
}

/** One of them. */
export function replyPair(reply: Reply, member: Slice, score: number): void {
  if (reply.protocol === 3) reply.array(2);
  replyMember(reply, member);
  replyScore(reply, score);
}
