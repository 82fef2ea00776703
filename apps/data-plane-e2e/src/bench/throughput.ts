/**
 * redis-benchmark's own tests on both servers in turn: commands per second and processor time of the server per command.
 *
 * Each run starts from an empty server and the data that its test needs (LPOP needs a list …), which is filled outside of
 * the measured time. LRANGE runs as the plain command it is, because redis-benchmark would fill its list inside of the run.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Store } from '@larder/shared-testing';
import { inTurn } from './contenders.ts';
import type { Contenders } from './contenders.ts';
import { cpuSeconds, median } from './measure.ts';

const run = promisify(execFile);

interface BenchTest {
  readonly name: string;
  /** Requests at -P 1 and with pipelining: about a second each on redis-server. */
  readonly requests: readonly [number, number];
  /** The test that fills what this one reads. */
  readonly filledBy?: string;
  readonly command?: readonly string[];
  /** Tests that run at the same time, with a share of clients and requests each. */
  readonly mixedOf?: readonly string[];
}

const simple: readonly [number, number] = [100_000, 1_000_000];
const lrange = (name: string, last: number, requests: readonly [number, number]): BenchTest => ({ name, requests, filledBy: 'lpush', command: ['lrange', 'mylist', '0', String(last)] });

/** As of an application that keeps an object, a counter and a field together. */
const FIVE_CALLS =
  "redis.call('SET',KEYS[1],ARGV[1]) redis.call('INCR',KEYS[2]) redis.call('HSET',KEYS[3],'f',ARGV[1]) redis.call('GET',KEYS[1]) return redis.call('HGET',KEYS[3],'f')";

export const tests: readonly BenchTest[] = [
  { name: 'ping_inline', requests: simple },
  { name: 'ping_mbulk', requests: simple },
  { name: 'set', requests: simple },
  { name: 'get', requests: simple, filledBy: 'set' },
  { name: 'incr', requests: simple },
  { name: 'lpush', requests: simple },
  { name: 'rpush', requests: simple },
  { name: 'lpop', requests: simple, filledBy: 'lpush' },
  { name: 'rpop', requests: simple, filledBy: 'rpush' },
  { name: 'sadd', requests: simple },
  { name: 'hset', requests: simple },
  { name: 'spop', requests: simple, filledBy: 'sadd' },
  { name: 'zadd', requests: simple },
  { name: 'zpopmin', requests: simple, filledBy: 'zadd' },
  lrange('lrange_100', 99, [60_000, 120_000]),
  lrange('lrange_300', 299, [30_000, 40_000]),
  lrange('lrange_500', 499, [25_000, 30_000]),
  lrange('lrange_600', 599, [20_000, 24_000]),
  { name: 'mset', requests: [60_000, 250_000] },
  { name: 'xadd', requests: [80_000, 300_000], command: ['xadd', 'mystream', '*', 'field', 'value:__rand_int__'] },
  { name: 'eval_5', requests: [50_000, 100_000], command: ['eval', FIVE_CALLS, '3', 'key:__rand_int__', 'count:__rand_int__', 'hash:__rand_int__', 'value'] },
  { name: 'mixed', requests: [100_000, 600_000], filledBy: 'set', mixedOf: ['set', 'get', 'incr', 'hset'] },
];

export interface ThroughputOptions {
  readonly rounds: number;
  readonly pipelines: readonly number[];
  readonly tests: readonly string[];
  readonly clients: number;
  /** redis-benchmark's -r; 0 leaves it out: one key. */
  readonly keyspace: number;
  /** redis-benchmark's -d. */
  readonly dataSize: number;
  /** Fraction of the usual number of requests. */
  readonly scale: number;
}

export interface ThroughputRow {
  readonly test: string;
  readonly pipeline: number;
  readonly reference: Side;
  readonly target: Side;
}

export interface Side {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

export async function measureThroughput(contenders: Contenders, options: ThroughputOptions, each: (row: ThroughputRow) => void): Promise<ThroughputRow[]> {
  const rows: ThroughputRow[] = [];
  for (const pipeline of options.pipelines) {
    for (const test of tests.filter((one) => options.tests.length === 0 || options.tests.includes(one.name))) {
      const samples = { reference: [] as Side[], target: [] as Side[] };
      for (let round = 0; round < options.rounds; round++) {
        for (const side of inTurn(round, ['reference', 'target'] as const)) samples[side].push(await oneRun(contenders[side], test, pipeline, options));
      }
      const row = { test: test.name, pipeline, reference: middle(samples.reference), target: middle(samples.target) };
      rows.push(row);
      each(row);
    }
  }
  return rows;
}

const middle = (sides: readonly Side[]): Side => ({
  perSecond: median(sides.map((side) => side.perSecond)),
  cpuMicroseconds: median(sides.map((side) => side.cpuMicroseconds)),
});

/** Empties the store, fills what the test needs, runs it. */
export async function oneRun(store: Store, test: BenchTest, pipeline: number, options: ThroughputOptions): Promise<Side> {
  const requests = Math.max(1_000, Math.round(test.requests[pipeline === 1 ? 0 : 1] * options.scale * (pipeline > 16 ? 2 : 1)));
  const client = await store.connect(2, 60_000);
  await client.ask('FLUSHALL');
  client.close();
  if (test.filledBy !== undefined) await benchmark(store, ['-t', test.filledBy], { ...options, pipeline: 64, requests: fillSize(test, requests, options) });
  const before = cpuSeconds(store.pid);
  const perSecond = test.mixedOf === undefined ? await benchmark(store, test.command ?? ['-t', test.name], { ...options, pipeline, requests }) : await mixed(store, test.mixedOf, { ...options, pipeline, requests });
  return { perSecond, cpuMicroseconds: ((cpuSeconds(store.pid) - before) * 1e6) / requests };
}

async function mixed(store: Store, names: readonly string[], options: { clients: number; keyspace: number; dataSize: number; pipeline: number; requests: number }): Promise<number> {
  const share = { ...options, clients: Math.ceil(options.clients / names.length), requests: Math.round(options.requests / names.length) };
  const startedAt = performance.now();
  await Promise.all(names.map((name) => benchmark(store, ['-t', name], share)));
  return (options.requests * 1000) / (performance.now() - startedAt);
}

/** Lists are emptied one element at a time; sets and sorted sets have one member unless keys are random. */
function fillSize(test: BenchTest, requests: number, options: ThroughputOptions): number {
  if (test.command !== undefined) return 10_000;
  if (test.name === 'lpop' || test.name === 'rpop') return requests;
  return options.keyspace > 0 ? requests : 1_000;
}

async function benchmark(store: Store, what: readonly string[], options: { clients: number; keyspace: number; dataSize: number; pipeline: number; requests: number }): Promise<number> {
  const args = [
    '-h', '127.0.0.1', '-p', String(store.port), '-c', String(options.clients), '-P', String(options.pipeline), '-n', String(options.requests), '-d', String(options.dataSize), '--csv',
    ...(options.keyspace > 0 ? ['-r', String(options.keyspace)] : []),
    ...what,
  ];
  const { stdout, stderr } = await run('redis-benchmark', args, { timeout: 300_000, maxBuffer: 16_000_000 });
  const line = stdout.trim().split('\n').at(-1) ?? '';
  const rate = line.split('","')[1] ?? '';
  const perSecond = rate === 'inf' ? Infinity : Number(rate);
  // `CONFIG` and TLS notices come on standard error; a reply that is an error ends the run.
  // (A fill of a few thousand may take no measurable time: its rate is `inf`.)
  if (rate === '' || Number.isNaN(perSecond) || /Error from server/.test(stdout + stderr)) throw new Error(`redis-benchmark ${args.join(' ')} on ${store.kind}: ${stdout}${stderr}`);
  return perSecond;
}
