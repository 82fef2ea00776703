/**
 * What the server does by itself, `hz` times a second. Work that may be much (the dead, what is over the limit) goes in slices of 1 ms;
 * while there is more of it the next slice follows soon, not at the next tick. With `dynamic-hz`, one that has next to nothing to do
 * ticks once a second only, on the second, when a replica reports to its primary as well; further threads, which have nothing to do by
 * themselves but count, every other second: most of what an idle server costs is waking up.
 */
import type { Timer } from '@larder/shared-std';
import { IS_LOADING, IS_REPLICA } from '@larder/store-dispatch';
import type { StoreServer } from './store-server';

/** Between two slices of upkeep while there is much of it: at 1 ms a slice a fifth of the time at most. */
const UPKEEP_PAUSE_MS = 4;
const IDLE_TICK_MS = 1000;
const IDLE_TICK_ELSEWHERE_MS = 2000;
/** Reads of connections in a second that count as next to nothing: Sentinels, and a look now and then. */
const IDLE_TURNS_MAX = 40;

/** Milliseconds until the clock shows a multiple of the period, not the one that it shows nearly. */
export function untilNext(now: number, periodMs: number): number {
  const left = Math.ceil(periodMs - (now % periodMs));
  return left < periodMs / 10 ? left + periodMs : left;
}

export class Cron {
  /** DEBUG PAUSE-CRON. */
  isPaused = false;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  expires = true;
  private timer: Timer | null = null;
  private upkeepTimer: Timer | null = null;
  private readonly server: StoreServer;
  private turnsBefore = 0;
  private tickedAt = 0;
  /** Clients have not read all that was written to them. */
  private hasOutput = false;

  constructor(server: StoreServer) {
    this.server = server;
  }

  start(): void {
    const { server } = this;
    const tick = () => {
      this.timer = server.clock.setTimer(this.periodMs(), tick);
      if (!this.isPaused) server.turn(() => this.run());
    };
    server.statistics.start();
    tick();
  }

  stop(): void {
    this.timer?.cancel();
    this.upkeepTimer?.cancel();
  }

  private periodMs(): number {
    const { server } = this;
    const { settings, statistics, expiry, keyspace } = server;
    const now = server.monotonic();
    const isIdle = server.isSentinel || (statistics.turns - this.turnsBefore) * 1000 <= IDLE_TURNS_MAX * (now - this.tickedAt);
    this.turnsBefore = statistics.turns;
    this.tickedAt = now;
    const periodMs = 1000 / settings.number('hz');
    const expires = server.threadIndex === 0 && !keyspace.hides && (expiry.hasKeys || keyspace.hasFieldTimes);
    if (!isIdle || expires || server.memory.isExceeded || !settings.flag('dynamic-hz')) return periodMs;
    // What is to be done at a time of its own: idle clients, and those that do not read.
    const isTimed = settings.number('timeout') > 0 || this.hasOutput;
    const idleMs = server.threadIndex === 0 || isTimed ? IDLE_TICK_MS : IDLE_TICK_ELSEWHERE_MS;
    return Math.max(periodMs, untilNext(now, idleMs));
  }

  private get isLoading(): boolean {
    return (this.server.dispatcher.conditions & IS_LOADING) !== 0;
  }

  private run(): void {
    const { server } = this;
    this.upkeep();
    this.hasOutput = false;
    for (const connection of [...server.connections.values()]) {
      if (connection.outputBytes === 0) continue;
      this.hasOutput = true;
      server.checkOutputLimit(connection);
    }
    server.memory.cron();
    if (!this.isLoading) server.persistence?.cron();
    server.replication.cron();
    server.keptJournal?.read();
    server.statistics.cron();
    this.closeIdle();
  }

  /** What is dead or too much goes, a slice at a time. */
  private upkeep(): void {
    const { server } = this;
    if (server.pause.isActive || server.threadIndex !== 0 || this.isLoading) return;
    const expires = this.expires && (server.dispatcher.conditions & IS_REPLICA) === 0;
    const startedAt = server.monotonic();
    let hasMore = expires && server.expiry.run();
    if (expires && server.fieldExpiry.run()) hasMore = true;
    if (server.latency.thresholdMs > 0) server.noteLatency('expire-cycle', server.monotonic() - startedAt);
    if (server.memory.isExceeded && server.makeRoom(false) && server.memory.isExceeded) hasMore = true;
    if (!hasMore || this.upkeepTimer !== null) return;
    this.upkeepTimer = server.clock.setTimer(UPKEEP_PAUSE_MS, () => {
      this.upkeepTimer = null;
      server.turn(() => this.upkeep());
    });
  }

  /** `timeout`: clients that wait for nothing and say nothing. */
  private closeIdle(): void {
    const { server } = this;
    const idleMs = server.settings.number('timeout') * 1000;
    if (idleMs === 0) return;
    for (const connection of [...server.connections.values()]) {
      const exempt = connection.link !== null || server.observers.monitors.has(connection) || connection.blocked !== null || connection.channels.size + connection.patterns.size + connection.shardChannels.size > 0;
      if (!exempt && server.keyspace.now - connection.activeAt > idleMs) {
        server.log.verbose('Closing idle client');
        connection.end(false);
      }
    }
  }
}
