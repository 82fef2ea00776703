// The first line of a library, `#!lua name=mylib`.
import { splitArguments } from './split-arguments';

export interface LibraryHeader {
  engine: string;
  name: string;
  /** Bytes before the code; the line feed is kept, so that line numbers stay the author's. */
  length: number;
}

/** The header of a library's text (latin1), or what is wrong with it. */
export function parseHeader(text: string): LibraryHeader | string {
  if (!text.startsWith('#!')) return 'Missing library metadata';
  const nul = text.indexOf('\0');
  const length = text.indexOf('\n');
  if (length < 0 || (nul >= 0 && nul < length)) return 'Invalid library metadata';
  const parts = splitArguments(text.slice(0, length));
  if (parts === undefined || parts.length === 0) return 'Invalid library metadata';
  let name: string | undefined;
  for (const part of parts.slice(1)) {
    if (!/^name=/i.test(part)) return `Invalid metadata value given: ${part}`;
    if (name !== undefined) return 'Invalid metadata value, name argument was given multiple times';
    name = part.slice('name='.length);
  }
  return name === undefined ? 'Library name was not given' : { engine: parts[0]!.slice(2), name, length };
}

/** Names of libraries and functions. */
export function isName(name: string): boolean {
  return /^[A-Za-z0-9_]+$/.test(name);
}

export const BAD_NAME = 'Library names can only contain letters, numbers, or underscores(_) and must be at least one character long';
