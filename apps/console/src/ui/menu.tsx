'use client';
// A menu button as the ARIA practices describe it: arrows walk, Home and End jump, Escape closes and gives focus back, Tab leaves.
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import Link from 'next/link';
import classes from './menu.module.css';

export interface MenuItem {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly href?: string;
  readonly onSelect?: () => void;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly isCurrent?: boolean;
}

interface MenuProps {
  /** Names the menu; the button too, unless its own words do. */
  readonly label: string;
  readonly isTriggerNamed?: boolean;
  readonly trigger: ReactNode;
  readonly triggerClassName?: string;
  readonly items: readonly (MenuItem | 'line')[];
  readonly heading?: ReactNode;
  readonly place?: 'below-start' | 'below-end' | 'above-start';
}

export function Menu({ label, trigger, triggerClassName, items, heading, place = 'below-end', isTriggerNamed = false }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!isOpen) return;
    entries(box.current)[0]?.focus();
    const onPress = (event: PointerEvent): void => { if (!box.current?.contains(event.target as Node)) setOpen(false); };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, [isOpen]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Tab') setOpen(false);
    else if (walk(entries(box.current), event.key)) event.preventDefault();
  };

  return (
    <div ref={box} className={classes.box}>
      <button
        ref={button} type="button" className={triggerClassName ?? classes.trigger} aria-label={isTriggerNamed ? undefined : label}
        aria-haspopup="menu" aria-expanded={isOpen} aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => { if (event.key === 'ArrowDown' && !isOpen) { event.preventDefault(); setOpen(true); } }}
      >
        {trigger}
      </button>
      {isOpen && (
        <div className={classes.list} data-place={place}>
          {heading !== undefined && <div className={classes.heading}>{heading}</div>}
          <div id={id} role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
            {items.map((item, index) => (item === 'line'
              ? <div key={index} role="separator" className={classes.line} />
              : <Entry key={item.label} item={item} onDone={() => (item.href === undefined ? close() : setOpen(false))} />))}
          </div>
        </div>
      )}
    </div>
  );
}

function Entry({ item, onDone }: { readonly item: MenuItem; readonly onDone: () => void }) {
  const common = {
    role: 'menuitem',
    tabIndex: -1,
    className: classes.item,
    'data-danger': item.isDanger,
    'aria-current': item.isCurrent ? ('true' as const) : undefined,
  };
  const content = <>{item.icon}<span>{item.label}</span></>;
  if (item.href !== undefined) return <Link {...common} href={item.href} onClick={onDone}>{content}</Link>;
  return (
    <button {...common} type="button" aria-disabled={item.isDisabled} onClick={() => { if (!item.isDisabled) { onDone(); item.onSelect?.(); } }}>
      {content}
    </button>
  );
}

function entries(box: HTMLElement | null): HTMLElement[] {
  return box ? [...box.querySelectorAll<HTMLElement>('[role=menuitem]')] : [];
}

function walk(all: readonly HTMLElement[], key: string): boolean {
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[key];
  if (to === undefined || all.length === 0) return false;
  all[(to + all.length) % all.length]!.focus();
  return true;
}
