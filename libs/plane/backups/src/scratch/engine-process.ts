// A store process of its own for one file: a directory 0700 with its configuration and the RDB, a Unix socket inside it, no port, no
// saving. Whoever cannot enter the directory cannot reach it.
//
// The socket is opened as /proc/self/fd/<directory>/s, since the path of a socket may have 107 bytes and LARDER_HOME may be long.
import { spawn, type ChildProcess } from 'node:child_process';
import { open, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
import type { KeyCount } from '@larder/plane-domain';

export interface EngineProcessOptions {
  readonly engineCommand: string;
  /** Holds dump.rdb, or appendonlydir; the process is given no other place. */
  readonly directory: string;
  /** Which of the two is loaded; dump.rdb where not given. */
  readonly layout?: 'snapshot' | 'append-log';
  /** Writes what was loaded as dump.rdb. */
  readonly isSaved?: boolean;
  /** At least 16. */
  readonly databases: number;
  readonly timeoutMs: number;
  /** The worker stops: the process is ended, and the call rejects. */
  readonly stopped: AbortSignal;
}

const outputMax = 4000;
const signalsFromOutside: readonly string[] = ['SIGKILL', 'SIGTERM', 'SIGINT'];
const scanCount = 4000;
const types = ['hash', 'list', 'set', 'stream', 'string', 'zset'] as const;
const connectPauseMs = 10;

export type Loaded = { readonly ok: true; readonly keyCounts: readonly KeyCount[] } | { readonly ok: false; readonly message: string };

/** Rejects where the process was ended from outside: by a stop, or by a machine that is short of memory. That says nothing about the file. */
export async function countInEngine(options: EngineProcessOptions): Promise<Loaded> {
  await writeFile(path.join(options.directory, 'redis.conf'), configOf(options), { mode: 0o600 });
  const child = spawn(options.engineCommand, [path.join(options.directory, 'redis.conf')], {
    cwd: options.directory, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], LANG: process.env['LANG'] ?? 'C.UTF-8' },
  });
  const output = outputOf(child);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`cannot start ${options.engineCommand}: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`the scratch engine ${signal ? `was ended by ${signal}` : `exited with code ${code}`}`));
  });
  const stop = (): void => void child.kill('SIGKILL');
  options.stopped.addEventListener('abort', stop);
  if (options.stopped.aborted) stop();
  const directory = await open(options.directory, 'r');
  let redis: Redis | undefined;
  try {
    redis = connect(directory);
    const counted = await Promise.race([
      countKeys(redis, options.databases).then(async (counts) => {
        if (options.isSaved === true) await redis!.save();
        return counts;
      }), ended, late(options.timeoutMs, `it did not load the file within ${Math.round(options.timeoutMs / 1000)} s`),
    ]);
    if (typeof counted !== 'string') return { ok: true, keyCounts: counted };
    if (signalsFromOutside.includes(child.signalCode ?? '')) throw new Error(counted);
    return { ok: false, message: [counted, lastWords(output.text)].filter(Boolean).join(': ') };
  } finally {
    redis?.disconnect();
    options.stopped.removeEventListener('abort', stop);
    child.kill('SIGKILL');
    await ended;
    await directory.close();
  }
}

function configOf({ directory, databases, layout }: EngineProcessOptions): string {
  return [
    'port 0', 'unixsocket s', 'unixsocketperm 700', `dir "${directory}"`, 'dbfilename dump.rdb', 'save ""', `appendonly ${layout === 'append-log' ? 'yes' : 'no'}`, 'aof-load-truncated yes', 'sanitize-dump-payload yes', 'daemonize no',
    'logfile ""', 'maxmemory 0', ...(databases > 16 ? [`databases ${databases}`] : []), '',
  ].join('\n');
}

/** Tries until the socket is there, and then until INFO says that loading is over. */
function connect(directory: FileHandle): Redis {
  const redis = new Redis({
    path: `/proc/self/fd/${directory.fd}/s`, retryStrategy: () => connectPauseMs, maxRetriesPerRequest: null, disableClientInfo: true, disconnectTimeout: 0,
  });
  redis.on('error', () => undefined); // not there yet: the process's end and the deadline speak instead
  return redis;
}

/** A pass for each type sends every key once; asking TYPE of each key costs the client three times as much. */
async function countKeys(redis: Redis, databases: number): Promise<KeyCount[]> {
  const info = await redis.info('keyspace');
  const counts: KeyCount[] = [];
  for (let database = 0; database < databases; database += 1) {
    if (!info.includes(`db${database}:`)) continue;
    await redis.select(database);
    for (const type of types) {
      const keys = await countType(redis, type);
      if (keys > 0) counts.push({ database, type, keys });
    }
  }
  return counts;
}

/** Nobody writes, so the table stands still and SCAN names each key once. */
async function countType(redis: Redis, type: string): Promise<number> {
  let keys = 0;
  let cursor = '0';
  do {
    const [next, found] = await redis.callBuffer('SCAN', cursor, 'COUNT', scanCount, 'TYPE', type) as [Buffer, Buffer[]];
    keys += found.length;
    cursor = String(next);
  } while (cursor !== '0');
  return keys;
}

function outputOf(child: ChildProcess): { text: string } {
  const output = { text: '' };
  const keep = (chunk: Buffer): void => { output.text = (output.text + chunk.toString('utf8')).slice(-outputMax); };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return output;
}

/** What the engine said last, without the time and process that begin each line of its log. */
function lastWords(text: string): string {
  return text.trim().split('\n').slice(-2).map((line) => line.replace(/^\d+:\w \d+ \w+ \d+ [\d:.]+ . /, '')).join(' ');
}

function late(ms: number, message: string): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(message), ms).unref();
  });
}
