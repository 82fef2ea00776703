'use client';
// The smallest parts of a screen: things above each other, things side by side, a line of text, a link in it, a place that waits.
import type { CSSProperties, ReactNode } from 'react';
import { Link } from './link';
import classes from './blocks.module.css';

const gaps = { xs: 10, sm: 12, md: 16, xl: 32 } as const;
type Gap = keyof typeof gaps;

interface StackProps {
  readonly gap?: Gap;
  readonly widthMax?: number;
  readonly role?: string;
  readonly 'aria-label'?: string;
  readonly children: ReactNode;
}

export function Stack({ gap = 'md', widthMax, children, ...rest }: StackProps) {
  return <div {...rest} className={classes.stack} style={{ gap: gaps[gap], maxWidth: widthMax }}>{children}</div>;
}

/** Two columns where there is room. */
export function Columns({ children }: { readonly children: ReactNode }) {
  return <div className={classes.columns}>{children}</div>;
}

export function Text({ children, isSpaced = false }: { readonly children: ReactNode; readonly isSpaced?: boolean }) {
  return <p className={classes.text} data-spaced={isSpaced || undefined}>{children}</p>;
}

interface TextLinkProps {
  readonly href: string;
  readonly children: ReactNode;
  /** The name of a row: as dark as text. */
  readonly isName?: boolean;
  readonly className?: string;
}

export function TextLink({ href, children, isName = false, className }: TextLinkProps) {
  return <Link href={href} className={className === undefined ? classes.link : `${classes.link} ${className}`} data-name={isName || undefined}>{children}</Link>;
}

export function VisuallyHidden({ children }: { readonly children: ReactNode }) {
  return <span className={classes.hidden}>{children}</span>;
}

export function Skeleton({ height }: { readonly height: number }) {
  return <div className={classes.skeleton} style={{ height } as CSSProperties} />;
}
