'use client';
// One of a few, each with room to explain itself: radio buttons under cards, so arrows, labels and forms work by themselves.
import { useId, type ReactNode } from 'react';
import classes from './choice-cards.module.css';

export interface Choice<V extends string> {
  readonly value: V;
  readonly title: ReactNode;
  readonly text?: ReactNode;
  readonly side?: ReactNode;
  readonly isDisabled?: boolean;
}

interface ChoiceCardsProps<V extends string> {
  readonly legend: string;
  readonly name: string;
  readonly choices: readonly Choice<V>[];
  readonly value: V;
  readonly onChange: (value: V) => void;
  readonly error?: string;
  readonly columns?: number;
}

export function ChoiceCards<V extends string>({ legend, name, choices, value, onChange, error, columns = 2 }: ChoiceCardsProps<V>) {
  const faultId = useId();
  return (
    <fieldset className={classes.set} aria-describedby={error === undefined ? undefined : faultId}>
      <legend>{legend}</legend>
      <div className={classes.grid} style={{ '--columns': columns } as React.CSSProperties}>
        {choices.map((choice) => (
          <label key={choice.value} className={classes.card} data-disabled={choice.isDisabled || undefined}>
            <input
              type="radio" name={name} value={choice.value} checked={choice.value === value} disabled={choice.isDisabled}
              onChange={() => onChange(choice.value)}
            />
            <span className={classes.words}>
              <span className={classes.title}>{choice.title}</span>
              {choice.text !== undefined && <span className={classes.text}>{choice.text}</span>}
            </span>
            {choice.side !== undefined && <span className={classes.side}>{choice.side}</span>}
          </label>
        ))}
      </div>
      {error !== undefined && <p id={faultId} className={classes.fault} role="alert">{error}</p>}
    </fieldset>
  );
}
