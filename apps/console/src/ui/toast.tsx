'use client';
// One line at the foot of the page, read out politely, gone by itself. For what succeeded elsewhere than where one looks.
import { useSyncExternalStore } from 'react';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import classes from './toast.module.css';

interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly text: string;
}

const SHOWN_MS = 6_000;
const TOASTS_MAX = 3;
const none: readonly Toast[] = [];
let toasts = none;
let lastId = 0;
const listeners = new Set<() => void>();

function write(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function dismiss(id: number): void {
  write(toasts.filter((toast) => toast.id !== id));
}

export function showToast(text: string, tone: Toast['tone'] = 'good'): void {
  const id = (lastId += 1);
  write([...toasts.slice(1 - TOASTS_MAX), { id, tone, text }]);
  window.setTimeout(() => dismiss(id), SHOWN_MS);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts, () => none);
  return (
    <div className={classes.stack} role="status" aria-live="polite">
      {shown.map(({ id, tone, text }) => (
        <div key={id} className={classes.toast} data-tone={tone}>
          {tone === 'good' ? <IconCheck size={16} aria-hidden /> : <IconAlertTriangle size={16} aria-hidden />}
          <span>{text}</span>
          <button type="button" className={classes.close} aria-label="Dismiss" onClick={() => dismiss(id)}><IconX size={14} aria-hidden /></button>
        </div>
      ))}
    </div>
  );
}
