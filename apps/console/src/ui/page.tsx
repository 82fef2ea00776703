'use client';
// The frame of a screen: head with one h1, and panels below it.
import { useId, type ReactNode } from 'react';
import classes from './page.module.css';

interface PageHeadProps {
  readonly title: ReactNode;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
}

export function PageHead({ title, lead, actions }: PageHeadProps) {
  return (
    <div className={classes.head}>
      <div className={classes.words}>
        <h1 className={classes.title}>{title}</h1>
        {lead !== undefined && <p className={classes.lead}>{lead}</p>}
      </div>
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
    </div>
  );
}

interface PanelProps {
  readonly title?: string;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Tables and lists reach the border; the rest has room. */
  readonly isFlush?: boolean;
  readonly tone?: 'danger';
}

export function Panel({ title, note, actions, children, isFlush = false, tone }: PanelProps) {
  const id = useId();
  return (
    <section className={classes.panel} data-tone={tone} aria-labelledby={title === undefined ? undefined : id}>
      {(title !== undefined || actions !== undefined) && (
        <div className={classes.panelHead}>
          <div>
            {title !== undefined && <h2 id={id} className={classes.panelTitle}>{title}</h2>}
            {note !== undefined && <p className={classes.note}>{note}</p>}
          </div>
          {actions !== undefined && <div className={classes.actions}>{actions}</div>}
        </div>
      )}
      <div className={isFlush ? classes.flush : classes.panelBody}>{children}</div>
    </section>
  );
}

/** Pairs of a term and what it is. */
export function Facts({ rows, isWide = false }: { readonly rows: readonly (readonly [term: string, value: ReactNode])[]; readonly isWide?: boolean }) {
  return (
    <dl className={classes.facts} data-wide={isWide || undefined}>
      {rows.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
