// Loads an RDB in a process that exists for this alone, counts its keys, and leaves nothing behind.
//
//   <root>/<random>/   0700: owner (who made it), dump.rdb, redis.conf, s (the socket)
//
// A worker that is killed leaves its directory and its scratch process; removeLeftovers() of the next one ends both. It knows them by
// `owner` (pid and start time of the worker) and by the process's working directory, so nobody else is ever touched.
import { randomUUID } from 'node:crypto';
import { createWriteStream, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { minuteMs } from '@larder/shared-std';
import type { ByteStream, ScratchEngine } from '@larder/plane-domain';
import { RdbReader } from '../rdb/rdb-reader';
import { StorageFault } from '../storage/storage-fault';
import { countInEngine, type Loaded } from './engine-process';

export interface ScratchOptions {
  /** Absolute; ours alone. LARDER_HOME/scratch. */
  readonly root: string;
  /** larder-server or redis-server. */
  readonly engineCommand: string;
  readonly timeoutMs?: number;
}

export class LocalScratchEngine implements ScratchEngine {
  readonly #options: ScratchOptions;
  readonly #stopped = new AbortController();

  constructor(options: ScratchOptions) {
    this.#options = options;
  }

  async load(rdb: ByteStream): Promise<Loaded> {
    const { root, engineCommand, timeoutMs } = this.#options;
    await mkdir(root, { recursive: true, mode: 0o700 });
    const directory = path.join(root, randomUUID());
    await mkdir(directory, { mode: 0o700 });
    try {
      await writeFile(path.join(directory, 'owner'), `${process.pid} ${startTicksOf(process.pid) ?? 0}\n`, { mode: 0o600 });
      const databases = await writeRdb(path.join(directory, 'dump.rdb'), rdb);
      return await countInEngine({ engineCommand, directory, databases, timeoutMs: timeoutMs ?? 15 * minuteMs, stopped: this.#stopped.signal });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** Ends its processes; loads that run reject. */
  stop(): void {
    this.#stopped.abort();
  }

  /** Directories and processes whose worker is no more; how many. */
  async removeLeftovers(): Promise<number> {
    const names = await readdir(this.#options.root).catch(() => []);
    let removed = 0;
    for (const name of names) {
      const directory = path.join(this.#options.root, name);
      if (isOwnerAlive(directory)) continue;
      for (const pid of processesIn(directory)) process.kill(pid, 'SIGKILL');
      await rm(directory, { recursive: true, force: true });
      removed += 1;
    }
    return removed;
  }
}

/** How many databases the file needs. */
async function writeRdb(file: string, rdb: ByteStream): Promise<number> {
  const reader = new RdbReader();
  try {
    await pipeline(Readable.from(rdb, { objectMode: false }), async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        reader.push(chunk);
        yield chunk;
      }
      reader.finish();
    }, createWriteStream(file, { mode: 0o600 }));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOSPC' ? new StorageFault(`write ${file}`, error) : error;
  }
  return Math.max(16, ...reader.keyCounts.map(({ database }) => database + 1));
}

function isOwnerAlive(directory: string): boolean {
  try {
    const [pid, ticks] = readFileSync(path.join(directory, 'owner'), 'utf8').trim().split(' ');
    return startTicksOf(Number(pid)) === ticks;
  } catch {
    return false; // made, and its maker died before the next line
  }
}

function processesIn(directory: string): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '') === directory;
    } catch {
      return false;
    }
  });
}

/** Field 22 of /proc/<pid>/stat: a pid alone is never proof. */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
