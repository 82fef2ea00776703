// The first line of a script, `#!lua flags=no-writes,allow-oom`: what the script says of itself.
//
// A script without it runs in compatibility mode: it may do anything that its client may, each command checked as it comes. One with
// it is judged before it starts (admission.ts), and unknown words are refused.
import { splitArguments } from './split-arguments';

export interface ScriptFlags {
  /** No shebang. */
  isCompatible: boolean;
  noWrites: boolean;
  allowOom: boolean;
  allowStale: boolean;
  noCluster: boolean;
  allowCrossSlot: boolean;
}

export interface Shebang {
  flags: ScriptFlags;
  /** Bytes before the code; the line feed is kept, so that line numbers stay the author's. */
  length: number;
}

/** In the order in which Redis lists them. */
export const flagNames: Record<string, keyof ScriptFlags> = {
  'no-writes': 'noWrites',
  'allow-oom': 'allowOom',
  'allow-stale': 'allowStale',
  'no-cluster': 'noCluster',
  'allow-cross-slot-keys': 'allowCrossSlot',
};

/** Of a function, or of a script with a shebang, that says nothing more. */
export function noFlags(): ScriptFlags {
  return { isCompatible: false, noWrites: false, allowOom: false, allowStale: false, noCluster: false, allowCrossSlot: false };
}

/** The shebang of a script (latin1 text), or what is wrong with it. */
export function parseShebang(body: string): Shebang | string {
  const flags: ScriptFlags = { ...noFlags(), isCompatible: true };
  if (!body.startsWith('#!')) return { flags, length: 0 };
  const nul = body.indexOf('\0');
  const length = body.indexOf('\n');
  if (length < 0 || (nul >= 0 && nul < length)) return 'Invalid script shebang';
  const parts = splitArguments(body.slice(0, length));
  if (parts === undefined || parts.length === 0) return 'Invalid engine in script shebang';
  if (parts[0] !== '#!lua') return `Unexpected engine in script shebang: ${parts[0]}`;
  flags.isCompatible = false;
  for (const part of parts.slice(1)) {
    if (!part.startsWith('flags=')) return `Unknown lua shebang option: ${part}`;
    const names = part.slice('flags='.length);
    for (const name of names === '' ? [] : names.split(',')) {
      const flag = Object.hasOwn(flagNames, name) ? flagNames[name] : undefined;
      if (flag === undefined) return `Unexpected flag in script shebang: ${name}`;
      flags[flag] = true;
    }
  }
  return { flags, length };
}
