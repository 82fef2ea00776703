'use client';
// Text to take away: a field with a copy button, and code with one. Copying is told to the eye and to the ear.
import { useState } from 'react';
import { IconCheck, IconCopy, IconEye, IconEyeOff } from '@tabler/icons-react';
import { showToast } from './toast';
import classes from './copy.module.css';

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copyBySelection(text);
    }
    setCopied(true);
    showToast('Copied.');
    window.setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <button type="button" className={classes.button} aria-label={label} title={label} onClick={() => void copy()}>
      {isCopied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
    </button>
  );
}

/** Where the page is not a secure context (plain http on another host), the clipboard's interface does not exist. */
function copyBySelection(text: string): void {
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function CopyField({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div className={classes.field}>
      <code tabIndex={0} role="group" aria-label={label}>{text}</code>
      <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
    </div>
  );
}

export function SecretField({ label, text }: { readonly label: string; readonly text: string }) {
  const [isShown, setShown] = useState(false);
  return (
    <div className={classes.field}>
      <code tabIndex={0} role="group" aria-label={label} data-testid="secret">{isShown ? text : '•'.repeat(24)}</code>
      <button type="button" className={classes.button} aria-label={isShown ? `Hide ${label.toLowerCase()}` : `Show ${label.toLowerCase()}`} aria-pressed={isShown} onClick={() => setShown(!isShown)}>
        {isShown ? <IconEyeOff size={16} aria-hidden /> : <IconEye size={16} aria-hidden />}
      </button>
      <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
    </div>
  );
}

export function CodeBlock({ label, code, copyText }: { readonly label: string; readonly code: string; readonly copyText?: string }) {
  return (
    <div className={classes.block}>
      <pre tabIndex={0} role="region" aria-label={label}><code>{code}</code></pre>
      <div className={classes.corner}><CopyButton text={copyText ?? code} label={`Copy ${label.toLowerCase()}`} /></div>
    </div>
  );
}
