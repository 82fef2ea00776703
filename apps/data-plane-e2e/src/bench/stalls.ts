/**
 * The longest that anybody waits while a server does something large: a client of its own sends PING every half millisecond, whether the
 * one before was answered or not, and is timed from when it sent it. "Nothing at all" is what the machine and the client themselves add.
 */
import { spawn } from 'node:child_process';
import { startStore, waitFor } from '@larder/shared-testing';
import type { RawClient, Store, StoreKind } from '@larder/shared-testing';
import { encodeCommands } from '@larder/shared-testing';
import { inTurn } from './contenders.ts';
import { median } from './measure.ts';
import { TimedConnection } from './timed-connection.ts';

export interface StallOptions {
  readonly kinds: readonly [StoreKind, StoreKind];
  readonly rounds: number;
  /** Fraction of the usual ten million keys, and so on. */
  readonly scale: number;
  /** Only those whose name begins so; all when empty. */
  readonly names: readonly string[];
}

export interface StallLine {
  readonly name: string;
  readonly reference: number;
  readonly target: number;
}

interface World {
  readonly store: Store;
  readonly client: RawClient;
  readonly scale: number;
}

interface Case {
  readonly name: string;
  readonly args?: readonly string[];
  /** What must be there before. */
  readonly prepare?: (world: World) => Promise<void>;
  readonly run: (world: World) => Promise<void>;
}

const PING = Buffer.from('PING\r\n');
const PROBE_MS = 0.5;
const BATCH = 500;
const KEYS = 10_000_000;

const cases: readonly Case[] = [
  { name: 'nothing at all', run: () => pause(3000) },
  { name: 'growth: SET of 10 M keys', run: ({ store, scale }) => benchmark(store, '-t', 'set', '-P', '16', '-r', '1000000000', '-n', String(KEYS * scale)) },
  {
    name: 'expiry: 1 M keys within a second',
    run: async ({ client, scale }) => {
      const [at, count] = [Date.now() + 5000 + Math.round(10_000 * scale), Math.round(1_000_000 * scale)];
      await feed(client, count, (i) => ['SET', `key:${i}`, 'v'.repeat(32), 'PXAT', String(at + (i % 1000))]);
      await waitFor('the keys to be gone', async () => (await client.ask('DBSIZE')) === 0, 120_000);
    },
  },
  {
    name: 'UNLINK of a set of 10 M members',
    prepare: ({ client, scale }) => feed(client, Math.round((KEYS * scale) / 100), (i) => ['SADD', 'large', ...Array.from({ length: 100 }, (_, j) => `member:${i * 100 + j}`)]),
    run: async ({ client }) => {
      await client.ask('UNLINK', 'large');
      await freed(client);
    },
  },
  {
    name: 'FLUSHALL ASYNC of 10 M keys',
    prepare: ({ client, scale }) => feed(client, KEYS * scale, (i) => ['SET', `key:${i}`, 'v'.repeat(32)]),
    run: async ({ client }) => {
      await client.ask('FLUSHALL', 'ASYNC');
      await freed(client);
    },
  },
  {
    name: 'eviction at full write load',
    args: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'],
    prepare: ({ store, scale }) => benchmark(store, '-t', 'set', '-P', '16', '-r', '1000000000', '-d', '100', '-n', String(2_000_000 * Math.max(scale, 0.5))),
    run: ({ store, scale }) => benchmark(store, '-t', 'set', '-P', '16', '-r', '1000000000', '-d', '100', '-n', String(3_000_000 * scale)),
  },
  {
    name: 'BGSAVE while hashes of 1 M fields are written',
    prepare: async ({ client, scale }) => {
      for (let hash = 0; hash < 3; hash++) await feed(client, Math.round(10_000 * scale), (i) => ['HSET', `large:${hash}`, ...Array.from({ length: 100 }, (_, j) => [`field:${i * 100 + j}`, 'v'.repeat(32)]).flat()]);
    },
    run: async ({ store, client, scale }) => {
      const fields = Math.round(1_000_000 * scale);
      await client.ask('BGSAVE');
      const writer = await store.connect(2, 60_000);
      let isSaving = true;
      const watching = waitFor('the save', async () => String(await client.ask('INFO', 'persistence')).includes('rdb_bgsave_in_progress:0'), 120_000).finally(() => (isSaving = false));
      for (let i = 0; isSaving; i += BATCH) await feed(writer, BATCH, (j) => ['HSET', `large:${j % 3}`, `field:${((i + j) * 7919) % fields}`, 'w'.repeat(40)]);
      await watching;
      writer.close();
    },
  },
];

export async function measureStalls(options: StallOptions, each: (line: StallLine) => void): Promise<void> {
  const chosen = cases.filter(({ name }) => options.names.length === 0 || options.names.some((wanted) => name.startsWith(wanted)));
  for (const one of chosen) {
    const samples: [number[], number[]] = [[], []];
    for (let round = 0; round < options.rounds; round++) {
      for (const side of inTurn(round, [0, 1] as const)) samples[side].push(await longest(one, options.kinds[side], options.scale));
    }
    each({ name: one.name, reference: median(samples[0]), target: median(samples[1]) });
  }
}

/** In milliseconds. */
async function longest(one: Case, kind: StoreKind, scale: number): Promise<number> {
  const store = await startStore({ kind, args: one.args ?? [] });
  try {
    const client = await store.connect(2, 120_000);
    const world: World = { store, client, scale };
    await one.prepare?.(world);
    await pause(500);
    let worst = 0;
    const probe = await TimedConnection.open(store.port, (ms) => void (worst = Math.max(worst, ms)));
    const timer = every(PROBE_MS, () => probe.send(PING));
    await pause(300);
    worst = 0; // the first answers are of code that runs for the first time
    await one.run(world);
    timer.stop();
    await waitFor('the last answers', () => !probe.isWaiting, 30_000);
    probe.close();
    return worst;
  } finally {
    await store.kill();
  }
}

async function freed(client: RawClient): Promise<void> {
  await waitFor('the memory to be free', async () => String(await client.ask('INFO', 'memory')).includes('lazyfree_pending_objects:0'), 120_000);
}

/** Timers of Node are of whole milliseconds: two commands each. */
function every(ms: number, act: () => void): { stop: () => void } {
  const timer = setInterval(() => {
    for (let part = 0; part < 1; part += ms) act();
  }, 1);
  return { stop: () => clearInterval(timer) };
}

async function feed(client: RawClient, count: number, command: (i: number) => string[]): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) => command(from + at));
    await client.exchange(encodeCommands(batch), batch.length);
  }
}

function benchmark(store: Store, ...args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('redis-benchmark', ['-h', '127.0.0.1', '-p', String(store.port), '-q', ...args], { stdio: 'ignore' });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`redis-benchmark ended with ${code}`))));
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
