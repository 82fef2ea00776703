'use client';
// A menu button as the ARIA practices describe it: arrows walk, Home and End jump, Escape closes and gives focus back, Tab leaves.
import { useEffect, useId, useRef, useState, type CSSProperties, type KeyboardEvent, type ReactNode } from 'react';
import { Link } from './link';
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
  // Placed against the window, because tables that scroll sideways would cut it off; so it closes when what lies below it moves.
  const [spot, setSpot] = useState<CSSProperties>();
  const isOpen = spot !== undefined;
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!isOpen) return;
    entries(box.current)[0]?.focus({ preventScroll: true });
    const onMove = (): void => setSpot(undefined);
    const onPress = (event: PointerEvent): void => { if (!box.current?.contains(event.target as Node)) setSpot(undefined); };
    document.addEventListener('pointerdown', onPress);
    window.addEventListener('scroll', onMove, true);
    window.addEventListener('resize', onMove);
    return () => {
      document.removeEventListener('pointerdown', onPress);
      window.removeEventListener('scroll', onMove, true);
      window.removeEventListener('resize', onMove);
    };
  }, [isOpen]);

  const open = (): void => setSpot(spotFor(button.current!.getBoundingClientRect(), place, items.length));
  const close = (): void => {
    setSpot(undefined);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Tab') setSpot(undefined);
    else if (walk(entries(box.current), event.key)) event.preventDefault();
  };

  return (
    <div ref={box} className={classes.box}>
      <button
        ref={button} type="button" className={triggerClassName ?? classes.trigger} aria-label={isTriggerNamed ? undefined : label}
        aria-haspopup="menu" aria-expanded={isOpen} aria-controls={isOpen ? id : undefined}
        onClick={() => (isOpen ? setSpot(undefined) : open())}
        onKeyDown={(event) => { if (event.key === 'ArrowDown' && !isOpen) { event.preventDefault(); open(); } }}
      >
        {trigger}
      </button>
      {isOpen && (
        <div className={classes.list} style={spot}>
          {heading !== undefined && <div className={classes.heading}>{heading}</div>}
          <div id={id} role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
            {items.map((item, index) => (item === 'line'
              ? <div key={index} role="separator" className={classes.line} />
              : <Entry key={item.label} item={item} onDone={() => (item.href === undefined ? close() : setSpot(undefined))} />))}
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

const GAP_PX = 4;
const ITEM_PX = 38;

/** Below the button where there is room, else above it. */
function spotFor(button: DOMRect, place: NonNullable<MenuProps['place']>, itemCount: number): CSSProperties {
  const isAbove = place === 'above-start' || button.bottom + itemCount * ITEM_PX > window.innerHeight;
  return {
    ...(isAbove ? { bottom: window.innerHeight - button.top + GAP_PX } : { top: button.bottom + GAP_PX }),
    ...(place === 'below-end' ? { right: document.documentElement.clientWidth - button.right } : { left: button.left }),
  };
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
