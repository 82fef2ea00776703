/**
 * Who has waited longest for a key is served first, whichever threads hold the waiters and the pusher; and what a waiter is owed
 * nobody else takes, not even the pusher with its next command.
 *
 * Waiters come one after the other: the next one starts only when INFO counts the one before. So the order is known.
 */
import { connectRaw, waitFor } from '@larder/shared-testing';
import type { PlainReply, RawClient, Store } from '@larder/shared-testing';
import { seededRandom } from '../differential/random.ts';

const TIMEOUT_MS = 5_000;

export async function checkArrivalOrder(store: Store, seed: number, waiterCount: number): Promise<string[]> {
  const random = seededRandom(seed ^ 0x5eed);
  const complaints: string[] = [];
  const keys = [`s${seed}:arrival:a`, `s${seed}:arrival:b`];
  const connect = () => connectRaw({ port: store.port, timeoutMs: TIMEOUT_MS });
  const [pusher, control] = await Promise.all([connect(), connect()]);
  const waiters = await Promise.all(Array.from({ length: waiterCount }, connect));
  try {
    const waited: { key: string; reply: Promise<PlainReply> }[] = [];
    for (const waiter of waiters) {
      const key = random.pick(keys);
      const command = random.pick([['BLPOP', key, '0'], ['BRPOP', key, '0'], ['BLMOVE', key, `${key}:done`, 'LEFT', 'RIGHT', '0'], ['BLMPOP', '0', '1', key, 'LEFT']]);
      waited.push({ key, reply: waiter.command(...command).then((reply) => reply.plain(), (error: Error) => error) });
      await waitFor(`${waited.length} blocked clients`, async () => (await blockedClients(control)) === waited.length, TIMEOUT_MS);
    }
    const due = new Map<string, string[]>(keys.map((key) => [key, []]));
    for (const [at, { key }] of waited.entries()) {
      const value = `v${at}`;
      due.get(key)!.push(value);
      // The waiter gets it before the pusher's next command sees the list.
      const replies = await pusher.pipeline([['RPUSH', key, value], ['LPOP', key], ['LLEN', key]]);
      const seen = replies.map((reply) => JSON.stringify(reply.plain())).join();
      if (seen !== '1,null,0') complaints.push(`RPUSH, LPOP, LLEN of ${key} with somebody waiting answered ${seen} instead of 1,null,0`);
    }
    for (const [at, { key, reply }] of waited.entries()) {
      const got = gotValue(await reply);
      const owed = due.get(key)!.shift()!;
      if (got !== owed) complaints.push(`waiter ${at} on ${key} got ${got} instead of ${owed}`);
    }
  } finally {
    for (const client of [pusher, control, ...waiters]) client.close();
  }
  return complaints;
}

async function blockedClients(client: RawClient): Promise<number> {
  return Number(/blocked_clients:(\d+)/.exec(String(await client.ask('INFO', 'clients')))?.[1]);
}

/** BLMOVE answers the value, BLPOP a key and the value, BLMPOP a key and a list of values. */
function gotValue(reply: PlainReply): string {
  if (!Array.isArray(reply)) return String(reply);
  const last = reply.at(-1)!;
  return Array.isArray(last) ? String(last[0]) : String(last);
}
