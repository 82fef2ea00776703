/**
 * A client that writes all the time and asks Sentinels where to: a batch every 10 ms over one connection. When that breaks, or nothing
 * is answered for a while, it asks every Sentinel at once and goes where the first says that it can.
 */
import { connectRaw } from '@larder/shared-testing';
import type { RawClient } from '@larder/shared-testing';

const PERIOD_MS = 10;
const BATCH = 10;
/** Unanswered for so long: the primary may have changed. */
const PATIENCE_MS = 100;

export class SteadyWriter {
  acknowledged = 0;
  /** When the last acknowledgement came, ms of performance.now(). */
  acknowledgedAt = 0;
  /** The longest time without one since `watch`. */
  gapMs = 0;
  private isOver = false;
  private readonly sentinelPorts: readonly number[];
  private readonly done: Promise<void>;

  constructor(sentinelPorts: readonly number[]) {
    this.sentinelPorts = sentinelPorts;
    this.done = this.run();
  }

  watch(): void {
    this.gapMs = 0;
    this.acknowledgedAt = performance.now();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.done;
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      const client = await this.connect();
      if (client === undefined) await pause();
      else await this.write(client);
      client?.close();
    }
  }

  /** Until something is wrong. */
  private async write(client: RawClient): Promise<void> {
    const commands = Array.from({ length: BATCH }, (_, i) => ['SET', `k${i}`, String(performance.now())]);
    while (!this.isOver) {
      try {
        const replies = await client.pipeline(commands);
        if (!replies.every((reply) => reply.raw.toString('latin1') === '+OK\r\n')) return;
      } catch {
        return;
      }
      const now = performance.now();
      this.gapMs = Math.max(this.gapMs, now - this.acknowledgedAt);
      this.acknowledgedAt = now;
      this.acknowledged += BATCH;
      await pause();
    }
  }

  private async connect(): Promise<RawClient | undefined> {
    const asked = this.sentinelPorts.map(async (port) => {
      const sentinel = await connectRaw({ port, timeoutMs: PATIENCE_MS });
      try {
        const [host, primary] = (await sentinel.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster')) as string[];
        const client = await connectSoon(host!, Number(primary));
        const [role] = (await client.ask('ROLE').catch(() => ['silent'])) as string[];
        if (role === 'master') return client;
        client.close();
        throw new Error(`port ${primary} is no primary`);
      } finally {
        sentinel.close();
      }
    });
    const first = await Promise.any(asked).catch(() => undefined);
    for (const one of asked) void one.then((client) => client !== first && client.close(), () => undefined);
    return first;
  }
}

/** Packets to a host that is cut off are lost without a word: who waits for the kernel waits for minutes. */
function connectSoon(host: string, port: number): Promise<RawClient> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new Error(`no connection to ${host}:${port}`));
    }, PATIENCE_MS);
    connectRaw({ host, port, timeoutMs: PATIENCE_MS }).then(
      (client) => {
        clearTimeout(timer);
        if (isLate) client.close();
        else resolve(client);
      },
      (error: unknown) => reject(error as Error),
    );
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
}
