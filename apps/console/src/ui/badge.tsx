'use client';
// A state as a word with a mark. The colour only repeats what the word says.
import type { ReactNode } from 'react';
import classes from './badge.module.css';

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle';

interface BadgeProps {
  readonly tone: Tone;
  readonly children: ReactNode;
  readonly icon?: ReactNode;
  readonly isPulsing?: boolean;
}

export function Badge({ tone, children, icon, isPulsing = false }: BadgeProps) {
  return (
    <span className={classes.badge} data-tone={tone}>
      {icon ?? <span className={classes.dot} data-pulsing={isPulsing || undefined} aria-hidden />}
      {children}
    </span>
  );
}
