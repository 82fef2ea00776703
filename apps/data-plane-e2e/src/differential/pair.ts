/**
 * The two servers of a comparison, each with one RESP2 and one RESP3 connection for data and one for control.
 *
 * A server is either started here (and started again when it died) or somebody else's, named by its port.
 */
import { startStore } from '@larder/shared-testing';
import type { Command, RawClient, Store, StoreKind } from '@larder/shared-testing';
import { connectRaw } from '@larder/shared-testing';

export interface Endpoint {
  readonly name: string;
  port: number;
  store: Store | undefined;
  readonly start: () => Promise<Store | undefined>;
}

export interface Lines {
  readonly 2: RawClient;
  readonly 3: RawClient;
}

/** Settings of both servers before each epoch: the defaults, or small limits so that encodings change early. */
export type Baseline = readonly Command[];

const LIMITS = ['hash-max-listpack-entries', 'hash-max-listpack-value', 'set-max-intset-entries', 'zset-max-listpack-entries', 'zset-max-listpack-value', 'list-max-listpack-size', 'stream-node-max-entries', 'hll-sparse-max-bytes'];
const DEFAULTS = ['128', '64', '512', '128', '64', '-2', '100', '3000'];
const SMALL = ['6', '20', '8', '6', '20', '3', '4', '60'];

export function baseline(hasSmallLimits: boolean, more: readonly Command[] = []): Baseline {
  const values = hasSmallLimits ? SMALL : DEFAULTS;
  return [
    ...LIMITS.map((name, at) => ['CONFIG', 'SET', name, values[at]!]),
    ['CONFIG', 'SET', 'rdbcompression', 'no'],
    ['CONFIG', 'SET', 'maxmemory', '0'],
    ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction'],
    ['CONFIG', 'SET', 'maxmemory-samples', '5'],
    ['SCRIPT', 'FLUSH'],
    ['FUNCTION', 'FLUSH'],
    ...more,
    ['FLUSHALL'],
  ];
}

/** `redis-server`, `larder-server` (with further arguments), or `host:port`/`port` of a running one. */
export function endpoint(what: string, args: readonly string[] = []): Endpoint {
  if (/^(.*:)?\d+$/.test(what)) {
    return { name: what, port: Number(what.split(':').at(-1)), store: undefined, start: async () => undefined };
  }
  return { name: what, port: 0, store: undefined, start: () => startStore({ kind: what as StoreKind, args: ['--enable-debug-command', 'yes', ...args] }) };
}

export class Pair {
  readonly reference: Endpoint;
  readonly target: Endpoint;
  private lines: { reference: Lines; target: Lines } | undefined;
  private protocol: 2 | 3 | undefined;
  private control: { reference: RawClient; target: RawClient } | undefined;

  /** Of the baseline, what the target answers with an error. */
  refusedSettings: readonly string[] = [];

  private readonly replyMs: number;

  /** `replyMs`: a server that does not answer for so long hangs. */
  constructor(reference: Endpoint, target: Endpoint, replyMs = 10_000) {
    this.reference = reference;
    this.target = target;
    this.replyMs = replyMs;
  }

  get sides(): readonly Endpoint[] {
    return [this.reference, this.target];
  }

  /** Starts what is not running. */
  async ensureRunning(): Promise<void> {
    for (const side of this.sides) {
      if (side.store?.isRunning === true || (side.port !== 0 && side.store === undefined)) continue;
      side.store = await side.start();
      if (side.store !== undefined) side.port = side.store.port;
    }
  }

  /** Fresh connections, empty servers, known settings. A server that dies of it is started once more. */
  async reset(settings: Baseline): Promise<void> {
    try {
      await this.tryReset(settings);
    } catch {
      for (const side of this.sides) await side.store?.kill();
      await this.tryReset(settings);
    }
  }

  private async tryReset(settings: Baseline): Promise<void> {
    this.disconnect();
    await this.ensureRunning();
    for (const side of this.sides) {
      const client = await connectRaw({ port: side.port, timeoutMs: this.replyMs });
      const replies = await client.pipeline(settings);
      client.close();
      if (side === this.target) this.refusedSettings = settings.filter((_, at) => replies[at]!.value().type === '-').map((command) => command.join(' '));
      if (replies.at(-1)!.value().type !== '-' || side.store === undefined) continue;
      // A server that cannot empty itself yet is started again.
      await side.store.kill();
      await this.ensureRunning();
    }
    await this.connections();
  }

  async connections(): Promise<{ reference: Lines; target: Lines }> {
    const resp3 = await this.highestProtocol();
    this.lines ??= { reference: await linesTo(this.reference, resp3, this.replyMs), target: await linesTo(this.target, resp3, this.replyMs) };
    return this.lines;
  }

  /** A target without HELLO is compared in RESP2 alone (that it has HELLO is for the list of expected commands to say). */
  private async highestProtocol(): Promise<2 | 3> {
    if (this.protocol === undefined) {
      const probe = await connectRaw({ port: this.target.port, timeoutMs: this.replyMs });
      this.protocol = (await probe.command('HELLO', '3')).value().type === '-' ? 2 : 3;
      probe.close();
    }
    return this.protocol;
  }

  async controls(): Promise<{ reference: RawClient; target: RawClient }> {
    this.control ??= {
      reference: await connectRaw({ port: this.reference.port, timeoutMs: this.replyMs }),
      target: await connectRaw({ port: this.target.port, timeoutMs: this.replyMs }),
    };
    return this.control;
  }

  disconnect(): void {
    for (const side of [this.lines?.reference, this.lines?.target]) {
      side?.[2].close();
      side?.[3].close();
    }
    this.control?.reference.close();
    this.control?.target.close();
    this.lines = undefined;
    this.control = undefined;
  }

  /** For messages: why the target may be gone. */
  targetEpitaph(): string {
    const { store } = this.target;
    return store === undefined || store.isRunning ? '' : `the process is gone; its log ends:\n${store.log().slice(-2_000)}`;
  }

  async stop(): Promise<void> {
    this.disconnect();
    await Promise.all(this.sides.map((side) => side.store?.kill()));
  }
}

async function linesTo({ port }: Endpoint, highest: 2 | 3, timeoutMs: number): Promise<Lines> {
  return { 2: await connectRaw({ port, timeoutMs, protocol: 2 }), 3: await connectRaw({ port, timeoutMs, protocol: highest }) };
}
