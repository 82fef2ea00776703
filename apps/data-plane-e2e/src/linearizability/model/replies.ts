/** Replies as the model gives and compares them: plain values; what has no promised order is sorted on both sides. */
import type { Command, PlainReply } from '@larder/shared-testing';

const UNORDERED = new Set(['SMEMBERS', 'KEYS', 'HKEYS', 'HVALS', 'SUNION', 'SINTER', 'SDIFF']);

export function replyText(reply: PlainReply, command: Command, body?: readonly Command[]): string {
  if (reply instanceof Error) return `-${reply.message}`;
  if (!Array.isArray(reply)) return JSON.stringify(reply);
  if (body !== undefined) return `[${reply.map((each, at) => replyText(each, body[at] ?? [])).join()}]`;
  const name = command[0]!.toUpperCase();
  if (UNORDERED.has(name)) return `[${reply.map((each) => replyText(each, [''])).sort().join()}]`;
  if (name === 'HGETALL') {
    const pairs: string[] = [];
    for (let at = 0; at < reply.length; at += 2) pairs.push(`${String(reply[at])}:${String(reply[at + 1])}`);
    return `{${pairs.sort().join()}}`;
  }
  return `[${reply.map((each) => replyText(each, [''])).join()}]`;
}
