/**
 * The longest that anybody waits while a server does something large, as a client of its own sees it (stall-probe.ts). Beside it the floor:
 * the same load without the large thing, which is what the machine, the generator and the client add. Who may raise priorities measures
 * with the server and the client before the generator, which on few cores would otherwise be what is waited for.
 */
import { fork, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot, startStore, waitFor } from '@larder/shared-testing';
import type { RawClient, Store, StoreKind } from '@larder/shared-testing';
import { encodeCommands } from '@larder/shared-testing';
import { inTurn } from './contenders.ts';
import { median } from './measure.ts';
import type { Waits } from './stall-probe.ts';

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
  /** The same load without it; nothing at all unless told. */
  readonly floor?: (world: World) => Promise<void>;
}

const BATCH = 500;
const KEYS = 10_000_000;

const cases: readonly Case[] = [
  {
    name: 'growth: SET of 10 M keys',
    run: ({ store, scale }) => benchmark(store, '-t', 'set', '-P', '16', '-r', '1000000000', '-n', String(KEYS * scale)),
    floor: ({ store, scale }) => benchmark(store, '-t', 'set', '-P', '16', '-r', '1000', '-n', String(KEYS * scale)),
  },
  {
    name: 'expiry: 1 M keys within a second',
    prepare: async ({ client, scale }) => {
      const [at, count] = [Date.now() + 8000 + Math.round(20_000 * scale), Math.round(1_000_000 * scale)];
      await feed(client, count, (i) => ['SET', `key:${i}`, 'v'.repeat(32), 'PXAT', String(at + (i % 1000))]);
    },
    run: async ({ client, scale }) => {
      const left = Number(await client.ask('DBSIZE'));
      if (left < 999_000 * scale) throw new Error(`too slow: only ${left} keys are still alive`);
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
    floor: ({ store, scale }) => benchmark(store, '-t', 'set', '-P', '16', '-r', '1000', '-d', '100', '-n', String(3_000_000 * scale)),
  },
  {
    name: 'BGSAVE while hashes of 1 M fields are written',
    prepare: async ({ client, scale }) => {
      for (let hash = 0; hash < 3; hash++) await feed(client, Math.round(10_000 * scale), (i) => ['HSET', `large:${hash}`, ...Array.from({ length: 100 }, (_, j) => [`field:${i * 100 + j}`, 'v'.repeat(32)]).flat()]);
    },
    run: async ({ store, client, scale }) => {
      await client.ask('BGSAVE');
      const isSaved = async (): Promise<boolean> => String(await client.ask('INFO', 'persistence')).includes('rdb_bgsave_in_progress:0');
      await writeFields(store, scale, waitFor('the save', isSaved, 120_000));
    },
    floor: ({ store, scale }) => writeFields(store, scale, pause(3000)),
  },
];

export async function measureStalls(options: StallOptions, each: (line: StallLine) => void): Promise<void> {
  const chosen = cases.filter(({ name }) => options.names.length === 0 || options.names.some((wanted) => name.startsWith(wanted)));
  for (const one of chosen) {
    const samples: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < options.rounds; round++) {
      for (const side of inTurn(round, [0, 1] as const)) samples[side].push(await longest(one, options.kinds[side], options.scale));
    }
    const line = (name: string, figure: (measured: Measured) => number): void =>
      each({ name, reference: median(samples[0].map(figure)), target: median(samples[1].map(figure)) });
    line(one.name, ({ run }) => run.wallMs);
    line('  of it the server was busy', ({ run }) => run.busyMs);
    line('  without it, the same load', ({ floor }) => floor.wallMs);
    line('  of it the server was busy', ({ floor }) => floor.busyMs);
  }
}

interface Measured {
  readonly run: Waits;
  readonly floor: Waits;
}

/** With the large thing and, before it, without. */
async function longest(one: Case, kind: StoreKind, scale: number): Promise<Measured> {
  const store = await startStore({ kind, args: one.args ?? [] });
  hurry(store.pid);
  try {
    const client = await store.connect(2, 120_000);
    const world: World = { store, client, scale };
    await one.prepare?.(world);
    await pause(500);
    const floor = await longestWait(store, () => (one.floor ?? (() => pause(3000)))(world));
    return { floor, run: await longestWait(store, () => one.run(world)) };
  } finally {
    await store.kill();
  }
}

async function longestWait(store: Store, work: () => Promise<void>): Promise<Waits> {
  const probe = fork(join(repositoryRoot(), 'apps/data-plane-e2e/src/bench/stall-probe.ts'), [String(store.port), String(store.pid)]);
  const heard = (): Promise<unknown> => new Promise((resolve) => void probe.once('message', resolve));
  await heard();
  hurry(probe.pid!);
  await pause(500); // the first answers are of code that runs for the first time
  probe.send('begin');
  await work();
  const waits = heard();
  probe.send('end');
  return (await waits) as Waits;
}

/** Before all else on the machine, where that is allowed. */
function hurry(pid: number): void {
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), -19);
  } catch {
    // not allowed: the figures hold what the generator takes
  }
}

async function writeFields(store: Store, scale: number, until: Promise<unknown>): Promise<void> {
  const fields = Math.round(1_000_000 * scale);
  const writer = await store.connect(2, 60_000);
  let isOver = false;
  const watching = until.finally(() => (isOver = true));
  for (let i = 0; !isOver; i += BATCH) await feed(writer, BATCH, (j) => ['HSET', `large:${j % 3}`, `field:${((i + j) * 7919) % fields}`, 'w'.repeat(40)]);
  await watching;
  writer.close();
}

async function freed(client: RawClient): Promise<void> {
  await waitFor('the memory to be free', async () => String(await client.ask('INFO', 'memory')).includes('lazyfree_pending_objects:0'), 120_000);
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
