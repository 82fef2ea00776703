/** A primary with replicas (redis-server's, unless told otherwise) and the Sentinels that watch it. */
import type { Store, StoreKind } from '@larder/shared-testing';
import { startStore, waitFor } from '@larder/shared-testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SentinelKind } from './sentinel-process.ts';
import { SentinelProcess } from './sentinel-process.ts';

export interface WatchedOptions {
  readonly sentinels: readonly SentinelKind[];
  readonly replicas?: number;
  readonly quorum?: number;
  readonly downAfterMs?: number;
  readonly server?: StoreKind;
  /** With the periods that a Sentinel has by itself. */
  readonly isSlow?: boolean;
  /** More lines of every Sentinel's configuration. */
  readonly lines?: readonly string[];
  readonly serverArgs?: readonly string[];
}

/** Shortens what tests would wait for; both kinds have it. */
const QUICK = ['info-period', '1000', 'publish-period', '500'];

export class Watched {
  readonly servers = new Map<number, Store>();
  sentinels: SentinelProcess[] = [];
  private readonly options: WatchedOptions;
  private readonly dirs: string[] = [];

  private constructor(options: WatchedOptions) {
    this.options = options;
  }

  static async start(options: WatchedOptions): Promise<Watched> {
    const watched = new Watched(options);
    try {
      const primary = await watched.startServer();
      for (let i = 0; i < (options.replicas ?? 2); i++) await watched.startServer(['--replicaof', `127.0.0.1 ${primary.port}`]);
      await watched.replicasLinked(primary.port);
      for (const kind of options.sentinels) await watched.addSentinel(kind, primary.port);
      await watched.known();
      return watched;
    } catch (error) {
      await watched.stop();
      throw error;
    }
  }

  async startServer(args: readonly string[] = [], port?: number): Promise<Store> {
    const dir = mkdtempSync(join(tmpdir(), 'larder-watched-'));
    this.dirs.push(dir);
    const store = await startStore({
      kind: this.options.server ?? 'redis-server', dir, args: ['--repl-diskless-sync-delay', '0', ...(this.options.serverArgs ?? []), ...args], ...(port === undefined ? {} : { port }),
    });
    this.servers.set(store.port, store);
    return store;
  }

  async addSentinel(kind: SentinelKind, primaryPort: number): Promise<SentinelProcess> {
    const { quorum, sentinels, downAfterMs, lines } = this.options;
    const sentinel = await SentinelProcess.start(kind, [
      `sentinel monitor mymaster 127.0.0.1 ${primaryPort} ${quorum ?? Math.floor(sentinels.length / 2) + 1}`,
      `sentinel down-after-milliseconds mymaster ${downAfterMs ?? 1000}`,
      'sentinel failover-timeout mymaster 6000',
      ...(lines ?? []),
    ]);
    this.sentinels.push(sentinel);
    if (this.options.isSlow !== true) await sentinel.ask('SENTINEL', 'DEBUG', ...QUICK);
    return sentinel;
  }

  async replicasLinked(primaryPort: number): Promise<void> {
    const client = await this.servers.get(primaryPort)!.connect();
    const others = [...this.servers.values()].filter((server) => server.isRunning).length - 1;
    await waitFor(`${others} replicas of ${primaryPort}`, async () => {
      const info = String(await client.ask('INFO', 'replication'));
      return (info.match(/state=online/g) ?? []).length === others;
    }, 30_000);
    client.close();
  }

  /** Every Sentinel knows every other and all replicas, and finds all well. */
  async known(): Promise<void> {
    await waitFor('the Sentinels to know each other and all replicas', async () => {
      for (const sentinel of this.sentinels) {
        const fields = await sentinel.fields('MASTER', 'mymaster');
        if (fields.get('flags') !== 'master' || fields.get('num-other-sentinels') !== String(this.sentinels.length - 1)) return false;
        const replicas = await sentinel.all('REPLICAS', 'mymaster');
        const well = replicas.filter((replica) => replica.get('flags') === 'slave' && replica.get('master-link-status') === 'ok');
        if (well.length !== this.servers.size - 1) return false;
      }
      return true;
    }, 40_000);
  }

  /** Kills the primary and waits until all Sentinels name the same other one; its port. */
  async failOver(): Promise<number> {
    const before = await this.sentinels[0]!.primaryPort();
    await this.servers.get(before)!.kill('SIGKILL');
    return this.switchedFrom(before);
  }

  async switchedFrom(before: number): Promise<number> {
    return waitFor('all Sentinels to name the new primary', async () => {
      const ports = await Promise.all(this.sentinels.map((sentinel) => sentinel.primaryPort()));
      const fields = await Promise.all(this.sentinels.map((sentinel) => sentinel.fields('MASTER', 'mymaster')));
      const isDone = fields.every((of) => of.get('flags') === 'master' && of.get('port') === String(ports[0]));
      return isDone && ports[0] !== before && ports.every((port) => port === ports[0]) ? ports[0] : false;
    }, 40_000);
  }

  /** The dead one comes back, as the primary that it thinks it is. */
  async revive(port: number): Promise<void> {
    this.servers.delete(port);
    await this.startServer([], port);
  }

  /** Elected leaders, as their events tell: one line each. */
  elections(): { sentinel: SentinelProcess; epoch: number }[] {
    return this.sentinels.flatMap((sentinel) => {
      const leaders: { sentinel: SentinelProcess; epoch: number }[] = [];
      let epoch = 0;
      for (const { channel, message } of sentinel.events) {
        if (channel === '+new-epoch') epoch = Number(message);
        if (channel === '+elected-leader') leaders.push({ sentinel, epoch });
      }
      return leaders;
    });
  }

  async stop(): Promise<void> {
    for (const sentinel of this.sentinels) await sentinel.remove();
    for (const server of this.servers.values()) await server.kill('SIGKILL');
    for (const dir of this.dirs) rmSync(dir, { recursive: true, force: true });
  }
}
