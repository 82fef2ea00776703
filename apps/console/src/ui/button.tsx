'use client';
// A button, or a link that looks like one. Without Mantine's, whose parts every route would carry for it.
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link } from './link';
import classes from './button.module.css';

interface Look {
  /** Default: filled, the one that leads on. */
  readonly variant?: 'filled' | 'default';
  readonly color?: 'red' | undefined;
  readonly size?: 'xs' | 'sm' | 'md' | 'compact-xs' | 'compact-sm';
  readonly fullWidth?: boolean;
  readonly leftSection?: ReactNode;
  readonly rightSection?: ReactNode;
  readonly children?: ReactNode;
}

interface ButtonProps extends Look, Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'color' | 'children'> {
  /** Takes no second press while the first is carried out. */
  readonly loading?: boolean;
}

export function Button({ variant, color, size, fullWidth, leftSection, rightSection, children, loading = false, disabled, type = 'button', ...rest }: ButtonProps) {
  return (
    <button {...rest} {...lookOf({ variant, color, size, fullWidth })} type={type} disabled={disabled === true || loading} data-loading={loading || undefined} aria-busy={loading || undefined}>
      <Content leftSection={leftSection} rightSection={rightSection}>{children}</Content>
      {loading && <span className={classes.spinner} aria-hidden />}
    </button>
  );
}

export function LinkButton({ href, variant, color, size, fullWidth, leftSection, rightSection, children }: Look & { readonly href: string }) {
  return (
    <Link href={href} {...lookOf({ variant, color, size, fullWidth })}>
      <Content leftSection={leftSection} rightSection={rightSection}>{children}</Content>
    </Link>
  );
}

function lookOf({ variant = 'filled', color, size = 'sm', fullWidth }: Look) {
  return { className: classes.button, 'data-variant': variant, 'data-color': color, 'data-size': size, 'data-full-width': fullWidth || undefined };
}

function Content({ leftSection, rightSection, children }: Pick<Look, 'leftSection' | 'rightSection' | 'children'>) {
  return (
    <span className={classes.content}>
      {leftSection !== undefined && <span className={classes.section}>{leftSection}</span>}
      {children}
      {rightSection !== undefined && <span className={classes.section}>{rightSection}</span>}
    </span>
  );
}
