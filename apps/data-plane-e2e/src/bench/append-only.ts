/**
 * What persistence costs, on both servers: group commit and the readers beside it, everysec against nothing, loading and
 * saving, the longest that a reader waits while data are saved or the append-only file is rewritten, and the memory that a save takes.
 *
 * Every figure comes from alternating runs; each server runs on a folder of its own on the same disk.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeCommands, startStore, waitFor } from '@larder/shared-testing';
import type { Store, StoreKind } from '@larder/shared-testing';
import { inTurn } from './contenders.ts';
import { cpuSeconds, median, residentBytes } from './measure.ts';

const run = promisify(execFile);

export interface AofOptions {
  readonly kinds: readonly [StoreKind, StoreKind];
  readonly rounds: number;
  /** Fraction of the usual work. */
  readonly scale: number;
  /** Only these: always, everysec, loading, stalls, growth. All when there are none. */
  readonly names?: readonly string[];
}

export interface AofLine {
  readonly name: string;
  readonly reference: number;
  readonly target: number;
  readonly digits: number;
}

/** Figures of one server by name. */
type Figures = Record<string, number>;

const parts = [always, everysec, loading, stalls, growth];

export async function measureAof(options: AofOptions, each: (line: AofLine) => void): Promise<void> {
  for (const part of parts.filter(({ name }) => options.names === undefined || options.names.length === 0 || options.names.includes(name))) {
    const samples: [Figures[], Figures[]] = [[], []];
    for (let round = 0; round < options.rounds; round++) {
      for (const side of inTurn(round, [0, 1] as const)) samples[side].push(await part(options.kinds[side], options.scale));
    }
    for (const name of Object.keys(samples[0][0]!)) {
      const of = (side: 0 | 1): number => median(samples[side].map((figures) => figures[name]!));
      each({ name, reference: of(0), target: of(1), digits: of(1) < 10 ? 2 : 0 });
    }
  }
}

async function withStore<T>(kind: StoreKind, args: readonly string[], work: (store: Store, dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'larder-bench-'));
  const store = await startStore({ kind, dir, args });
  try {
    return await work(store, dir);
  } finally {
    await store.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

const AOF = ['--appendonly', 'yes', '--auto-aof-rewrite-percentage', '0'];

async function benchmark(store: Store, ...args: string[]): Promise<number> {
  const { stdout } = await run('redis-benchmark', ['-h', '127.0.0.1', '-p', String(store.port), '--csv', ...args], { timeout: 300_000 });
  return Number((stdout.trim().split('\n').at(-1) ?? '').split('","')[1]);
}

/** 50 writers, and 50 readers beside them. */
function always(kind: StoreKind, scale: number): Promise<Figures> {
  return withStore(kind, [...AOF, '--appendfsync', 'always'], async (store) => {
    const requests = String(Math.round(60_000 * scale));
    const alone = await benchmark(store, '-t', 'set', '-c', '50', '-n', requests, '-r', '10000', '-d', '100');
    const readers = Array.from({ length: 50 }, () => store.connect(2, 30_000));
    const latencies: number[] = [];
    let isOver = false;
    const reading = Promise.all(
      (await Promise.all(readers)).map(async (client) => {
        while (!isOver) {
          const startedAt = performance.now();
          await client.command('GET', 'key:000000000001');
          latencies.push(performance.now() - startedAt);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        client.close();
      }),
    );
    await benchmark(store, '-t', 'set', '-c', '50', '-n', requests, '-r', '10000', '-d', '100');
    isOver = true;
    await reading;
    latencies.sort((a, b) => a - b);
    return { 'always, 50 writers, SET /s': alone, 'p99 of 50 readers beside them, ms': latencies[Math.floor(latencies.length * 0.99)]! };
  });
}

/** Own speed with everysec over own speed with nothing, in wall time and in processor time. */
async function everysec(kind: StoreKind, scale: number): Promise<Figures> {
  const requests = Math.round(1_000_000 * scale);
  const measure = (args: readonly string[]) =>
    withStore(kind, args, async (store) => {
      const before = cpuSeconds(store.pid);
      const rate = await benchmark(store, '-t', 'set', '-c', '50', '-P', '16', '-n', String(requests), '-r', '100000', '-d', '32');
      return { rate, cpu: ((cpuSeconds(store.pid) - before) * 1e6) / requests };
    });
  const none = await measure([]);
  const with_ = await measure([...AOF, '--appendfsync', 'everysec']);
  return { 'everysec -P 16, SET /s': with_.rate, 'of the own speed without': with_.rate / none.rate, 'processor µs more per command': with_.cpu - none.cpu };
}

async function fill(store: Store, keys: number): Promise<void> {
  const client = await store.connect(2, 60_000);
  const value = 'v'.repeat(32);
  for (let from = 0; from < keys; from += 1000) {
    const batch = Array.from({ length: Math.min(1000, keys - from) }, (_, i) => ['SET', `key:${String(from + i).padStart(12, '0')}`, value]);
    await client.exchange(encodeCommands(batch), batch.length);
  }
  client.close();
}

/** A million keys: saved, and loaded from either kind of file. */
function loading(kind: StoreKind, scale: number): Promise<Figures> {
  const keys = Math.round(1_000_000 * scale);
  return withStore(kind, [...AOF, '--appendfsync', 'no'], async (store, dir) => {
    await fill(store, keys);
    const client = await store.connect(2, 120_000);
    const startedAt = performance.now();
    await client.ask('SAVE');
    const saved = (performance.now() - startedAt) / 1000;
    client.close();
    await store.stop(60_000);
    const load = async (args: readonly string[], pattern: RegExp): Promise<number> => {
      const again = await startStore({ kind, dir, args, startTimeoutMs: 120_000 });
      const seconds = Number(pattern.exec(await again.waitForLog(pattern, 120_000))![1]);
      await again.kill();
      return seconds;
    };
    const log = await load(AOF, /DB loaded from append only file: ([\d.]+) seconds/);
    const snapshot = await load([], /DB loaded from disk: ([\d.]+) seconds/);
    return { [`SAVE of ${keys / 1000} k keys, s`]: saved, 'load of the AOF, s': log, 'load of the RDB file, s': snapshot };
  });
}

/** One client asks all the time while a save or rewrite runs, and others write to a large hash, a large sorted set and small keys: the longest that it waits. */
function stalls(kind: StoreKind, scale: number): Promise<Figures> {
  const size = Math.round(1_000_000 * scale);
  return withStore(kind, [...AOF, '--appendfsync', 'everysec'], async (store) => {
    await fill(store, size);
    const [probe, control, writer] = [await store.connect(2, 60_000), await store.connect(2, 60_000), await store.connect(2, 60_000)];
    for (let from = 0; from < size; from += 1000) {
      const each = (one: (i: number) => string[]) => Array.from({ length: 1000 }, (_, i) => one(from + i)).flat();
      await control.exchange(encodeCommands([['HSET', 'hash', ...each((i) => [`field:${i}`, 'value'])], ['ZADD', 'zset', ...each((i) => [String((i * 7919) % size), `member:${i}`])]]), 2);
    }
    const random = () => Math.floor(Math.random() * size);
    const writing = async (isOver: () => boolean): Promise<void> => {
      while (!isOver()) {
        const batch = Array.from({ length: 10 }, () => [['HSET', 'hash', `field:${random()}`, 'another'], ['ZADD', 'zset', String(random()), `member:${random()}`], ['SET', `key:${String(random()).padStart(12, '0')}`, 'another']]).flat();
        await writer.exchange(encodeCommands(batch), batch.length);
      }
    };
    const longest = async (isOver: () => boolean): Promise<number> => {
      let worst = 0;
      while (!isOver()) {
        const startedAt = performance.now();
        await probe.command('GET', 'key:000000000001');
        worst = Math.max(worst, performance.now() - startedAt);
      }
      return worst;
    };
    const during = async (work: () => Promise<unknown>): Promise<number> => {
      let isOver = false;
      const both = Promise.all([longest(() => isOver), writing(() => isOver)]);
      await work();
      isOver = true;
      return (await both)[0];
    };
    const until = (field: string) => waitFor(field, async () => String(await control.ask('INFO', 'persistence')).includes(`${field}:0`), 120_000);
    const calm = await during(() => new Promise((resolve) => setTimeout(resolve, 2000)));
    const save = await during(async () => {
      await control.ask('BGSAVE');
      await until('rdb_bgsave_in_progress');
    });
    const rewrite = await during(async () => {
      await control.ask('BGREWRITEAOF');
      await until('aof_rewrite_in_progress');
    });
    for (const client of [probe, control, writer]) client.close();
    return { 'longest wait of a reader beside the writers alone, ms': calm, 'longest wait during BGSAVE, ms': save, 'longest wait during a rewrite, ms': rewrite };
  });
}

/** A gigabyte is saved while every key is overwritten once: how much memory that takes besides. */
function growth(kind: StoreKind, scale: number): Promise<Figures> {
  const keys = Math.round(1_000_000 * scale);
  return withStore(kind, ['--rdbcompression', 'no'], async (store) => {
    const [client, control] = [await store.connect(2, 120_000), await store.connect(2, 120_000)];
    const write = async (letter: string): Promise<void> => {
      const value = letter.repeat(1000);
      for (let from = 0; from < keys; from += 500) {
        const batch = Array.from({ length: Math.min(500, keys - from) }, (_, i) => ['SET', `key:${String(from + i).padStart(12, '0')}`, value]);
        await client.exchange(encodeCommands(batch), batch.length);
      }
    };
    await write('a');
    await write('b');
    const before = residentBytes(store.pid);
    let most = before;
    const timer = setInterval(() => (most = Math.max(most, residentBytes(store.pid))), 20);
    await control.ask('BGSAVE');
    await write('c');
    await waitFor('the save', async () => String(await control.ask('INFO', 'persistence')).includes('rdb_bgsave_in_progress:0'), 120_000);
    clearInterval(timer);
    // Pages that a child process no longer shares count as well.
    const copied = Number(/rdb_last_cow_size:(\d+)/.exec(String(await control.ask('INFO', 'persistence')))?.[1] ?? 0);
    for (const each of [client, control]) each.close();
    const grown = most - before + copied;
    return { 'memory more during BGSAVE, all overwritten, MB': grown / 2 ** 20, 'of what there was, %': (grown / before) * 100 };
  });
}
