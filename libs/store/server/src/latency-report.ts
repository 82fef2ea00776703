/** LATENCY GRAPH and LATENCY DOCTOR: what was recorded, as text for people. */
import type { LatencyEvent, LatencyMonitor } from './latency';

const COLUMNS = 80;
const ROWS = 4;
/** Heights within a row, from low to high; a column that goes on above shows `|`. */
const HEIGHTS = '_o#';

/** Columns of spikes, oldest left, with how long ago each was written downwards below it. `now` in seconds. */
export function latencyGraph(event: LatencyEvent, now: number): string {
  const sizes = event.samples.map(({ ms }) => ms);
  const high = Math.max(...sizes);
  const low = Math.min(...sizes);
  const lines = [`${event.name} - high ${high} ms, low ${low} ms (all time high ${event.worstMs} ms)`, '-'.repeat(COLUMNS)];
  for (let from = 0; from < event.samples.length; from += COLUMNS) {
    if (from > 0) lines.push('');
    const samples = event.samples.slice(from, from + COLUMNS);
    const steps = HEIGHTS.length * ROWS;
    const heights = samples.map(({ ms }) => Math.min(Math.trunc(((ms - low) * steps) / (high - low || 1)), steps - 1));
    for (let row = 0; row < ROWS; row++) {
      const below = (ROWS - row - 1) * HEIGHTS.length;
      lines.push(heights.map((height) => (height < below ? ' ' : (HEIGHTS[height - below] ?? '|'))).join(''));
    }
    lines.push(' '.repeat(samples.length));
    const labels = samples.map(({ time }) => ago(now - time));
    const depth = Math.max(...labels.map((label) => label.length));
    for (let at = 0; at < depth; at++) lines.push(labels.map((label) => label[at] ?? ' ').join(''));
  }
  return `${lines.join('\n')}\n`;
}

function ago(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86400)}d`;
}

export interface DoctorFacts {
  /** Seconds since 1970. */
  now: number;
  /** `slowlog-log-slower-than` in µs; negative: off. */
  slowlogUsec: number;
  hz: number;
}

type Advice = 'slowlog' | 'inspect' | 'scheduler' | 'disk' | 'fsync' | 'hz' | 'large' | 'eviction';

/** What an event by its name speaks for. */
const ADVICE_BY_EVENT: [pattern: RegExp, advice: Advice[]][] = [
  [/^command$/, ['inspect', 'large']],
  [/^fast-command$/, ['scheduler']],
  [/^(aof-write|aof-fstat|aof-rename|rdb-unlink)/, ['disk']],
  [/^aof-fsync-always$/, ['fsync', 'disk']],
  [/^expire-(cycle|del)$/, ['hz', 'large']],
  [/^eviction-del$/, ['large']],
  [/^eviction-cycle$/, ['eviction']],
];

export function latencyDoctor(monitor: LatencyMonitor, facts: DoctorFacts): string {
  if (monitor.events.size === 0 && monitor.thresholdMs === 0) {
    return 'Nothing is known of latency: it is not being monitored. CONFIG SET latency-monitor-threshold <milliseconds> turns that on.\n';
  }
  if (monitor.events.size === 0) return 'No event has reached the threshold so far: there is nothing to worry about.\n';
  const lines = ['These events took longer than the threshold:', ''];
  const advice = new Set<Advice>();
  let number = 0;
  for (const event of monitor.events.values()) {
    const { samples } = event;
    const average = Math.floor(samples.reduce((sum, { ms }) => sum + ms, 0) / samples.length);
    const deviation = Math.floor(samples.reduce((sum, { ms }) => sum + Math.abs(ms - average), 0) / samples.length);
    const period = (facts.now - samples[0]!.time) / samples.length;
    lines.push(`${++number}. ${event.name}: ${samples.length} latency spikes (average ${average}ms, mean deviation ${deviation}ms, period ${period.toFixed(2)} sec). Worst all time event ${event.worstMs}ms.`);
    for (const [pattern, ones] of ADVICE_BY_EVENT) if (pattern.test(event.name)) for (const each of ones) advice.add(each);
    if (event.name === 'command' && (facts.slowlogUsec < 0 || facts.slowlogUsec / 1000 > monitor.thresholdMs)) advice.add('slowlog');
  }
  if (facts.hz >= 100) advice.delete('hz');
  const words: Record<Advice, string> = {
    slowlog: `The slow log misses commands that are this slow: CONFIG SET slowlog-log-slower-than ${monitor.thresholdMs * 1000} shows them.`,
    inspect: 'SLOWLOG GET tells which commands were slow, and with which arguments.',
    scheduler: 'Short commands took long, so the process did not get the processor: look for other load on this machine and its neighbours.',
    disk: 'Writing to disk is slow: keep the files on a local disk that nothing else uses much.',
    fsync: "With appendfsync always every write waits for the disk: everysec does not.",
    hz: 'A higher hz spreads the removal of expired keys over more, shorter steps.',
    large: 'Large values take long to remove: many small ones, or UNLINK and the lazyfree-* settings, avoid that.',
    eviction: 'Much had to be evicted at once: a lowered maxmemory or a large new value does that.',
  };
  if (advice.size > 0) lines.push('', 'What may help:', '', ...[...advice].map((each) => `- ${words[each]}`));
  return `${lines.join('\n')}\n`;
}
