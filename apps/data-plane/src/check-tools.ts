/** `larder-check-aof` and `larder-check-rdb`: the bundle in another role. They open files and print; what they say is the persistence room's. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { getSystemErrorMessage } from 'node:util';
import { Arena } from '@larder/store-memory';
import { Keyspace } from '@larder/store-keyspace';
import { checkAof, checkRdb } from '@larder/store-persistence';
import type { CheckedFile } from '@larder/store-persistence';
import { COMPATIBLE_REDIS_VERSION } from '@larder/store-settings';
import { codecs, kinds } from './wire';

const DATABASES = 1 << 14;

function open(path: string, forWriting: boolean): CheckedFile {
  let fd: number;
  try {
    fd = openSync(path, forWriting ? 'r+' : 'r');
    const { size } = fstatSync(fd);
    return {
      size,
      read: (into, position) => readSync(fd, into, 0, into.length, position),
      truncate(bytes) {
        try {
          ftruncateSync(fd, bytes);
          return true;
        } catch {
          return false;
        }
      },
      close: () => closeSync(fd),
    };
  } catch (error) {
    const { errno, message } = error as NodeJS.ErrnoException;
    const words = errno === undefined ? message : getSystemErrorMessage(errno);
    throw new Error(words.charAt(0).toUpperCase() + words.slice(1), { cause: error });
  }
}

const print = (text: string): void => {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
};

function checkFile(file: CheckedFile, shownName: string): number | undefined {
  const keyspace = new Keyspace({ arena: new Arena({ shards: 1 }), databases: DATABASES, hashSeed: [1, 2, 3], kinds });
  let at = 0;
  const source = {
    read(into: Buffer): number {
      const read = file.read(into, at);
      at += read;
      return read;
    },
  };
  return checkRdb(source, shownName, { print, now: () => Date.now(), codecs, keyspace, checks: true });
}

function ask(): string | undefined {
  const byte = Buffer.alloc(1);
  let line = '';
  for (;;) {
    if (readSync(0, byte, 0, 1, null) === 0) return line === '' ? undefined : line;
    line += byte.toString('latin1');
    if (line.endsWith('\n')) return line;
  }
}

/** Runs the tool; the process' exit code. */
export function runCheckTool(tool: string, args: readonly string[]): number {
  if (tool === 'check-aof') return checkAof('larder-check-aof', args, { open, print, ask, checkPreamble: checkFile });
  if (args.length !== 1) {
    process.stderr.write('Usage: larder-check-rdb <rdb-file-name>\n');
    return 1;
  }
  if (args[0] === '-v' || args[0] === '--version') {
    print(`larder-check-rdb ${COMPATIBLE_REDIS_VERSION}\n`);
    return 0;
  }
  try {
    const file = open(args[0]!, false);
    return checkFile(file, args[0]!) === undefined ? 1 : 0;
  } catch (error) {
    process.stderr.write(`Cannot open file ${args[0]}: ${(error as Error).message}\n`);
    return 1;
  }
}
