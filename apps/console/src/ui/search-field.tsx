'use client';
import { IconSearch } from '@tabler/icons-react';
import classes from './search-field.module.css';

interface SearchFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Narrows the list below it. */
export function SearchField({ label, placeholder, value, onChange }: SearchFieldProps) {
  return (
    <div className={classes.field}>
      <IconSearch size={16} aria-hidden />
      <input aria-label={label} placeholder={placeholder} value={value} onChange={(event) => onChange(event.currentTarget.value)} autoComplete="off" spellCheck={false} />
    </div>
  );
}
