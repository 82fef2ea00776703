'use client';
// What one sees before being inside: sign in, an invitation, the first organisation.
import type { ReactNode } from 'react';
import { Mark } from '@/ui/mark';
import classes from './door.module.css';

export function Door({ title, lead, children }: { readonly title: string; readonly lead?: ReactNode; readonly children: ReactNode }) {
  return (
    <main className={classes.ground}>
      <div className={classes.card}>
        <Mark size={40} />
        <h1 className={classes.title}>{title}</h1>
        {lead !== undefined && <p className={classes.lead}>{lead}</p>}
        {children}
      </div>
    </main>
  );
}
