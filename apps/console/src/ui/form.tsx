'use client';
/**
 * The state of a form: values, and the refusals beside their fields. A fault leaves as soon as its field is touched. On a refusal,
 * focus goes to the first field at fault, which also makes a screen reader say it.
 */
import { useState, type ReactNode } from 'react';
import { IconAlertCircle } from '@tabler/icons-react';
import { placeRefusal, type Refusal } from '@/data/refusal';
import classes from './form.module.css';

export interface Form<V extends object> {
  readonly values: V;
  readonly faults: Readonly<Record<string, string>>;
  readonly general: string | undefined;
  set<K extends keyof V & string>(name: K, value: V[K]): void;
  /** Props of a text input. */
  text<K extends keyof V & string>(name: K): { name: K; value: string; error: string | undefined; 'aria-invalid': true | undefined; onChange: (event: { currentTarget: { value: string } }) => void };
  /** Places it beside its fields; answers the names of the fields at fault. */
  refuse(refusal: Refusal): readonly string[];
  fail(error: unknown): void;
  clear(): void;
}

export function useForm<V extends object>(initial: V | (() => V), extraFields: readonly string[] = []): Form<V> {
  const [values, setValues] = useState(initial);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [general, setGeneral] = useState<string>();
  const set: Form<V>['set'] = (name, value) => {
    setValues((before) => ({ ...before, [name]: value }));
    setFaults((before) => Object.fromEntries(Object.entries(before).filter(([field]) => field !== name && !field.startsWith(`${name}.`))));
    setGeneral(undefined);
  };
  return {
    values,
    faults,
    general,
    set,
    text: (name) => ({
      name,
      value: String(values[name] ?? ''),
      error: faults[name],
      // Mantine's password field does not say it by itself.
      'aria-invalid': faults[name] === undefined ? undefined : true,
      onChange: (event) => set(name, event.currentTarget.value as V[typeof name]),
    }),
    refuse: (refusal) => {
      const placed = placeRefusal(refusal, [...Object.keys(values), ...extraFields]);
      setFaults(placed.fields);
      setGeneral(placed.general);
      const names = Object.keys(placed.fields);
      focusFirst(names);
      return names;
    },
    fail: (error) => setGeneral(error instanceof Error ? error.message : String(error)),
    clear: () => {
      setFaults({});
      setGeneral(undefined);
    },
  };
}

/** After the render that may bring the field on show. */
function focusFirst(names: readonly string[]): void {
  const first = names[0];
  if (first === undefined) return;
  window.setTimeout(() => document.querySelector<HTMLElement>(`[name="${CSS.escape(first)}"]`)?.focus(), 0);
}

export function FormAlert({ children }: { readonly children: ReactNode }) {
  if (children === undefined || children === null || children === '') return null;
  return (
    <div className={classes.alert} role="alert">
      <IconAlertCircle size={18} aria-hidden />
      <div>{children}</div>
    </div>
  );
}

export function FormFoot({ children }: { readonly children: ReactNode }) {
  return <div className={classes.foot}>{children}</div>;
}
