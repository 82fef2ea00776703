// A store's log: rotated by size, read at its end when the store has gone.
//
//   store.log -> store.log.1 -> store.log.2, the oldest dropped
//
// Copied and cut rather than renamed: a server that keeps the file open in append mode goes on at the new end, and one that opens it
// for each line does not care. Lines written between copy and cut are lost, which is why only a large log is rotated.
import { closeSync, copyFileSync, existsSync, fstatSync, openSync, readSync, renameSync, statSync, truncateSync } from 'node:fs';

export const logBytesMax = 8 * 1024 * 1024;
const keptFiles = 2;

export function rotateLog(file: string, bytesMax = logBytesMax): boolean {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= bytesMax) return false;
  for (let number = keptFiles; number > 1; number -= 1) {
    if (existsSync(`${file}.${number - 1}`)) renameSync(`${file}.${number - 1}`, `${file}.${number}`);
  }
  copyFileSync(file, `${file}.1`);
  truncateSync(file, 0);
  return true;
}

/** The last lines, for the message of an exit. */
export function logTail(file: string, lines: number): string {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const size = fstatSync(handle).size;
    const tail = Buffer.alloc(Math.min(size, 4096));
    readSync(handle, tail, 0, tail.length, size - tail.length);
    return tail.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    closeSync(handle);
  }
}
