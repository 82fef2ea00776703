/** Histories by hand, for specs: `c1 SET k 1 → OK` from one moment to another. */
import type { Command, PlainReply } from '@larder/shared-testing';
import type { Operation } from './history.ts';

export type Line = readonly [calledAt: number, returnedAt: number, client: number, command: string, reply?: PlainReply | readonly PlainReply[], body?: readonly string[]];

export function written(...lines: readonly Line[]): Operation[] {
  const words = (text: string): Command => text.split(' ');
  return lines.map(([calledAt, returnedAt, client, command, reply, body], id) => ({
    id, client, command: words(command), ...(body === undefined ? {} : { body: body.map(words) }), calledAt, returnedAt, reply: reply as PlainReply, after: -1,
  }));
}
