/**
 * Every core: larder-server with 1, 2, … threads beside redis-server alone and with two I/O threads. All servers run all the time,
 * runs go around among them, and each round begins with another one.
 *
 *   throughput   redis-benchmark's simple tests with random keys, and the processor time of a command
 *   one key      the same test without random keys, where all threads want one shard
 *   exclusive    how much longer a command that stops all threads takes than PING on the same connection, at full load
 *   memory       resident bytes of a further thread, idle
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { startStore } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';
import { median, residentBytes, thousands } from './measure.ts';
import { oneRun, tests as allTests } from './throughput.ts';
import type { Side, ThroughputOptions } from './throughput.ts';

export interface ThreadsOptions extends ThroughputOptions {
  readonly threadsMax?: number;
}

interface Contestant {
  readonly name: string;
  readonly threads: number;
  readonly store: Store;
}

const TESTS = ['set', 'get', 'incr', 'lpush', 'hset', 'sadd', 'zadd'];
const HOT_TESTS = ['set', 'get', 'incr'];
const HOT_PIPELINE = 16;
const PROBES = 1_000;

/** Rows of markdown tables, with their heads. */
export async function measureThreads(options: ThreadsOptions, say: (line: string) => void): Promise<string> {
  const cores = options.threadsMax ?? availableParallelism();
  const counts = [...new Set([...Array.from({ length: cores }, (_, at) => at + 1), Math.max(2, cores)])];
  const contestants: Contestant[] = [
    { name: 'redis-server', threads: 1, store: await startStore({ kind: 'redis-server' }) },
    { name: 'redis-server, io-threads 2', threads: 1, store: await startStore({ kind: 'redis-server', args: ['--io-threads', '2', '--io-threads-do-reads', 'yes'] }) },
  ];
  for (const threads of counts) {
    const store = await startStore({ kind: 'larder-server', args: ['--threads', String(threads)] });
    contestants.push({ name: `larder-server, threads ${threads}`, threads, store });
  }
  try {
    const idle = idleMemory(contestants.slice(2));
    return [await throughput(contestants, options, say), await hotKey(contestants, options, say), await exclusives(contestants, options, say), idle].join('\n\n');
  } finally {
    await Promise.all(contestants.map(({ store }) => store.kill()));
  }
}

type Samples = ReadonlyMap<Contestant, Side>;

async function rounds(contestants: readonly Contestant[], options: ThroughputOptions, test: string, pipeline: number): Promise<Samples> {
  const chosen = allTests.find((each) => each.name === test)!;
  const samples = new Map<Contestant, Side[]>(contestants.map((each) => [each, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(round + turn) % contestants.length]!;
      samples.get(contestant)!.push(await oneRun(contestant.store, chosen, pipeline, options));
    }
  }
  const middle = (sides: readonly Side[], of: (side: Side) => number): number => median(sides.map(of));
  return new Map([...samples].map(([contestant, sides]) => [contestant, { perSecond: middle(sides, (side) => side.perSecond), cpuMicroseconds: middle(sides, (side) => side.cpuMicroseconds) }]));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

/** Thousands a second, ratio to redis-server, processor microseconds. */
function cells(samples: Samples, contestants: readonly Contestant[]): string[] {
  const reference = samples.get(contestants[0]!)!;
  return contestants.map((contestant, at) => {
    const { perSecond, cpuMicroseconds } = samples.get(contestant)!;
    const ratio = at === 0 ? '' : ` **${(perSecond / reference.perSecond).toFixed(2)} ×**`;
    return `${thousands(perSecond)}${ratio}, ${cpuMicroseconds.toFixed(2)} µs`;
  });
}

async function throughput(contestants: readonly Contestant[], options: ThreadsOptions, say: (line: string) => void): Promise<string> {
  const rows: string[][] = [];
  for (const pipeline of options.pipelines) {
    for (const test of TESTS.filter((name) => options.tests.length === 0 || options.tests.includes(name))) {
      const row = [test.toUpperCase(), String(pipeline), ...cells(await rounds(contestants, options, test, pipeline), contestants)];
      rows.push(row);
      say(row.join('  '));
    }
  }
  return table(['test', '-P', ...contestants.map(({ name }) => `${name}: /s, CPU per command`)], rows);
}

async function hotKey(contestants: readonly Contestant[], options: ThreadsOptions, say: (line: string) => void): Promise<string> {
  const rows: string[][] = [];
  for (const test of HOT_TESTS) {
    const samples = await rounds(contestants, { ...options, keyspace: 0 }, test, HOT_PIPELINE);
    const alone = samples.get(contestants[2]!)!.perSecond;
    const row = [test.toUpperCase(), ...contestants.map((contestant, at) => {
      const { perSecond } = samples.get(contestant)!;
      return `${thousands(perSecond)}${at > 2 ? ` **${(perSecond / alone).toFixed(2)} ×** of one thread` : ''}`;
    })];
    rows.push(row);
    say(`one key ${row.join('  ')}`);
  }
  return table([`one key, -P ${HOT_PIPELINE}`, ...contestants.map(({ name }) => name)], rows);
}

async function exclusives(contestants: readonly Contestant[], options: ThreadsOptions, say: (line: string) => void): Promise<string> {
  const rows: string[][] = [];
  for (const { name, store } of contestants) {
    const waits: number[][] = [];
    for (let round = 0; round < options.rounds; round++) waits.push(await exclusiveWaits(store, options));
    const row = [name, ...[0, 1, 2, 3].map((column) => median(waits.map((each) => each[column]!)).toFixed(0))];
    rows.push(row);
    say(`exclusive ${row.join('  ')}`);
  }
  return table(['at full load, -P 16, µs', 'PING p50', 'PING p99', 'DBSIZE p50', 'DBSIZE p99'], rows);
}

/** PING and DBSIZE in turn on one connection, while redis-benchmark keeps all threads busy. */
async function exclusiveWaits(store: Store, options: ThreadsOptions): Promise<number[]> {
  const load = spawn('redis-benchmark', ['-p', String(store.port), '-t', 'set', '-P', '16', '-c', String(options.clients), '-r', '100000', '-n', '1000000000', '-q'], { stdio: 'ignore' });
  const gone = new Promise((resolve) => load.once('close', resolve));
  const client = await store.connect();
  try {
    for (let warm = 0; warm < 200; warm++) await client.ask('PING');
    const pings: number[] = [];
    const sizes: number[] = [];
    for (let probe = 0; probe < PROBES * options.scale; probe++) {
      pings.push(await timed(client, 'PING'));
      sizes.push(await timed(client, 'DBSIZE'));
    }
    return [quantile(pings, 0.5), quantile(pings, 0.99), quantile(sizes, 0.5), quantile(sizes, 0.99)];
  } finally {
    client.close();
    load.kill('SIGKILL');
    await gone;
  }
}

async function timed(client: RawClient, command: string): Promise<number> {
  const from = performance.now();
  await client.ask(command);
  return (performance.now() - from) * 1000;
}

function quantile(samples: readonly number[], share: number): number {
  const ordered = [...samples].sort((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))]!;
}

function idleMemory(contestants: readonly Contestant[]): string {
  const [first, ...others] = contestants;
  const alone = residentBytes(first!.store.pid);
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return table(
    ['idle', 'RSS', 'per further thread'],
    [[first!.name, mebibytes(alone), ''], ...others.map(({ name, threads, store }) => {
      const bytes = residentBytes(store.pid);
      return [name, mebibytes(bytes), `**${mebibytes((bytes - alone) / (threads - 1))}**`];
    })],
  );
}
