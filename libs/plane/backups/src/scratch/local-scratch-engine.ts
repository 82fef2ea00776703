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
import type { ByteStream, KeyCount, ScratchEngine } from '@larder/plane-domain';
import { RdbReader } from '../rdb/rdb-reader';
import { StorageFault } from '../storage/storage-fault';
import { countInEngine, type Loaded } from './engine-process';

/** What an append-only file selects is known only when it is loaded. */
const databasesOfStrangers = 256;

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
    const { engineCommand, timeoutMs } = this.#options;
    const directory = await this.#makeDirectory();
    try {
      const databases = await writeRdb(path.join(directory, 'dump.rdb'), rdb);
      return await countInEngine({ engineCommand, directory, databases, timeoutMs: timeoutMs ?? 15 * minuteMs, stopped: this.#stopped.signal });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /**
   * Data of any kind as one snapshot: `lay` puts it into a directory, an engine loads and saves it, `use` reads the file. Nothing is left
   * behind, whatever happens.
   */
  async convert<T>(lay: (directory: string) => Promise<'snapshot' | 'append-log'>, use: (file: string, keyCounts: readonly KeyCount[]) => Promise<T>): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string }> {
    const { engineCommand, timeoutMs } = this.#options;
    const directory = await this.#makeDirectory();
    try {
      const layout = await lay(directory);
      const loaded = await countInEngine({
        engineCommand, directory, databases: databasesOfStrangers, layout, isSaved: true, timeoutMs: timeoutMs ?? 15 * minuteMs, stopped: this.#stopped.signal,
      });
      return loaded.ok ? { ok: true, value: await use(path.join(directory, 'dump.rdb'), loaded.keyCounts) } : loaded;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  async #makeDirectory(): Promise<string> {
    const { root } = this.#options;
    await mkdir(root, { recursive: true, mode: 0o700 });
    const directory = path.join(root, randomUUID());
    await mkdir(directory, { mode: 0o700 });
    try {
      await writeFile(path.join(directory, 'owner'), `${process.pid} ${startTicksOf(process.pid) ?? 0}\n`, { mode: 0o600 });
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
    return directory;
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
