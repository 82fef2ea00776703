/**
 * `node figure-throughput.ts [--rounds 5] [--requests 1000000] [--pipeline 16] [--threads 2] [--replicas 2]`: SETs per second of a primary that
 * feeds replicas of its own kind, larder-server beside redis-server, in alternating rounds; also the CPU time of the primary per command,
 * which the replicas and the generator on the same processors do not change.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { startStore, waitFor } from '@larder/shared-testing';
import type { Store, StoreKind } from '@larder/shared-testing';
import { cpuSeconds, median, thousands } from '../bench/measure.ts';
import { infoOf } from './agreement.ts';

process.env['LARDER_ASSERT_SHARDS'] = 'no';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' }, requests: { type: 'string', default: '1000000' }, pipeline: { type: 'string', default: '16' },
    threads: { type: 'string' }, replicas: { type: 'string', default: '2' },
  },
});
const KINDS = ['redis-server', 'larder-server'] as const;

async function deployment(kind: StoreKind): Promise<Store[]> {
  const own = kind === 'larder-server' && values.threads !== undefined ? ['--threads', values.threads] : [];
  const start = (...args: string[]) => startStore({ kind, args: ['--repl-diskless-sync-delay', '0', ...own, ...args] });
  const primary = await start();
  const replicas = [];
  for (let i = 0; i < Number(values.replicas); i++) replicas.push(await start('--replicaof', '127.0.0.1', String(primary.port)));
  for (const replica of replicas) await waitFor('the link', async () => (await infoOf(replica, 'replication'))['master_link_status'] === 'up');
  return [primary, ...replicas];
}

async function run([primary, ...replicas]: readonly Store[]): Promise<{ perSecond: number; cpuMicroseconds: number; catchUpMs: number }> {
  const cpuBefore = cpuSeconds(primary!.pid);
  const out = execFileSync('redis-benchmark', ['-p', String(primary!.port), '-t', 'set', '-c', '50', '-P', values.pipeline, '-n', values.requests, '-r', '100000', '-d', '32', '--csv'], { encoding: 'utf8', timeout: 120_000 });
  const cpu = cpuSeconds(primary!.pid) - cpuBefore;
  const endedAt = performance.now();
  const end = (await infoOf(primary!, 'replication'))['master_repl_offset'];
  for (const replica of replicas) await waitFor('the replica to have all', async () => Number((await infoOf(replica, 'replication'))['slave_repl_offset']) >= Number(end), 60_000);
  return { perSecond: Number(/"SET","([\d.]+)"/.exec(out)![1]), cpuMicroseconds: (cpu / Number(values.requests)) * 1e6, catchUpMs: performance.now() - endedAt };
}

const stores = { 'redis-server': await deployment('redis-server'), 'larder-server': await deployment('larder-server') };
const rates: Record<StoreKind, number[]> = { 'redis-server': [], 'larder-server': [] };
const costs: Record<StoreKind, number[]> = { 'redis-server': [], 'larder-server': [] };
try {
  for (const kind of KINDS) await run(stores[kind]); // warm
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const kind of KINDS) {
      const { perSecond, cpuMicroseconds, catchUpMs } = await run(stores[kind]);
      rates[kind].push(perSecond);
      costs[kind].push(cpuMicroseconds);
      console.log(`round ${round}, ${kind}: ${thousands(perSecond)} SET/s, ${cpuMicroseconds.toFixed(2)} us of CPU a command, replicas have all ${catchUpMs.toFixed(0)} ms later`);
    }
  }
  const ratio = (of: Record<StoreKind, number[]>) => (median(of['larder-server']) / median(of['redis-server'])).toFixed(2);
  const fulls = await Promise.all(KINDS.map(async (kind) => `${kind} ${(await infoOf(stores[kind][0]!, 'stats'))['sync_full']}`));
  console.log(`primary with ${values.replicas} replicas, -P ${values.pipeline}: ${ratio(rates)} x the throughput, ${ratio(costs)} x the CPU time of redis-server; full synchronisations: ${fulls.join(', ')}`);
} finally {
  for (const kind of KINDS) for (const store of stores[kind]) await store.kill();
}
process.exit(0);
