'use client';
import classes from './meter.module.css';

/** How much of a limit is in use. Amber from 80 %, red from 95 %. */
export function Meter({ label, used, limit }: { readonly label: string; readonly used: number; readonly limit: number }) {
  const ratio = limit > 0 ? Math.min(1, used / limit) : 0;
  const tone = ratio >= 0.95 ? 'bad' : ratio >= 0.8 ? 'warn' : 'good';
  return (
    <div className={classes.track} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={limit} aria-valuenow={Math.min(used, limit)}>
      <div className={classes.bar} data-tone={tone} style={{ width: `${ratio * 100}%` }} />
    </div>
  );
}

export function ProgressBar({ label, percent }: { readonly label: string; readonly percent: number }) {
  return (
    <div className={classes.track} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(percent)}>
      <div className={classes.bar} data-tone="busy" style={{ width: `${Math.max(2, percent)}%` }} />
    </div>
  );
}
