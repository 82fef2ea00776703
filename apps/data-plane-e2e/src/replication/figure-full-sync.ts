/**
 * `node figure-full-sync.ts [--mb 1024] [--value-bytes 1000] [--rounds 3] [--threads 2]`: how long a full synchronisation takes, larder-server
 * to larder-server beside redis-server to redis-server, in alternating rounds, and how long a client of the primary waits at most meanwhile.
 * Values are random bytes: nothing to compress.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { encodeCommands, startStore, waitFor } from '@larder/shared-testing';
import type { Store, StoreKind } from '@larder/shared-testing';
import { median } from '../bench/measure.ts';
import { infoOf } from './agreement.ts';

process.env['LARDER_ASSERT_SHARDS'] = 'no';

const { values } = parseArgs({
  options: { mb: { type: 'string', default: '1024' }, 'value-bytes': { type: 'string', default: '1000' }, rounds: { type: 'string', default: '3' }, threads: { type: 'string' } },
});
const valueBytes = Number(values['value-bytes']);
const keys = Math.round((Number(values.mb) * 2 ** 20) / valueBytes);

async function start(kind: StoreKind): Promise<Store> {
  const own = kind === 'larder-server' && values.threads !== undefined ? ['--threads', values.threads] : [];
  return startStore({ kind, args: ['--repl-diskless-sync-delay', '0', ...own] });
}

async function fill(store: Store): Promise<void> {
  const noise = randomBytes(1 << 20).toString('latin1');
  const client = await store.connect(2, 120_000);
  for (let first = 0; first < keys; first += 1000) {
    const commands = Array.from({ length: Math.min(1000, keys - first) }, (_, i) => {
      const at = ((first + i) * 7919) % (noise.length - valueBytes);
      return ['SET', `key:${first + i}`, noise.slice(at, at + valueBytes)];
    });
    await client.exchange(encodeCommands(commands), commands.length);
  }
  client.close();
}

/** Asks without a pause; the longest time that an answer took. */
function watch(store: Store): { stop: () => Promise<number> } {
  let isOver = false;
  let longest = 0;
  const done = (async () => {
    const client = await store.connect(2, 60_000);
    while (!isOver) {
      const askedAt = performance.now();
      await client.command('PING');
      longest = Math.max(longest, performance.now() - askedAt);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    client.close();
  })();
  return {
    async stop() {
      isOver = true;
      await done;
      return longest;
    },
  };
}

async function measure(kind: StoreKind): Promise<{ seconds: number; stallMs: number }> {
  const primary = await start(kind);
  const replica = await start(kind);
  try {
    await fill(primary);
    const client = await replica.connect(2, 60_000);
    const watching = watch(primary);
    const startedAt = performance.now();
    await client.ask('REPLICAOF', '127.0.0.1', String(primary.port));
    await waitFor('the data', async () => (await infoOf(replica, 'replication'))['master_link_status'] === 'up', 300_000);
    const seconds = (performance.now() - startedAt) / 1000;
    const stallMs = await watching.stop();
    if ((await client.ask('DBSIZE')) !== keys) throw new Error('the replica has not all keys');
    client.close();
    return { seconds, stallMs };
  } finally {
    await primary.kill();
    await replica.kill();
  }
}

const times: Record<StoreKind, number[]> = { 'redis-server': [], 'larder-server': [] };
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const kind of ['redis-server', 'larder-server'] as const) {
    const { seconds, stallMs } = await measure(kind);
    times[kind].push(seconds);
    console.log(`round ${round}, ${kind}: ${keys} keys of ${valueBytes} bytes in ${seconds.toFixed(2)} s, a client of the primary waited ${stallMs.toFixed(1)} ms at most`);
  }
}
console.log(`full synchronisation of ${values.mb} MB: ${(median(times['larder-server']) / median(times['redis-server'])).toFixed(2)} x the time of redis-server`);
process.exit(0);
