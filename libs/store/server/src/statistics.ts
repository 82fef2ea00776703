/**
 * What INFO counts, of this thread. Each thread counts for itself and hands over to home when INFO asks, so that no counter is shared.
 */
import type { Figures } from './crew';
import type { StoreServer } from './store-server';

/** INFO errorstats does not grow with what clients make up. */
const ERROR_KINDS_MAX = 128;
/** A second; timers are early by a fraction. */
const SAMPLE_MS = 990;

type Rates = Record<'ops' | 'input' | 'output' | 'replicationInput' | 'replicationOutput', number>;

export class Statistics {
  connections = 0;
  rejectedConnections = 0;
  inputBytes = 0;
  outputBytes = 0;
  turns = 0;
  writes = 0;
  errorReplies = 0;
  /** INFO errorstats: by the error's first word. */
  readonly errors = new Map<string, number>();
  /** Commands and bytes a second, as of the last second. */
  readonly rates: Rates = { ops: 0, input: 0, output: 0, replicationInput: 0, replicationOutput: 0 };
  /** Bytes of memory: the most there were, and those before there was any data. */
  peakMemory = 0;
  startMemory = 0;

  private before: Rates = { ...this.rates };
  private sampledAt = 0;
  private readonly server: StoreServer;

  constructor(server: StoreServer) {
    this.server = server;
  }

  commandFailed(error: string): void {
    this.errorReplies++;
    const space = error.indexOf(' ');
    // The code ends at a space within the first 32 bytes, or there is none.
    const prefix = space < 0 || space > 30 ? 'ERR' : error.slice(0, space);
    const known = this.errors.get(prefix);
    if (known !== undefined || this.errors.size < ERROR_KINDS_MAX) this.errors.set(prefix, (known ?? 0) + 1);
  }

  /** The rates per second begin. */
  start(): void {
    this.sampledAt = this.server.monotonic();
  }

  /** At each tick. */
  cron(): void {
    const now = this.server.monotonic();
    if (now - this.sampledAt < SAMPLE_MS) return;
    const counts = this.counts();
    for (const name of Object.keys(counts) as (keyof Rates)[]) this.rates[name] = (Math.max(counts[name] - this.before[name], 0) * 1000) / (now - this.sampledAt);
    this.before = counts;
    this.sampledAt = now;
  }

  private counts(): Rates {
    const { dispatcher, replica, replication } = this.server;
    return { ops: dispatcher.executed, input: this.inputBytes, output: this.outputBytes, replicationInput: replica?.inputBytes ?? 0, replicationOutput: replication.outputBytes };
  }

  /** The counters begin again, the rates go on: of what was counted since the last second so much is left. */
  private rebase(counted: Rates): void {
    const counts = this.counts();
    for (const name of Object.keys(counts) as (keyof Rates)[]) this.before[name] += counts[name] - counted[name];
  }

  /** A rate over all threads, the others as of the last time that home asked them. */
  rate(name: keyof Rates): number {
    return this.rates[name] + this.gauge(name);
  }

  reset(): void {
    const { keyspace, dispatcher, replication, replica, memory } = this.server;
    const counted = this.counts();
    this.connections = this.rejectedConnections = this.errorReplies = 0;
    this.inputBytes = this.outputBytes = this.turns = this.writes = 0;
    this.errors.clear();
    replication.shared.links.resetCounters();
    if (replica !== null) replica.inputBytes = 0;
    keyspace.hits = keyspace.misses = keyspace.expiredKeys = keyspace.evictedKeys = 0;
    dispatcher.executed = 0;
    this.rebase(counted);
    for (const command of dispatcher.table.each()) {
      command.calls = command.rejected = command.failed = 0;
      command.timing.reset();
    }
    this.peakMemory = 0;
    memory.resetStatistics();
    this.server.defrag.resetStatistics();
    keyspace.queues.resetFreed();
  }

  /** This thread's counters, for home; `resets` them. */
  handOver(resets: boolean): Figures {
    const { keyspace, dispatcher, replication, observers, memory, connections } = this.server;
    const { hits, misses, expiredKeys, evictedKeys } = keyspace;
    const figures: Figures = {
      keyspace: [hits, misses, expiredKeys, evictedKeys, dispatcher.executed],
      server: [this.connections, this.rejectedConnections, this.inputBytes, this.outputBytes, this.turns, this.writes, this.errorReplies],
      commands: [...dispatcher.table.each()]
        .filter((command) => command.calls + command.rejected + command.failed > 0)
        .map(({ name, calls, rejected, failed, timing }) => ({ name, calls, rejected, failed, timing: resets ? timing.take() : { usec: 0, total: 0, buckets: null } })),
      errors: [...this.errors],
      gauges: {
        ...this.rates,
        replicationBytes: replication.outputBytes,
        ...observers.tracking.gauges,
        evictedClients: memory.evictedClients,
        blocked: dispatcher.waiters.all.size,
        timed: [...dispatcher.waiters.all].filter((blocked) => blocked.deadline > 0).length,
        largestInput: largest(connections.values(), ({ queryBytes }) => queryBytes),
        largestOutput: largest(connections.values(), ({ outputBytes }) => outputBytes),
        buffers: [...connections.values()].reduce((sum, { outputBytes, queryBytes }) => sum + outputBytes + queryBytes, 0),
      },
    };
    if (resets) {
      const counted = this.counts();
      keyspace.hits = keyspace.misses = keyspace.expiredKeys = keyspace.evictedKeys = 0;
      this.connections = this.rejectedConnections = this.inputBytes = this.outputBytes = 0;
      this.turns = this.writes = this.errorReplies = dispatcher.executed = 0;
      this.rebase(counted);
      this.errors.clear();
      for (const command of dispatcher.table.each()) command.calls = command.rejected = command.failed = 0;
    }
    return figures;
  }

  /** Counters of another thread become home's. */
  takeOver({ keyspace: keys, server, commands, errors }: Figures): void {
    const { keyspace, dispatcher } = this.server;
    keyspace.hits += keys[0]!;
    keyspace.misses += keys[1]!;
    keyspace.expiredKeys += keys[2]!;
    keyspace.evictedKeys += keys[3]!;
    const counted = this.counts();
    dispatcher.executed += keys[4]!;
    this.connections += server[0]!;
    this.rejectedConnections += server[1]!;
    this.inputBytes += server[2]!;
    this.outputBytes += server[3]!;
    this.rebase(counted);
    this.turns += server[4]!;
    this.writes += server[5]!;
    this.errorReplies += server[6]!;
    for (const { name, calls, rejected, failed, timing } of commands) {
      const command = dispatcher.table.named(name)!;
      command.calls += calls;
      command.rejected += rejected;
      command.failed += failed;
      command.timing.give(timing);
    }
    for (const [error, count] of errors) this.errors.set(error, (this.errors.get(error) ?? 0) + count);
  }

  /** The largest of a gauge's values over all other threads. */
  largest(name: string): number {
    return largest(this.server.crew?.gauges ?? [], (gauges) => gauges[name] ?? 0);
  }

  /** A gauge over all other threads, as of the last time that home asked them: see Crew.gatherFigures. */
  gauge(name: string): number {
    return (this.server.crew?.gauges ?? []).reduce((sum, gauges) => sum + (gauges[name] ?? 0), 0);
  }
}

export function largest<T>(all: Iterable<T>, size: (one: T) => number): number {
  let most = 0;
  for (const one of all) most = Math.max(most, size(one));
  return most;
}
