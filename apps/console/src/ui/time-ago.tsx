'use client';
// "3 minutes ago", moving on by itself, with the exact moment on hover and for programs. All of a page share one clock.
import { useSyncExternalStore } from 'react';
import { formatMoment, formatRelative } from './format';

const PERIOD_MS = 5_000;
let nowMs = 0;
let timer: number | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(() => {
    nowMs = Date.now();
    for (const each of listeners) each();
  }, PERIOD_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.clearInterval(timer);
    timer = undefined;
  };
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => (timer === undefined || nowMs === 0 ? (nowMs = roundedNow()) : nowMs), () => 0);
}

/** A snapshot must not change between two reads of one render. */
function roundedNow(): number {
  return Math.floor(Date.now() / 1_000) * 1_000;
}

export function TimeAgo({ at }: { readonly at: string }) {
  const now = useNow();
  return <time dateTime={at} title={formatMoment(at)}>{formatRelative(Date.parse(at), now)}</time>;
}
