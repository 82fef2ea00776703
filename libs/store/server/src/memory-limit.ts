/**
 * `maxmemory` and what goes when it is reached: keys by policy, clients by `maxmemory-clients`; how it goes: `lazyfree-*`. Follows the
 * settings.
 *
 * What counts is every byte of the arena and of the clients' buffers; the latter as they were at the last tick, for it would cost too
 * much to add them up before each command.
 */
import { HAS_MAXMEMORY, IS_REPLICA } from '@larder/store-dispatch';
import { Lfu } from '@larder/store-keyspace';
import { clientLimit, evictClients } from './client-eviction';
import { ClientTotals } from './client-totals';
import { Eviction } from './eviction';
import type { StoreServer } from './store-server';

export class MemoryLimit {
  readonly eviction: Eviction;
  /** Of all clients, at the last tick. */
  bufferBytes = 0;
  private readonly totals: ClientTotals;
  evictedClients = 0;
  /** `maxmemory-clients` in bytes; Infinity without it. */
  private clientBytesMax = Infinity;
  private isEvictionDue = false;
  private readonly server: StoreServer;
  private readonly lfu: Lfu;
  private readonly maxmemory: { readonly value: number };

  constructor(server: StoreServer) {
    this.server = server;
    this.totals = new ClientTotals(server);
    this.lfu = new Lfu(() => server.random32());
    this.maxmemory = server.settings.numberCell('maxmemory');
    this.eviction = new Eviction({
      keyspace: server.keyspace,
      random32: () => server.random32(),
      monotonic: () => server.monotonic(),
      withShard: (shard, work) => server.withShard(shard, work),
      latency: { isOn: () => server.latency.thresholdMs > 0, add: (event, ms) => server.noteLatency(event, ms) },
      used: () => server.arena.used + this.bufferBytes,
    });
  }

  /** Takes the settings over, now and whenever they change. */
  follow(): void {
    const { settings, dispatcher, keyspace } = this.server;
    const apply = (): void => {
      if (this.maxmemory.value > 0) dispatcher.conditions |= HAS_MAXMEMORY;
      else dispatcher.conditions &= ~HAS_MAXMEMORY;
      this.eviction.policy = settings.shown('maxmemory-policy');
      this.eviction.samples = settings.number('maxmemory-samples');
      this.eviction.tenacity = settings.number('maxmemory-eviction-tenacity');
      this.lfu.logFactor = settings.number('lfu-log-factor');
      this.lfu.decayMinutes = settings.number('lfu-decay-time');
      keyspace.lfu = this.eviction.countsAccesses ? this.lfu : null;
      this.readClock();
      this.clientBytesMax = clientLimit(this.server) || Infinity;
      keyspace.lazy.expire = settings.flag('lazyfree-lazy-expire');
      keyspace.lazy.eviction = settings.flag('lazyfree-lazy-eviction');
      keyspace.lazy.overwrite = settings.flag('lazyfree-lazy-server-del');
      keyspace.lazy.del = settings.flag('lazyfree-lazy-user-del');
      keyspace.lazy.flush = settings.flag('lazyfree-lazy-user-flush');
    };
    apply();
    settings.onChange(['lazyfree-lazy-expire', 'lazyfree-lazy-eviction', 'lazyfree-lazy-server-del', 'lazyfree-lazy-user-del', 'lazyfree-lazy-user-flush'], apply);
    settings.onChange(['maxmemory-clients', 'maxmemory', 'maxmemory-policy', 'maxmemory-samples', 'maxmemory-eviction-tenacity', 'lfu-log-factor', 'lfu-decay-time'], apply);
  }

  /** The access clock of new keys, as of the keyspace's time. */
  readClock(): void {
    const { keyspace } = this.server;
    keyspace.accessClock = keyspace.lfu === null ? Math.floor(keyspace.now / 1000) & 0xffffff : Lfu.fresh(keyspace.now);
  }

  /** A replica leaves it to its primary. */
  private get isExempt(): boolean {
    const { dispatcher, settings } = this.server;
    return (dispatcher.conditions & IS_REPLICA) !== 0 && settings.flag('replica-ignore-maxmemory');
  }

  makeRoom(isHungry: boolean): boolean {
    return this.isExempt || this.eviction.makeRoom(this.maxmemory.value, isHungry);
  }

  get isExceeded(): boolean {
    return this.maxmemory.value > 0 && this.server.arena.used + this.bufferBytes > this.maxmemory.value && !this.isExempt;
  }

  /** One client has so many bytes waiting: too many alone, and the next tick would be late. */
  clientGrew(bytes: number): void {
    if (bytes < this.clientBytesMax || this.isEvictionDue) return;
    this.isEvictionDue = true;
    this.server.clock.setTimer(0, () => {
      this.isEvictionDue = false;
      this.server.turn(() => this.cron());
    });
  }

  /** At each tick. */
  cron(): void {
    this.evictedClients += evictClients(this.server, this.totals);
    this.bufferBytes = this.totals.own.buffers + this.totals.others.buffers;
    this.server.statistics.peakMemory = Math.max(this.server.statistics.peakMemory, this.server.arena.used + this.bufferBytes);
  }

  resetStatistics(): void {
    this.evictedClients = 0;
    this.eviction.exceededMs = 0;
    if (this.eviction.exceededSince !== 0) this.eviction.exceededSince = this.server.monotonic();
  }
}
