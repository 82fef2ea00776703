// The local-process driver: every member of an instance is a process of its own on this machine.
//
// Invariants
// - Processes are started detached, in a session of their own, with files for output: they outlive whoever started them.
// - A member's process is never doubled. Starting happens under the directory's start lock; before it the running one is looked for by
//   identity file, by the identity that the records know, and by directory; and its port, fixed for life, admits one server only.
// - A signal goes to an identity (pid, start tick, boot), never to a pid.
// - Secrets stand in redis.conf (0600) alone: not on a command line, not in an environment, not in a message.
//
// `redis-server` and `larder-server` go the same road: a configuration file as the one argument.
import { spawn } from 'node:child_process';
import { closeSync, createWriteStream, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteStream, DataKind, Engine, MemberRef, ProcessIdentity, ProcessSeen, ProcessWish, Provisioner } from '@larder/plane-domain';
import { formatConfig, type Directive } from './config-file';
import { logTail, rotateLog } from './log-file';
import { directoryOf, ensureDirectory, fileNames, listMembers, syncPath, writeWhole } from './member-directory';
import {
  findStore, identityFileName, identityOf, isRunning, readIdentityFile, sameIdentity, stoppedFileName, stopStore, writeIdentityFile,
} from './process-identity';
import { takeStartLock } from './start-lock';

export interface LocalProcessOptions {
  /** LARDER_HOME, absolute. */
  readonly home: string;
  /** Executable that takes a redis.conf: larder-server or redis-server. */
  readonly engineCommand: string;
  /** Those of the other engines, where they are installed. */
  readonly otherEngines?: Readonly<Partial<Record<Engine, string>>>;
  /** Executable of the proxy; without it no gate can be started. */
  readonly gateCommand?: string;
  /** A process that ends although nobody asked it to, as soon as this process (its parent) hears of it. */
  readonly onExit?: (member: MemberRef, reason: string) => void;
  /** How long a fresh process may take until its port accepts. */
  readonly startTimeoutMs?: number;
}

const manifestName = 'appendonly.aof.manifest';
const firstBaseName = 'appendonly.aof.1.base.rdb';
const stagedPrefix = 'staged-';

function placeOf(kind: DataKind): string {
  return kind === 'snapshot' ? fileNames.data : fileNames.appendLog;
}

/** Says that the data staged has none of this kind. */
function emptyName(kind: DataKind): string {
  return `no-${kind}`;
}

/** In a directory of its own, all of it on disk. A base may begin with an RDB and go on with commands; the first start adds an increment. */
async function layData(directory: string, bytes: ByteStream, kind: DataKind): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  const log = path.join(directory, fileNames.appendLog);
  mkdirSync(kind === 'append-log' ? log : directory, { recursive: true, mode: 0o700 });
  const file = kind === 'append-log' ? path.join(log, firstBaseName) : path.join(directory, fileNames.data);
  await pipeline(Readable.from(bytes), createWriteStream(file, { mode: 0o600, flush: true }));
  if (kind === 'append-log') {
    writeFileSync(path.join(log, manifestName), `file ${firstBaseName} seq 1 type b\n`, { mode: 0o600, flush: true });
    syncPath(log);
  }
  writeFileSync(path.join(directory, emptyName(kind === 'append-log' ? 'snapshot' : 'append-log')), '');
  syncPath(directory);
}

type Started = Awaited<ReturnType<Provisioner['ensureProcess']>>;

export class LocalProcessProvisioner implements Provisioner {
  readonly #options: LocalProcessOptions;
  /** Why a process that we had started ended; another worker's process leaves only its log. */
  readonly #exitReasons = new Map<string, string>();

  constructor(options: LocalProcessOptions) {
    this.#options = options;
  }

  async ensureStorage(member: MemberRef): Promise<{ readonly directory: string }> {
    return { directory: ensureDirectory(this.#options.home, member) };
  }

  async seedStorage(member: MemberRef, bytes: ByteStream, kind: DataKind): Promise<void> {
    const directory = ensureDirectory(this.#options.home, member);
    const place = path.join(directory, placeOf(kind));
    // EEXIST by name: data appears whole or not at all, so whoever asks again after a crash knows that the first time went well.
    if (existsSync(place)) throw Object.assign(new Error(`cannot seed member ${member.name}: ${place} is already there`), { code: 'EEXIST' });
    const fresh = path.join(directory, `seed-${process.pid}.tmp`);
    try {
      await layData(fresh, bytes, kind);
      renameSync(path.join(fresh, placeOf(kind)), place);
      syncPath(directory);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }

  async stageData(member: MemberRef, id: string, bytes: ByteStream, kind: DataKind): Promise<void> {
    const directory = ensureDirectory(this.#options.home, member);
    const fresh = path.join(directory, `${stagedPrefix}${id}-${process.pid}.tmp`);
    const staged = path.join(directory, `${stagedPrefix}${id}`);
    try {
      await layData(fresh, bytes, kind);
      rmSync(staged, { recursive: true, force: true });
      renameSync(fresh, staged);
      syncPath(directory);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }

  async adoptData(member: MemberRef, id: string): Promise<void> {
    const directory = directoryOf(this.#options.home, member);
    const staged = path.join(directory, `${stagedPrefix}${id}`);
    if (!existsSync(staged)) return;
    // Whoever dies in here comes again: what was staged is there until its last part has been moved.
    for (const kind of ['snapshot', 'append-log'] as const) {
      const fresh = path.join(staged, placeOf(kind));
      if (!existsSync(fresh) && existsSync(path.join(staged, emptyName(kind)))) await this.dropData(member, kind);
      if (!existsSync(fresh)) continue;
      await this.dropData(member, kind);
      renameSync(fresh, path.join(directory, placeOf(kind)));
    }
    // Our engine's word that it had replicas (it would refuse to fill them where it starts without a key): that was the data before.
    rmSync(path.join(directory, 'larder-has-replicas'), { force: true });
    syncPath(directory);
    rmSync(staged, { recursive: true, force: true });
    for (const name of readdirSync(directory)) if (name.startsWith(stagedPrefix)) rmSync(path.join(directory, name), { recursive: true, force: true });
  }

  async dataFiles(member: MemberRef): Promise<ReadonlySet<DataKind>> {
    const directory = directoryOf(this.#options.home, member);
    const kinds: DataKind[] = [];
    if (existsSync(path.join(directory, fileNames.data))) kinds.push('snapshot');
    // The manifest is what makes the parts a log: it appears when the first of them is whole.
    if (existsSync(path.join(directory, fileNames.appendLog, manifestName))) kinds.push('append-log');
    return new Set(kinds);
  }

  async snapshotBytes(member: MemberRef): Promise<number | null> {
    return statSync(path.join(directoryOf(this.#options.home, member), fileNames.data), { throwIfNoEntry: false })?.size ?? null;
  }

  async dropData(member: MemberRef, kind: DataKind): Promise<void> {
    const directory = directoryOf(this.#options.home, member);
    if (kind === 'snapshot') rmSync(path.join(directory, fileNames.data), { force: true });
    else {
      const log = path.join(directory, fileNames.appendLog);
      // The manifest first: parts without one are no log.
      rmSync(path.join(log, manifestName), { force: true });
      rmSync(log, { recursive: true, force: true });
    }
    if (existsSync(directory)) syncPath(directory);
  }

  async observe(member: MemberRef, known: ProcessIdentity | null): Promise<ProcessSeen> {
    const directory = directoryOf(this.#options.home, member);
    const running = findStore(directory, known ?? undefined);
    if (running) {
      rotateLog(path.join(directory, fileNames.log));
      return { state: 'running', identity: running };
    }
    const ran = readIdentityFile(directory) ?? known;
    const stopped = readIdentityFile(directory, stoppedFileName);
    return ran && !(stopped && sameIdentity(ran, stopped)) ? { state: 'exited', reason: this.#reasonOf(directory, ran) } : { state: 'absent' };
  }

  async ensureProcess(wish: ProcessWish, known: ProcessIdentity | null): Promise<Started> {
    const directory = ensureDirectory(this.#options.home, wish);
    const release = takeStartLock(directory);
    if (!release) return { outcome: 'failed', reason: 'SpawnFailed', message: `another worker is starting member ${wish.name}` };
    try {
      const running = findStore(directory, known ?? undefined);
      if (running) {
        writeIdentityFile(directory, running);
        return { outcome: 'running', identity: running, isNew: false };
      }
      if (wish.isPortHeld !== true && !(await canListen(wish.port, wish.bind))) {
        return { outcome: 'failed', reason: 'PortTaken', message: `port ${wish.port} is used by another program` };
      }
      return await this.#start(wish, directory);
    } catch (error) {
      return { outcome: 'failed', ...describeFault(error, wish, directory) };
    } finally {
      release();
    }
  }

  async retireProcess(member: MemberRef, known: ProcessIdentity | null, graceMs: number): Promise<void> {
    const directory = directoryOf(this.#options.home, member);
    const running = findStore(directory, known ?? undefined);
    if (running) this.#exitReasons.set(keyOf(running), 'stopped');
    await stopStore(directory, graceMs, known ?? undefined);
  }

  async retireStorage(member: MemberRef): Promise<void> {
    const directory = directoryOf(this.#options.home, member);
    if (findStore(directory)) throw new Error(`cannot remove ${directory}: its process still runs`);
    rmSync(directory, { recursive: true, force: true });
    const instanceDirectory = path.dirname(directory);
    if (existsSync(instanceDirectory) && listMembers(this.#options.home).every((other) => other.instanceId !== member.instanceId)) {
      rmSync(instanceDirectory, { recursive: true, force: true });
    }
  }

  async list(): Promise<readonly MemberRef[]> {
    return listMembers(this.#options.home);
  }

  async isPortFree(port: number): Promise<boolean> {
    return canListen(port, '0.0.0.0');
  }

  async #start(wish: ProcessWish, directory: string): Promise<Started> {
    const log = path.join(directory, fileNames.log);
    rotateLog(log);
    // Gone before the spawn: a stale file must not hide a process whose starter dies before it can write the new one.
    rmSync(path.join(directory, identityFileName), { force: true });
    writeConfig(wish, directory, this.#handOver(wish));
    const output = openSync(log, 'a', 0o600);
    const child = spawn(this.#programOf(wish), [path.join(directory, fileNames.config), ...(wish.program === 'sentinel' ? ['--sentinel'] : [])], {
      cwd: directory, detached: true, stdio: ['ignore', output, output], env: cleanEnvironment(),
    });
    closeSync(output);
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`cannot be started: ${error.message}`));
      child.once('exit', (code, signalName) => resolve(signalName ? `ended by ${signalName}` : `exited with code ${code}`));
    });
    child.unref();
    if (child.pid === undefined) throw new Error(await exited);
    const identity = identityOf(child.pid);
    if (identity) {
      writeIdentityFile(directory, identity);
      void exited.then((reason) => this.#heardExit(wish, identity, reason));
    }
    if (identity) await waitUntilAccepts(wish.port, wish.bind, this.#options.startTimeoutMs ?? 10_000, identity);
    if (identity && isRunning(identity)) return { outcome: 'running', identity, isNew: true };
    const message = [`${path.basename(this.#programOf(wish))} ${await exited}`, logTail(log, 3)].filter(Boolean).join(': ');
    return { outcome: 'failed', reason: (await canListen(wish.port, wish.bind)) ? 'ExitedAtStart' : 'PortTaken', message };
  }

  #programOf({ program, engine = 'LARDER' }: ProcessWish): string {
    if (program !== 'gate') {
      const command = engine === 'LARDER' ? this.#options.engineCommand : this.#options.otherEngines?.[engine];
      if (command === undefined) throw new Error(`the engine ${engine} is not installed`);
      return command;
    }
    if (this.#options.gateCommand === undefined) throw new Error('this driver has no proxy');
    return this.#options.gateCommand;
  }

  /** All members of this driver share a machine: a proxy hands its clients over to stores of ours, by sockets that lie in one place. */
  #handOver(wish: ProcessWish): Directive[] {
    const { program = 'store' } = wish;
    const isOurs = program === 'gate' || (program === 'store' && path.basename(this.#programOf(wish)) === 'larder-server');
    if (!isOurs) return [];
    const place = path.join(this.#options.home, 'handover');
    mkdirSync(place, { recursive: true, mode: 0o700 });
    return [['handover-dir', place]];
  }

  #heardExit(wish: ProcessWish, identity: ProcessIdentity, reason: string): void {
    const key = keyOf(identity);
    if (this.#exitReasons.get(key) === 'stopped') return;
    this.#exitReasons.set(key, reason);
    const { organizationId, instanceId, memberId, name } = wish;
    this.#options.onExit?.({ organizationId, instanceId, memberId, name }, reason);
  }

  #reasonOf(directory: string, ran: ProcessIdentity): string {
    const reason = this.#exitReasons.get(keyOf(ran)) ?? 'ended while nobody watched';
    const last = logTail(path.join(directory, fileNames.log), 1);
    return last ? `${reason}; last log line: ${last}` : reason;
  }
}

function keyOf(identity: ProcessIdentity): string {
  return `${identity.bootId}/${identity.pid}/${identity.pidStartTicks}`;
}

function ownDirectives(wish: ProcessWish, directory: string): Directive[] {
  return [
    ['port', String(wish.port)],
    ['bind', wish.bind],
    ['protected-mode', 'no'], // every user has a password
    ['dir', directory],
    ...(wish.program === undefined || wish.program === 'store' ? [['dbfilename', fileNames.data] as const] : []),
    ['logfile', path.join(directory, fileNames.log)],
    ['pidfile', path.join(directory, fileNames.pid)],
    ['daemonize', 'no'],
  ];
}

/** A Sentinel's file is its memory (its epochs, whom it voted for, whom it knows): written before its first start, never after. */
function writeConfig(wish: ProcessWish, directory: string, more: readonly Directive[]): void {
  const file = path.join(directory, fileNames.config);
  if (wish.program === 'sentinel' && existsSync(file)) return;
  writeWhole(file, formatConfig([...ownDirectives(wish, directory), ...more, ...wish.directives]));
}

/** A store needs a path and a language; our own settings, with their secrets, are none of its business. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

function describeFault(error: unknown, wish: ProcessWish, directory: string): { reason: 'SpawnFailed' | 'DiskFull'; message: string } {
  const fault = error as NodeJS.ErrnoException;
  if (fault.code === 'ENOSPC' || fault.code === 'EDQUOT') {
    const left = statfsSync(directory, { bigint: false });
    return { reason: 'DiskFull', message: `no space left in ${directory} (${left.bavail * left.bsize} bytes free)` };
  }
  return { reason: 'SpawnFailed', message: `cannot start member ${wish.name}: ${fault.message}` };
}

/** Binds for a moment and lets go; the kernel's word is the only one that counts. */
function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Until the port accepts, the process has gone, or the time is up. Asks often: a store is up in tens of milliseconds, and somebody waits. */
async function waitUntilAccepts(port: number, bind: string, timeoutMs: number, identity: ProcessIdentity): Promise<void> {
  const host = bind === '0.0.0.0' ? '127.0.0.1' : bind;
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && !(await accepts(port, host)) && isRunning(identity)) {
    await new Promise((wake) => setTimeout(wake, 4));
  }
}

function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection({ port, host });
    probe.once('connect', () => { probe.destroy(); resolve(true); });
    probe.once('error', () => resolve(false));
  });
}
