/**
 * Writers that remember what was acknowledged, and the judge of what a server has after a crash.
 *
 * Each writer counts for itself and does four things with each number n, in a pipeline of a few numbers:
 *
 *   SET seq:w n          the last number
 *   RPUSH log:w n        the whole history: after a crash a prefix without a gap
 *   MULTI, INCR a:w, INCR b:w, EXEC      both or neither
 *   SET k:w:(n mod 50) n                 something to overwrite
 */
import { encodeCommands, waitFor } from '@larder/shared-testing';
import type { Store } from '@larder/shared-testing';
import type { Random } from '../differential/random.ts';

interface Writer {
  readonly name: string;
  sent: number;
  acknowledged: number;
  /** When each number was acknowledged. */
  readonly times: number[];
}

export interface Verdict {
  /** Acknowledged numbers that are gone, and over which time they were acknowledged: up to the last acknowledgement of all. */
  readonly lost: number;
  readonly lostSpanMs: number;
  /** What no crash may do. */
  readonly faults: readonly string[];
}

export class Witness {
  readonly writers: Writer[];
  private isStopping = false;
  private readonly done: Promise<void>[] = [];
  /** Refusals, by their first word. */
  readonly refusals = new Map<string, number>();
  private readonly valueBytes: number;

  constructor(count: number, valueBytes = 0, prefix = 'w') {
    this.valueBytes = valueBytes;
    this.writers = Array.from({ length: count }, (_, i) => ({ name: `${prefix}${i}`, sent: 0, acknowledged: 0, times: [] }));
  }

  get acknowledged(): number {
    return this.writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
  }

  /** Writes until the server goes away or `stop`. */
  start(store: Store, random: Random): void {
    for (const writer of this.writers) this.done.push(this.write(store, writer, random.between(1, 6)));
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.done.splice(0));
    this.isStopping = false;
  }

  /** Something was acknowledged. */
  async underWay(): Promise<void> {
    await waitFor('the first acknowledgement', () => this.acknowledged > 0, 20_000);
  }

  /** The server is gone: nothing more will be acknowledged. */
  async ended(): Promise<void> {
    await Promise.all(this.done.splice(0));
  }

  private async write(store: Store, writer: Writer, depth: number): Promise<void> {
    try {
      const client = await store.connect(2, 30_000);
      const padding = 'x'.repeat(this.valueBytes);
      while (!this.isStopping) {
        const from = writer.sent + 1;
        const commands = Array.from({ length: depth }, (_, i) => from + i).flatMap((n) => [
          ['SET', `seq:${writer.name}`, String(n)],
          ['RPUSH', `log:${writer.name}`, String(n)],
          ['MULTI'], ['INCR', `a:${writer.name}`], ['INCR', `b:${writer.name}`], ['EXEC'],
          ['SET', `k:${writer.name}:${n % 50}`, `${n}${padding}`],
        ]);
        writer.sent += depth;
        const replies = await client.exchange(encodeCommands(commands), commands.length);
        const refused = replies.find((reply) => reply[0] === 45);
        if (refused !== undefined) {
          const word = refused.toString('latin1').slice(1).split(' ')[0]!;
          this.refusals.set(word, (this.refusals.get(word) ?? 0) + 1);
          return client.close();
        }
        writer.acknowledged = writer.sent;
        const now = performance.now();
        for (let i = 0; i < depth; i++) writer.times.push(now);
      }
      client.close();
    } catch {
      // The server went away: what was sent last is neither acknowledged nor certainly lost.
    }
  }

  /** What `store`, started again, has of it. */
  async judge(store: Store): Promise<Verdict> {
    const client = await store.connect(2, 30_000);
    const faults: string[] = [];
    let lost = 0;
    let first = Infinity;
    for (const { name, acknowledged, sent, times } of this.writers) {
      const number = Number((await client.ask('GET', `seq:${name}`)) ?? 0);
      const log = ((await client.ask('LRANGE', `log:${name}`, '0', '-1')) as string[]).map(Number);
      const [a, b] = [Number((await client.ask('GET', `a:${name}`)) ?? 0), Number((await client.ask('GET', `b:${name}`)) ?? 0)];
      if (log.some((n, i) => n !== i + 1)) faults.push(`log:${name} has a gap or something twice`);
      if (number > sent || log.length > sent) faults.push(`${name} has ${Math.max(number, log.length)} of ${sent} that were sent`);
      const wasRefused = this.refusals.size > 0; // in the middle of a number
      if (!wasRefused && log.length !== number && log.length !== number - 1) faults.push(`seq:${name} is ${number}, log:${name} has ${log.length}`);
      if (a !== b) faults.push(`a transaction of ${name} was torn: ${a} and ${b}`);
      if (!wasRefused && (a > log.length || a < log.length - 1)) faults.push(`a:${name} is ${a}, log:${name} has ${log.length}`);
      const kept = Math.min(number, log.length, a);
      if (kept >= acknowledged) continue;
      lost += acknowledged - kept;
      first = Math.min(first, times[kept]!);
    }
    client.close();
    const last = Math.max(...this.writers.map(({ times }) => times.at(-1) ?? 0));
    return { lost, lostSpanMs: lost === 0 ? 0 : last - first, faults };
  }
}
