/**
 * Which history a server's data are of, told at the end of its append-only file by an annotation, which redis-server skips:
 *
 *   #REPL:<id>:<offset>:<database>\r\n
 *
 * It is written when the server ends in order, and counts only as the last line: what follows it are writes whose offset nobody noted.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

const TAIL_BYTES = 128;

/** `fields` as a snapshot has them: repl-id, repl-offset, repl-stream-db. */
export function noteHistory(path: string, fields: ReadonlyMap<string, string>): void {
  const fd = openSync(path, 'a');
  try {
    writeSync(fd, `#REPL:${fields.get('repl-id')}:${fields.get('repl-offset')}:${fields.get('repl-stream-db')}\r\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** What the file's last line tells; undefined when it tells nothing. */
export function readHistory(path: string): ReadonlyMap<string, string> | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const { size } = fstatSync(fd);
    const tail = Buffer.alloc(Math.min(TAIL_BYTES, size));
    readSync(fd, tail, 0, tail.length, size - tail.length);
    const found = /(?:^|\n)#REPL:([0-9a-f]{40}):(\d+):(\d+)\r\n$/.exec(tail.toString('latin1'));
    return found === null ? undefined : new Map([['repl-id', found[1]!], ['repl-offset', found[2]!], ['repl-stream-db', found[3]!]]);
  } finally {
    closeSync(fd);
  }
}
