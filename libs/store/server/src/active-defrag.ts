/**
 * `activedefrag`: when values are moved together (keyspace/defragmentation.ts), and how eagerly. Slices of 1 ms; the pauses between them
 * make the share of a processor that `active-defrag-cycle-min` and `-max` allow, the more the worse it is.
 *
 * Fragmentation is what pages take beyond what lies in them. A walk over all keys follows the other until it is below
 * `active-defrag-threshold-lower`; one that found little to move is not repeated soon.
 */
import type { Timer } from '@larder/shared-std';
import { IS_LOADING } from '@larder/store-dispatch';
import { Defragmentation } from '@larder/store-keyspace';
import type { StoreServer } from './store-server';

const SLICE_MS_MAX = 1;
/** How often it is looked at whether there is something to do. */
const LOOK_MS = 1000;
/** After a walk that moved less than a hundredth of what it looked at. */
const FUTILE_LOOK_MS = 60_000;

export class ActiveDefrag {
  readonly moves: Defragmentation;
  /** Percent of a processor; 0 while nothing is moved. */
  effort = 0;
  private ms = 0;
  private startedAt = 0;
  private timer: Timer | null = null;
  private hitsBefore = 0;
  private looksBefore = 0;
  private readonly server: StoreServer;

  constructor(server: StoreServer) {
    this.server = server;
    this.moves = new Defragmentation(server.keyspace, (shard, work) => server.withShard(shard, work));
    if (server.threadIndex !== 0) return;
    const follow = (): void => {
      this.stop();
      if (server.settings.flag('activedefrag')) this.wait(0);
    };
    follow();
    server.settings.onChange('activedefrag', follow);
  }

  /** INFO: milliseconds in which something was moved, in all and in this run. */
  get totalMs(): number {
    return Math.floor(this.ms + this.currentMs);
  }

  get currentMs(): number {
    return this.effort === 0 ? 0 : Math.floor(this.server.monotonic() - this.startedAt);
  }

  resetStatistics(): void {
    const { moves } = this;
    moves.hits = moves.misses = moves.keyHits = moves.keyMisses = this.hitsBefore = this.looksBefore = 0;
    this.ms = 0;
    this.startedAt = this.server.monotonic();
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = null;
    this.end();
  }

  private wait(ms: number): void {
    this.timer = this.server.clock.setTimer(ms, () => {
      this.timer = null;
      this.server.turn(() => this.work());
      if (this.timer === null) this.wait(LOOK_MS); // a busy script of another thread kept this one out
    });
  }

  private work(): void {
    const { server, moves } = this;
    if ((server.dispatcher.conditions & IS_LOADING) !== 0 || !moves.mayRun || !this.isWorthwhile()) {
      this.end();
      return this.wait(LOOK_MS);
    }
    const startedAt = server.monotonic();
    const isLate = (): boolean => server.monotonic() - startedAt >= SLICE_MS_MAX;
    const isWalkOver = moves.run(isLate);
    if (!isWalkOver) return this.wait(Math.max(1, SLICE_MS_MAX * (100 / this.effort - 1)));
    const [hits, looks] = [moves.hits - this.hitsBefore, moves.hits + moves.misses - this.looksBefore];
    this.hitsBefore = moves.hits;
    this.looksBefore = moves.hits + moves.misses;
    const isFutile = hits * 100 < looks;
    if (isFutile) this.end();
    this.wait(isFutile ? FUTILE_LOOK_MS : 1);
  }

  /** Sets the effort. */
  private isWorthwhile(): boolean {
    const { settings, arena } = this.server;
    const bytes = arena.reserved - arena.used;
    const percent = (bytes * 100) / Math.max(arena.used, 1);
    const [lower, upper] = [settings.number('active-defrag-threshold-lower'), settings.number('active-defrag-threshold-upper')];
    if (bytes < settings.number('active-defrag-ignore-bytes') || percent < lower) return false;
    const [min, max] = [settings.number('active-defrag-cycle-min'), settings.number('active-defrag-cycle-max')];
    const share = Math.min(Math.max((percent - lower) / Math.max(upper - lower, 1), 0), 1);
    if (this.effort === 0) this.startedAt = this.server.monotonic();
    this.effort = Math.max(1, Math.round(min + (max - min) * share));
    return true;
  }

  private end(): void {
    if (this.effort === 0) return;
    this.ms += this.server.monotonic() - this.startedAt;
    this.effort = 0;
  }
}
