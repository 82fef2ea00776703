// What the readers of archives have in common: what an entry is, and which names are refused.
import { IntakeFault } from './intake-fault';

/** A data directory has a handful of files. */
export const entriesMax = 200;

export interface ArchiveEntry {
  /** Relative, with single slashes. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly body: AsyncIterable<Uint8Array>;
}

export function checkPath(name: string): string {
  const path = name.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');
  const parts = path.split('/');
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name) || name.includes('\\') || name.includes('\0') || parts.includes('..') || name.length > 1000) {
    throw new IntakeFault('ArchiveUnsafe', `the archive names a place outside of itself: ${name.slice(0, 100)}`);
  }
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}
