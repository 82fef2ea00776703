/**
 * Full load for a long time, with commands that stop all threads mixed in:
 *
 *   node apps/data-plane-e2e/src/linearizability/soak.ts --minutes 30 --threads 2
 *   node …/soak.ts --server redis --minutes 1
 *
 * Red (exit 1) when a connection gets nothing for ten seconds, when the server ends, or when its memory grows though the keys are
 * the same all the time. Told: the longest stall that PING met, beside the longest that PING met meanwhile on an idle server of the same
 * kind (what the machine does to both), and how long the exclusive commands took.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { parseArgs } from 'node:util';
import { toolPath } from '@larder/shared-testing';
import type { Command, RawClient, Store } from '@larder/shared-testing';
import { residentBytes } from '../bench/measure.ts';
import { seededRandom } from '../differential/random.ts';
import type { Random } from '../differential/random.ts';
import { declared, undeclared } from './model/scripts.ts';
import { startServer } from './server.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    threads: { type: 'string', default: '2' },
    server: { type: 'string', default: 'larder' },
    clients: { type: 'string', default: '16' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

const STUCK_MS = 10_000;
const LOOK_MS = 1_000;
const PROBE_PAUSE_MS = 1;
const EXCLUSIVE_PAUSE_MS = 5;
/** How much memory may wander: freed and reused space, buffers of sockets. */
const GROWTH_MAX = { share: 0.05, bytes: 16 << 20 };
const KEYS = 5_000;
const WALKS = new Set(['KEYS', 'SAVE']);

class Latencies {
  readonly samples: number[] = [];
  add(ms: number): void {
    this.samples.push(ms);
  }
  text(): string {
    const ordered = this.samples.sort((a, b) => a - b);
    const at = (share: number): string => (ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? 0).toFixed(2);
    return `${ordered.length} times, p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)} ms`;
  }
}

interface Worker {
  readonly name: string;
  progress: number;
  progressedAt: number;
  last: string;
}

class Soak {
  private readonly store: Store;
  private readonly idle: Store;
  private readonly workers: Worker[] = [];
  private readonly exclusive = new Map<string, Latencies>();
  private readonly probes = new Latencies();
  private readonly idleProbes = new Latencies();
  /** PING while a command walks over all keys, which takes its time on any server. */
  private readonly walkProbes = new Latencies();
  private walks = 0;
  private walksEver = 0;
  private readonly memory: number[] = [];
  private readonly faults: string[] = [];
  private isOver = false;
  private commands = 0;

  constructor(store: Store, idle: Store) {
    this.store = store;
    this.idle = idle;
  }

  async run(minutes: number, clients: number, seed: number): Promise<readonly string[]> {
    const generator = this.generate();
    const jobs = [
      ...Array.from({ length: clients }, (_, at) => this.work(`client ${at}`, seededRandom(seed + at), (client, random, worker) => this.mixed(client, random, worker))),
      ...[0, 1].map((at) => this.work(`exclusive ${at}`, seededRandom(seed + 1_000 + at), (client, random, worker) => this.oneExclusive(client, random, worker))),
      this.work('probe', seededRandom(seed), (client) => this.probe(client, this.probes)),
      this.work('idle probe', seededRandom(seed), (client) => this.probe(client, this.idleProbes), this.idle),
    ];
    const end = Date.now() + minutes * 60_000;
    while (Date.now() < end && this.faults.length === 0) {
      await pause(LOOK_MS);
      this.look();
    }
    this.isOver = true;
    generator?.kill('SIGKILL');
    await Promise.race([Promise.allSettled(jobs), pause(STUCK_MS)]);
    this.judgeMemory();
    this.tell(minutes);
    return this.faults;
  }

  /** What keeps the machine busy; our own clients are too slow for that. */
  private generate(): ChildProcess | undefined {
    if (toolPath('redis-benchmark') === undefined) return undefined;
    const tests = 'set,get,incr,sadd,hset,spop,zadd,zpopmin,mset';
    return spawn('redis-benchmark', ['-p', String(this.store.port), '-t', tests, '-l', '-q', '-P', '16', '-c', '32', '-r', '100000', '-n', '200000', '-d', '32'], { stdio: 'ignore' });
  }

  private async work(name: string, random: Random, turn: (client: RawClient, random: Random, worker: Worker) => Promise<void>, store = this.store): Promise<void> {
    const worker: Worker = { name, progress: 0, progressedAt: Date.now(), last: '' };
    this.workers.push(worker);
    const client = await store.connect(2, 3 * STUCK_MS);
    try {
      while (!this.isOver) {
        await turn(client, random, worker);
        worker.progress++;
        worker.progressedAt = Date.now();
      }
    } catch (error) {
      if (!this.isOver) this.faults.push(`${name}: ${String(error)} (${worker.last})`);
    } finally {
      client.close();
    }
  }

  private async mixed(client: RawClient, random: Random, worker: Worker): Promise<void> {
    const key = (type: string): string => `soak:${type}:${random.between(0, KEYS)}`;
    const value = (): string => 'v'.repeat(random.between(1, 200));
    const choices: readonly (() => readonly Command[])[] = [
      () => [['SET', key('s'), value()], ['GET', key('s')]], () => [['SET', key('t'), value(), 'PX', '500']], () => [['INCR', key('n')]], () => [['MSET', key('s'), value(), key('s'), value()], ['MGET', key('s'), key('s'), key('s')]],
      () => [['LPUSH', key('l'), value()], ['LTRIM', key('l'), '0', '20']], () => [['LRANGE', key('l'), '0', '-1']], () => [['LMOVE', key('l'), key('l'), 'LEFT', 'RIGHT']], () => [['HSET', key('h'), `f${random.between(0, 30)}`, value()], ['HGETALL', key('h')]],
      () => [['SADD', key('m'), `m${random.between(0, 50)}`], ['SPOP', key('m')]], () => [['ZADD', key('z'), String(random.between(0, 99)), `m${random.between(0, 50)}`], ['ZPOPMIN', key('z')]], () => [['BLPOP', key('l'), key('q'), '0.01']],
      () => [['MULTI'], ['INCR', key('n')], ['SET', key('s'), value()], ['RENAME', key('s'), key('s')], ['EXEC']], () => [declared('add', [key('n')], ['1'])], () => [declared('transfer', [key('n'), key('n')], ['1'])],
      () => [['WATCH', key('n')], ['MULTI'], ['INCR', key('n')], ['EXEC']], () => [['PUBLISH', 'soak', value()]], () => [['DEL', key('h'), key('z'), key('m')]], () => [['SCAN', '0', 'COUNT', '20']], () => [['XADD', key('x'), 'MAXLEN', '20', '*', 'f', value()]],
    ];
    const batch = Array.from({ length: random.between(1, 10) }, () => random.pick(choices)()).flat();
    worker.last = batch.map((command) => command[0]).join(' ');
    await client.pipeline(batch);
    this.commands += batch.length;
  }

  private async oneExclusive(client: RawClient, random: Random, worker: Worker): Promise<void> {
    const chosen = random.pick<readonly Command[]>([
      [['CONFIG', 'SET', 'maxmemory-samples', String(random.between(3, 9))]], [['CONFIG', 'SET', 'maxmemory-samples', '5']], [['DBSIZE']], [['SCRIPT', 'LOAD', `return ${random.between(0, 20)}`]], [['SCRIPT', 'EXISTS', 'x']],
      [['KEYS', 'nothing-is-called-so*']], [['RANDOMKEY']], [['INFO']], [['CLIENT', 'LIST']], [undeclared('sum', ['soak:n:1', 'soak:n:2', 'soak:n:3'], [])],
      [['SELECT', '9'], ['MSET', 'a', '1', 'b', '2', 'c', '3'], ['FLUSHDB'], ['SELECT', '0']],
      [['MULTI'], ['MSET', ...Array.from({ length: 20 }, (_, at) => [`soak:s:${at}`, 'v']).flat()], ['EXEC']],
      ...(random.chance(0.02) ? [[['BGSAVE']], [['SAVE']], [['SCRIPT', 'FLUSH']]] : []),
    ]);
    const name = chosen.map((command) => (command[0] === 'CONFIG' || command[0] === 'SCRIPT' || command[0] === 'CLIENT' ? command.slice(0, 2).join(' ') : command[0])).join(' ');
    worker.last = name;
    const from = performance.now();
    const walk = WALKS.has(name) ? 1 : 0;
    this.walks += walk;
    this.walksEver += walk;
    await client.pipeline(chosen).finally(() => (this.walks -= walk));
    const ms = performance.now() - from;
    let latencies = this.exclusive.get(name);
    if (latencies === undefined) this.exclusive.set(name, (latencies = new Latencies()));
    latencies.add(ms);
    await pause(EXCLUSIVE_PAUSE_MS);
  }

  private async probe(client: RawClient, latencies: Latencies): Promise<void> {
    const from = performance.now();
    const [walks, walksEver] = [this.walks, this.walksEver];
    await client.ask('PING');
    const isBesideWalk = latencies === this.probes && (walks > 0 || walksEver !== this.walksEver);
    (isBesideWalk ? this.walkProbes : latencies).add(performance.now() - from);
    await pause(PROBE_PAUSE_MS);
  }

  private look(): void {
    if (!this.store.isRunning) return void this.faults.push(`the server is gone; its log ends:\n${this.store.log().slice(-3_000)}`);
    this.memory.push(residentBytes(this.store.pid));
    const now = Date.now();
    for (const { name, progressedAt, last } of this.workers) if (now - progressedAt > STUCK_MS) this.faults.push(`${name} got nothing for ${now - progressedAt} ms, waiting for ${last}`);
    if (this.memory.length % 60 === 0) console.log(`${this.memory.length} s: ${this.commands} commands of our own clients, RSS ${(this.memory.at(-1)! / 2 ** 20).toFixed(1)} MiB`);
  }

  /** The last quarter beside the second one: the first is for warming up. */
  private judgeMemory(): void {
    const quarter = Math.floor(this.memory.length / 4);
    if (quarter < 5) return;
    const middle = (from: number): number => this.memory.slice(from, from + quarter).sort((a, b) => a - b)[quarter >> 1]!;
    const [early, late] = [middle(quarter), middle(3 * quarter)];
    if (late - early > early * GROWTH_MAX.share + GROWTH_MAX.bytes) this.faults.push(`RSS grew from ${early} to ${late} bytes`);
    console.log(`RSS: ${(early / 2 ** 20).toFixed(1)} MiB in the second quarter, ${(late / 2 ** 20).toFixed(1)} MiB in the last`);
  }

  private tell(minutes: number): void {
    console.log(`${values.server}, threads ${values.threads}, ${minutes} minutes, seed ${values.seed}: ${this.commands} commands of our own clients beside redis-benchmark`);
    console.log(`PING at full load: ${this.probes.text()}`);
    console.log(`PING while ${[...WALKS].join(', ')} run: ${this.walkProbes.text()}`);
    console.log(`PING on an idle server beside: ${this.idleProbes.text()}`);
    for (const [name, latencies] of [...this.exclusive].sort()) console.log(`  ${name}: ${latencies.text()}`);
    console.log(`fewest turns of a client: ${Math.min(...this.workers.map(({ progress }) => progress))}`);
  }
}

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

async function main(): Promise<void> {
  const kind = values.server === 'redis' ? 'redis-server' : 'larder-server';
  const store = await startServer({ kind, threads: Number(values.threads), more: kind === 'larder-server' ? ['--debug-assert-shards', 'no'] : [] });
  const idle = await startServer({ kind, threads: Number(values.threads) });
  try {
    const faults = await new Soak(store, idle).run(Number(values.minutes), Number(values.clients), Number(values.seed));
    for (const fault of faults) console.log(fault);
    console.log(faults.length === 0 ? 'green' : 'red');
    process.exitCode = faults.length === 0 ? 0 : 1;
  } finally {
    await Promise.all([store.kill(), idle.kill()]);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 2;
});
