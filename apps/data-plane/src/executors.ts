/**
 * The threads that execute beside the first one: how many there are, how they start, and what happens when one dies.
 *
 * A thread that fails may have left a shard half changed and its lock held, so the process ends with it at once.
 */
import { availableParallelism } from 'node:os';
import type { MessagePort } from 'node:worker_threads';
import { MessageChannel, Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { SharedServer } from '@larder/store-server';
import { StoreServer } from '@larder/store-server';
import { Settings } from '@larder/store-settings';
import { THREADS_MAX } from '@larder/store-threads';
import { commandRows, kinds, wireRooms } from './wire';

/** Exit code after a fault of our own (sysexits.h: EX_SOFTWARE). */
export const EXIT_FAULT = 70;

interface Joining {
  role: 'executor';
  index: number;
  shared: SharedServer;
  settings: ReadonlyMap<string, unknown>;
  /** All users, as an ACL file has them. */
  users: string;
  configFile: string;
  control: MessagePort;
}

/** How many threads execute, and a line for the log where that is not what was asked for. */
export function threadsOf(settings: Settings): { count: number; note: string } {
  const asked = settings.number('threads');
  const wanted = asked === 0 ? Math.min(availableParallelism(), THREADS_MAX) : asked;
  if (wanted === 1) return { count: 1, note: '' };
  if (process.platform !== 'linux') return { count: 1, note: `threads ${wanted}: this platform does not let threads share a port, one thread executes` };
  if (settings.number('port') === 0 && settings.number('tls-port') === 0) return { count: 1, note: 'threads: without a TCP port one thread accepts connections, so one executes' };
  return { count: wanted, note: settings.path('unixsocket') === '' ? '' : 'threads: connections of the Unix socket are all served by the first thread' };
}

/** Starts the other threads of `server`; `ready` when all of them accept connections. */
export function startCrew(server: StoreServer, program: string, channels: readonly MessageChannel[]): { ready: Promise<void> } {
  const crew = server.crew!;
  crew.threads.gate.onExit = (code) => process.exit(code);
  server.joinCrew();
  const shared = server.share();
  const settings = server.settings.capture();
  const users = server.acl.text();
  const all = Array.from({ length: crew.threads.count - 1 }, (_, i) => {
    const joining: Joining = { role: 'executor', index: i + 1, shared, settings, users, configFile: server.configFile, control: channels[i]!.port2 };
    const worker = new Worker(program, { workerData: joining, transferList: [joining.control], resourceLimits: { maxYoungGenerationSizeMb: 8 } });
    const fail = (why: string) => {
      server.log.warning(`=== LARDER BUG REPORT: thread ${i + 1}: ${why}`);
      process.exit(EXIT_FAULT);
    };
    worker.on('error', (error) => fail(error.stack ?? error.message));
    worker.on('exit', (code) => fail(`it ended with code ${code}`));
    return new Promise<void>((resolve) => worker.once('message', () => resolve()));
  });
  return { ready: Promise.all(all).then(() => undefined) };
}

/** A thread ends when nothing can wake it any more: without a listening socket (CONFIG SET port 0) that is when its last client goes. */
export function stayAlive(): void {
  setInterval(() => undefined, 2 ** 30);
}

export function isExecutor(): boolean {
  return !isMainThread && (workerData as { role?: string }).role === 'executor';
}

/** The whole life of a further thread. */
export function runExecutor(program: string): void {
  const { index, shared, settings: captured, users, configFile, control } = workerData as Joining;
  const settings = new Settings();
  settings.adopt(captured);
  const server = new StoreServer({ settings, kinds, rows: commandRows, configFile, joins: { index, shared } });
  const die = (error: Error) => {
    server.log.warning(`=== LARDER BUG REPORT: thread ${index}: ${error.stack ?? error.message}`);
    server.crew!.threads.exit(EXIT_FAULT);
    // The first thread ends the process; should it be stuck, nobody else will.
    const nap = new Int32Array(new SharedArrayBuffer(4));
    for (let i = 0; i < 500; i++) Atomics.wait(nap, 0, 0, 10);
    process.kill(process.pid, 'SIGKILL');
  };
  process.on('uncaughtException', die);
  wireRooms(server, program, [control]);
  const refused = server.acl.load(users, 'users');
  if (refused !== undefined) die(new Error(refused));
  server.listening.listen().then(() => {
    server.joinCrew();
    server.cron.start();
    stayAlive();
    parentPort!.postMessage('ready');
  }, die);
}
