/**
 * Latency under a fixed load, from an open-loop generator: commands are due at moments that a seed decides (a Poisson process, as of many
 * clients that do not know of each other), and are timed from when they were due. A generator that waits for replies would send nothing
 * while the server stands still, and so hide the very moments that matter ("coordinated omission").
 *
 * The load is half of what the slower of the two servers does with this generator, the same for both. Half of the commands are SET,
 * half GET, of 100,000 keys with values of 32 bytes, over 50 connections.
 */
import { encodeCommand, startStore } from '@larder/shared-testing';
import type { Store, StoreKind } from '@larder/shared-testing';
import { inTurn } from './contenders.ts';
import { median } from './measure.ts';
import { TimedConnection, percentile } from './timed-connection.ts';

export interface LatencyOptions {
  readonly kinds: readonly [StoreKind, StoreKind];
  readonly rounds: number;
  /** Fraction of the usual time. */
  readonly scale: number;
}

export interface LatencyLine {
  readonly name: string;
  readonly reference: number;
  readonly target: number;
}

const CONNECTIONS = 50;
const KEYS = 100_000;
const VALUE = 'v'.repeat(32);
/** Enough to choose from without making one for each request. */
const PREPARED = 20_000;
const SHARES: readonly (readonly [name: string, share: number])[] = [['p50', 0.5], ['p99', 0.99], ['p99.9', 0.999], ['longest', 1]];

export async function measureLatency(options: LatencyOptions, each: (line: LatencyLine) => void): Promise<void> {
  const random = xorshift(0x9e3779b9);
  const commands = Array.from({ length: PREPARED }, (_, at) => {
    const key = `key:${String(random() % KEYS).padStart(12, '0')}`;
    return Buffer.from(encodeCommand(at % 2 === 0 ? ['SET', key, VALUE] : ['GET', key]), 'latin1');
  });
  const stores = [await startStore({ kind: options.kinds[0] }), await startStore({ kind: options.kinds[1] })] as const;
  try {
    const rates = [await capacity(stores[0], commands), await capacity(stores[1], commands)];
    const load = Math.floor(Math.min(...rates) / 2);
    const samples: [Float64Array[], Float64Array[]] = [[], []];
    for (let round = 0; round < options.rounds; round++) {
      for (const side of inTurn(round, [0, 1] as const)) samples[side].push(await openLoop(stores[side], commands, load, 5000 * options.scale, round));
    }
    for (const [name, share] of SHARES) {
      const of = (side: 0 | 1): number => median(samples[side].map((sorted) => percentile(sorted, share)));
      each({ name: `${name} at ${load} requests/s (50 %), ms`, reference: of(0), target: of(1) });
    }
  } finally {
    await Promise.all(stores.map((store) => store.kill()));
  }
}

/** Requests a second when each connection sends its next command at the reply to the last. The server's code is warm afterwards. */
async function capacity(store: Store, commands: readonly Buffer[]): Promise<number> {
  const seconds = 3;
  let answered = 0;
  let next = 0;
  let isOver = false;
  const connections: TimedConnection[] = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    const connection: TimedConnection = await TimedConnection.open(store.port, () => {
      answered++;
      if (!isOver) connection.send(commands[next++ % PREPARED]!);
    });
    connections.push(connection);
  }
  for (const connection of connections) connection.send(commands[next++ % PREPARED]!);
  await new Promise((resolve) => setTimeout(resolve, 1000)); // until then code is cold
  answered = 0;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  isOver = true;
  const rate = answered / seconds;
  for (const connection of connections) connection.close();
  return rate;
}

/** Milliseconds from when each command was due to its reply, in ascending order. */
async function openLoop(store: Store, commands: readonly Buffer[], perSecond: number, ms: number, seed: number): Promise<Float64Array> {
  const latencies = new Float64Array(Math.ceil((perSecond * ms) / 1000) * 2);
  let answered = 0;
  const connections: TimedConnection[] = [];
  for (let i = 0; i < CONNECTIONS; i++) connections.push(await TimedConnection.open(store.port, (took) => void (latencies[answered++] = took)));
  const random = xorshift(seed * 7919 + 1);
  const gap = (): number => (-Math.log((random() + 1) / 4294967297) * 1000) / perSecond;
  const startedAt = performance.now();
  let due = startedAt + gap();
  let sent = 0;
  await new Promise<void>((resolve) => {
    const pump = (): void => {
      const now = performance.now();
      for (; due <= now && due < startedAt + ms; due += gap()) connections[random() % CONNECTIONS]!.send(commands[sent++ % PREPARED]!, due);
      if (due < startedAt + ms || connections.some((connection) => connection.isWaiting)) setImmediate(pump);
      else resolve();
    };
    pump();
  });
  for (const connection of connections) connection.close();
  return latencies.subarray(0, answered).sort();
}

/** Marsaglia's 32-bit generator: the same sequence for the same seed. */
function xorshift(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
