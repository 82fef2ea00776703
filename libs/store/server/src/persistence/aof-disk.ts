/** The disk as the writer of append-only files uses it: a port, so that tests can fill it up or make a sync fail. */
import {
  closeSync, fdatasync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { getSystemErrorMessage } from 'node:util';

export interface Disk {
  /** For appending; `fresh` makes the file anew. @throws */
  open(path: string, fresh: boolean): number;
  close(fd: number): void;
  size(fd: number): number;
  /** Writes at the end as much as there is room for; returns how much. @throws */
  write(fd: number, bytes: Buffer, off: number, length: number): number;
  truncate(fd: number, bytes: number): void;
  /** Waits until what was written lies on the disk. @throws */
  sync(fd: number): void;
  /** The same beside whatever else goes on. */
  syncAside(fd: number, done: (error: Error | null) => void): void;
  /** @throws */
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Replaces a file: written beside it under `temporary`, synced, renamed, and the folder synced. @throws; FolderNotSynced when it is replaced nevertheless */
  replace(path: string, temporary: string, text: string): void;
}

/** A file was replaced, but a loss of power may bring the old one back. */
export class FolderNotSynced extends Error {
  readonly errno: number | undefined;
  constructor(cause: unknown) {
    super((cause as Error).message, { cause });
    this.errno = (cause as NodeJS.ErrnoException).errno;
  }
}

export const systemDisk: Disk = {
  open: (path, fresh) => openSync(path, fresh ? 'w' : 'a', 0o644),
  close: (fd) => closeSync(fd),
  size: (fd) => fstatSync(fd).size,
  write: (fd, bytes, off, length) => writeSync(fd, bytes, off, length),
  truncate: (fd, bytes) => ftruncateSync(fd, bytes),
  sync: (fd) => fdatasyncSync(fd),
  syncAside: (fd, done) => fdatasync(fd, done),
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { force: true }),
  replace(path, temporary, text) {
    const fd = openSync(temporary, 'w', 0o644);
    try {
      const bytes = Buffer.from(text, 'latin1');
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    try {
      syncFolder(dirname(path));
    } catch (error) {
      throw new FolderNotSynced(error);
    }
  },
};

/** What was made, renamed or removed in a folder stays so. @throws */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** In the system's words, as strerror gives them. */
export function diskWords(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  if (errno === undefined) return message;
  // Of what Node checks itself the number has the other sign.
  const words = getSystemErrorMessage(-Math.abs(errno));
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Makes a folder if it is not there. @throws */
export function ensureFolder(path: string): void {
  if (!exists(path)) mkdirSync(path, 0o755);
}

export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
