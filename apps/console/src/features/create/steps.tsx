'use client';
import { IconCheck } from '@tabler/icons-react';
import classes from './steps.module.css';

interface StepsProps {
  readonly titles: readonly string[];
  readonly at: number;
  readonly onGo: (step: number) => void;
}

/** Steps that are done can be gone back to. */
export function Steps({ titles, at, onGo }: StepsProps) {
  return (
    <nav aria-label="Steps">
      <ol className={classes.list}>
        {titles.map((title, index) => (
          <li key={title} className={classes.step} data-state={index === at ? 'here' : index < at ? 'done' : 'ahead'}>
            <button type="button" disabled={index > at} aria-current={index === at ? 'step' : undefined} onClick={() => onGo(index)}>
              <span className={classes.number}>{index < at ? <IconCheck size={14} stroke={2.5} aria-label="Done" /> : index + 1}</span>
              {title}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
