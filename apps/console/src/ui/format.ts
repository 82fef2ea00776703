// Figures for people. Sizes in binary units, as the store's own settings count them.
const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[unit]!}`;
}

export function threadsOf(count: number): string {
  return count === 1 ? '1 thread' : `${count} threads`;
}

const whole = new Intl.NumberFormat('en');

export function formatCount(count: number): string {
  return whole.format(count);
}

export function formatRate(perSecond: number): string {
  if (perSecond >= 10_000) return `${(perSecond / 1000).toFixed(perSecond >= 100_000 ? 0 : 1)}k`;
  return perSecond >= 100 || perSecond === 0 ? whole.format(Math.round(perSecond)) : perSecond.toFixed(1);
}

export function formatPercent(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio >= 0.9995 || ratio === 0 ? 0 : 1)} %`;
}

export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(durationMs / 60_000);
  return minutes < 60 ? `${minutes} min ${Math.round((durationMs % 60_000) / 1_000)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const steps = [
  ['year', 31_536_000_000], ['month', 2_592_000_000], ['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000],
] as const;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

export function formatRelative(atMs: number, nowMs: number): string {
  const distanceMs = atMs - nowMs;
  for (const [unit, lengthMs] of steps) {
    if (Math.abs(distanceMs) >= lengthMs) return relative.format(Math.round(distanceMs / lengthMs), unit);
  }
  return Math.abs(distanceMs) < 10_000 ? 'just now' : distanceMs < 0 ? `${Math.round(-distanceMs / 1000)} seconds ago` : `in ${Math.round(distanceMs / 1000)} seconds`;
}

export function formatMoment(at: string, timeZone?: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: '2-digit', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone, timeZoneName: timeZone === undefined ? undefined : 'short',
  }).format(new Date(at));
}

/** SHOUTED_WORDS of the schema as words: `Rdb aof` needs the exceptions. */
export function wordsOf(name: string): string {
  const text = name.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
