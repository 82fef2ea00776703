/**
 * Messages of one channel come to every subscriber, once each, in one order, which is the order of PUBLISH: what was
 * answered before another was sent comes before it.
 */
import { connectRaw, parseReply, waitFor } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';
import { now } from '../history.ts';
import { watcher } from './watcher.ts';
import type { Watcher } from './watcher.ts';

const SUBSCRIBERS = 4;
const PUBLISHERS = 3;
const MESSAGES_MAX = 300;
const TIMEOUT_MS = 15_000;

export interface Published {
  readonly message: string;
  readonly calledAt: number;
  readonly returnedAt: number;
  readonly receivers: number;
}

export function watchChannel(store: Store, seed: number): Watcher {
  return watcher(async (isOver, complain) => {
    const channel = `s${seed}:channel`;
    const connect = () => connectRaw({ port: store.port, timeoutMs: TIMEOUT_MS });
    const subscribers = await Promise.all(Array.from({ length: SUBSCRIBERS }, connect));
    const publishers = await Promise.all(Array.from({ length: PUBLISHERS }, connect));
    try {
      await Promise.all(subscribers.map((client, at) => client.command(...(at % 2 === 0 ? ['SUBSCRIBE', channel] : ['PSUBSCRIBE', `${channel}*`]))));
      const published: Published[] = [];
      await Promise.all(publishers.map(async (client, who) => {
        for (let count = 0; !isOver() && published.length < MESSAGES_MAX; count++) {
          const message = `${who}.${count}`;
          const calledAt = now();
          const receivers = Number(await client.ask('PUBLISH', channel, message));
          published.push({ message, calledAt, returnedAt: now(), receivers });
        }
      }));
      const received = await Promise.all(subscribers.map((client) => arrived(client, published.length)));
      for (const words of judgeChannel(published, received)) complain(`${channel}: ${words}`);
    } finally {
      for (const client of [...subscribers, ...publishers]) client.close();
    }
  });
}

async function arrived(client: RawClient, count: number): Promise<string[]> {
  await waitFor(`${count} messages`, () => client.arrivedCount >= count, TIMEOUT_MS).catch(() => undefined);
  return client.takeArrived().map((frame) => parseReply(frame).items.at(-1)!.text);
}

export function judgeChannel(published: readonly Published[], received: readonly (readonly string[])[]): string[] {
  const wrong: string[] = [];
  const byMessage = new Map(published.map((each) => [each.message, each]));
  for (const { message, receivers } of published) if (receivers !== received.length) wrong.push(`PUBLISH ${message} told of ${receivers} receivers, there were ${received.length}`);
  for (const [at, messages] of received.entries()) {
    const missing = published.filter(({ message }) => !messages.includes(message));
    if (missing.length > 0) wrong.push(`subscriber ${at} did not get ${missing.map(({ message }) => message).join(' ')}`);
    if (new Set(messages).size !== messages.length) wrong.push(`subscriber ${at} got a message twice`);
    const difference = messages.findIndex((message, place) => message !== received[0]![place]);
    if (difference >= 0) wrong.push(`subscriber ${at} got ${messages[difference]} where subscriber 0 got ${received[0]![difference]} (message ${difference})`);
    let latestCall: Published | undefined;
    for (const message of messages) {
      const each = byMessage.get(message);
      if (each === undefined) {
        wrong.push(`subscriber ${at} got ${message}, which nobody sent`);
        continue;
      }
      if (latestCall !== undefined && each.returnedAt < latestCall.calledAt) wrong.push(`subscriber ${at} got ${message} after ${latestCall.message}, which was sent when ${message} had been answered`);
      if (latestCall === undefined || each.calledAt > latestCall.calledAt) latestCall = each;
    }
  }
  return wrong;
}
