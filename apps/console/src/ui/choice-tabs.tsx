'use client';
// Tabs within a panel, after the ARIA practices: one tab stop, arrows walk and select.
import { useId, useState, type KeyboardEvent, type ReactNode } from 'react';
import classes from './choice-tabs.module.css';

export interface ChoiceTab {
  readonly title: string;
  readonly content: ReactNode;
}

export function ChoiceTabs({ label, tabs }: { readonly label: string; readonly tabs: readonly ChoiceTab[] }) {
  const [at, setAt] = useState(0);
  const id = useId();
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    setAt(next);
    event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  };
  return (
    <div>
      <div role="tablist" aria-label={label} className={classes.list} onKeyDown={onKeyDown}>
        {tabs.map((tab, index) => (
          <button
            key={tab.title} type="button" role="tab" id={`${id}-${index}`} aria-selected={index === at} aria-controls={`${id}-panel`}
            tabIndex={index === at ? 0 : -1} className={classes.tab} onClick={() => setAt(index)}
          >
            {tab.title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${at}`}>{tabs[at]?.content}</div>
    </div>
  );
}
