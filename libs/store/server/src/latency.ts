/**
 * LATENCY: spikes of what can make clients wait, by event, from `latency-monitor-threshold` milliseconds on. Of each event the worst
 * of every second is kept, for the last 160 seconds that had one.
 */
const SAMPLES = 160;

export interface LatencySample {
  /** Seconds since 1970. */
  readonly time: number;
  ms: number;
}

export interface LatencyEvent {
  readonly name: string;
  /** Oldest first. */
  readonly samples: LatencySample[];
  worstMs: number;
}

export class LatencyMonitor {
  /** 0: nothing is recorded. */
  thresholdMs = 0;
  readonly events = new Map<string, LatencyEvent>();

  /** `now` in ms since 1970. */
  add(name: string, ms: number, now: number): void {
    if (this.thresholdMs === 0 || ms < this.thresholdMs) return;
    const whole = Math.floor(ms);
    const time = Math.floor(now / 1000);
    let event = this.events.get(name);
    if (event === undefined) this.events.set(name, (event = { name, samples: [], worstMs: 0 }));
    event.worstMs = Math.max(event.worstMs, whole);
    const last = event.samples.at(-1);
    if (last?.time === time) {
      last.ms = Math.max(last.ms, whole);
      return;
    }
    event.samples.push({ time, ms: whole });
    if (event.samples.length > SAMPLES) event.samples.shift();
  }

  /** Forgets one event, or all; returns how many. */
  reset(name?: string): number {
    if (name !== undefined) return this.events.delete(name) ? 1 : 0;
    const { size } = this.events;
    this.events.clear();
    return size;
  }
}
