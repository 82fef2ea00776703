/**
 * `node run.ts [--seed 1] [--threads 2] [--cuts 100] [--seconds 600] [--connections 4] [--chain] [--primary redis-server] [--replica larder-server]`:
 * random writes on a primary (ours) while the link of its replica (redis-server) is cut again and again; at the end the digests must be equal.
 */
import { parseArgs } from 'node:util';
import { startStore, waitFor } from '@larder/shared-testing';
import type { StoreKind } from '@larder/shared-testing';
import { agree, infoOf, linkIsUp } from './agreement.ts';
import { cuttingProxy } from './cutting-proxy.ts';
import { writeRandomly } from './primary-writes.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    cuts: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '600' },
    connections: { type: 'string', default: '4' },
    chain: { type: 'boolean', default: false },
    primary: { type: 'string', default: 'larder-server' },
    replica: { type: 'string', default: 'redis-server' },
  },
});
const [seed, cuts, seconds, connections] = [values.seed, values.cuts, values.seconds, values.connections].map(Number) as [number, number, number, number];
const debug = ['--enable-debug-command', 'yes'];
const start = (kind: string, ...args: string[]) =>
  startStore({ kind: kind as StoreKind, args: [...debug, ...(kind === 'larder-server' ? ['--threads', values.threads] : []), '--repl-diskless-sync-delay', '0', ...args] });
const primary = await start(values.primary, '--repl-backlog-size', '64mb');
const proxy = await cuttingProxy(primary.port);
const replica = await start(values.replica, '--replicaof', '127.0.0.1', String(proxy.port));
const last = values.chain ? await start(values.primary, '--replicaof', '127.0.0.1', String(replica.port)) : undefined;
try {
  await linkIsUp(replica);
  const writers = await writeRandomly(primary, primary.kind === 'redis-server' ? primary : replica, { seed, connections });
  for (let i = 1; i <= cuts; i++) {
    const until = Date.now() + (seconds * 1000) / cuts;
    const before = writers.sent;
    await waitFor('time and some writes', () => Date.now() >= until && writers.sent > before, 600_000);
    const { accepted } = proxy;
    proxy.cut();
    await waitFor('the replica to come again', () => proxy.accepted > accepted, 20_000);
    await linkIsUp(replica);
  }
  await writers.stop();
  await agree([primary, replica, ...(last === undefined ? [] : [last])], 60_000);
  const stats = await infoOf(primary, 'stats');
  const { master_repl_offset: offset } = await infoOf(primary, 'replication');
  console.log(`${values.primary} to ${values.replica}, seed ${seed}, ${values.threads} threads: ${writers.sent} commands, ${offset} bytes of stream, ${cuts} cuts: sync_full ${stats['sync_full']}, partial ${stats['sync_partial_ok']} ok, ${stats['sync_partial_err']} refused; digests equal`);
} finally {
  proxy.close();
  for (const store of [primary, replica, last]) await store?.kill();
}
