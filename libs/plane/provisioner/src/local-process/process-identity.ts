// What makes a process the very one that was started: pid, the tick of its start and the boot that tick belongs to. A pid alone is
// reused by the kernel; ticks alone mean nothing after a reboot. All three must match before anyone sends it a signal.
//
// Only node: imports here, so that infra/start can load this file as it is (Node strips the types).
import { existsSync, readFileSync, readlinkSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface ProcessIdentity {
  readonly pid: number;
  readonly pidStartTicks: bigint;
  readonly bootId: string;
}

let boot: string | undefined;
export function currentBootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}

interface ProcStat {
  readonly state: string;
  readonly parentPid: number;
  readonly startTicks: bigint;
}

/** undefined where there is no such process. The name in the second field may hold blanks and parentheses: cut behind its last one. */
function readStat(pid: number): ProcStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0]!, parentPid: Number(fields[1]), startTicks: BigInt(fields[19]!) };
}

/** A zombie has ended: it holds no port and no file, it only waits for somebody to read its exit code. */
function isAlive(stat: ProcStat | undefined): stat is ProcStat {
  return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X';
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return isAlive(stat) ? { pid, pidStartTicks: stat.startTicks, bootId: currentBootId() } : undefined;
}

export function isRunning(identity: ProcessIdentity): boolean {
  if (identity.bootId !== currentBootId()) return false;
  const stat = readStat(identity.pid);
  return isAlive(stat) && stat.startTicks === identity.pidStartTicks;
}

/**
 * The process that works in `directory` as its current directory and whose command line passes `isOurs`. A store's directory is its
 * own (0700), so this finds one that was started just before its starter died, with its identity written nowhere. Of a parent and the
 * child it forked for a save, the parent is meant.
 */
export function findByDirectory(directory: string, isOurs: (commandLine: string) => boolean): ProcessIdentity | undefined {
  const found = new Map<number, ProcStat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    try {
      if (pid === process.pid || readlinkSync(`/proc/${name}/cwd`) !== directory) continue;
      if (!isOurs(readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' '))) continue;
    } catch {
      continue; // gone meanwhile, or somebody else's
    }
    const stat = readStat(pid);
    if (isAlive(stat)) found.set(pid, stat);
  }
  for (const [pid, stat] of found) {
    if (!found.has(stat.parentPid)) return { pid, pidStartTicks: stat.startTicks, bootId: currentBootId() };
  }
  return undefined;
}

/** Signals exactly this process; false where it is gone. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.pid, name);
    return true;
  } catch {
    return false;
  }
}

/** How long to wait for a process that was asked to leave: a time, or a question asked again and again. */
export type Grace = number | ((waitedMs: number) => boolean);

/** True once it is gone, false where it still runs when patience is over. */
export async function waitForExit(identity: ProcessIdentity, grace: Grace): Promise<boolean> {
  const startedAt = performance.now();
  const isPatient = typeof grace === 'number' ? (waitedMs: number): boolean => waitedMs < grace : grace;
  for (let pauseMs = 2; isRunning(identity); pauseMs = Math.min(50, pauseMs * 2)) {
    if (!isPatient(performance.now() - startedAt)) return false;
    await new Promise((wake) => setTimeout(wake, pauseMs));
  }
  return true;
}

/** TERM, and KILL when patience is over. */
export async function endProcess(identity: ProcessIdentity, grace: Grace): Promise<'left' | 'killed'> {
  signal(identity, 'SIGTERM');
  if (await waitForExit(identity, grace)) return 'left';
  signal(identity, 'SIGKILL');
  await waitForExit(identity, 10_000);
  return 'killed';
}

// ── the identity file ───────────────────────────────────────────────────────────────────────────────────────────────────

export const configFileName = 'redis.conf';
export const identityFileName = 'process.json';
/** Identity of the last process that was ended on purpose: its absence is no crash. */
export const stoppedFileName = 'stopped.json';

export function formatIdentity(identity: ProcessIdentity): string {
  return `${JSON.stringify({ pid: identity.pid, pidStartTicks: String(identity.pidStartTicks), bootId: identity.bootId })}\n`;
}

/** undefined for a file that is missing, cut off or not an identity: then the process is looked for by its directory. */
export function readIdentityFile(directory: string, name: string = identityFileName): ProcessIdentity | undefined {
  try {
    const read = JSON.parse(readFileSync(path.join(directory, name), 'utf8')) as Record<string, unknown>;
    const { pid, pidStartTicks, bootId } = read;
    if (typeof pid !== 'number' || typeof pidStartTicks !== 'string' || typeof bootId !== 'string') return undefined;
    return { pid, pidStartTicks: BigInt(pidStartTicks), bootId };
  } catch {
    return undefined;
  }
}

/** The whole file or the old one, never half; 0600. */
export function writeIdentityFile(directory: string, identity: ProcessIdentity, name: string = identityFileName): void {
  const fresh = path.join(directory, `${name}.${process.pid}.tmp`);
  writeFileSync(fresh, formatIdentity(identity), { mode: 0o600 });
  renameSync(fresh, path.join(directory, name));
}

export function sameIdentity(left: ProcessIdentity, right: ProcessIdentity): boolean {
  return left.pid === right.pid && left.pidStartTicks === right.pidStartTicks && left.bootId === right.bootId;
}

/** By configuration file or by name: a shell that stands in the directory shows neither. */
export function isStore(commandLine: string): boolean {
  return /\/redis\.conf|redis-server|valkey-server|larder-server/.test(commandLine);
}

export function findStore(directory: string, known?: ProcessIdentity): ProcessIdentity | undefined {
  const written = readIdentityFile(directory);
  if (written && isRunning(written)) return written;
  if (known && isRunning(known)) return known;
  // Its configuration is written before anything is started here: without one there is nothing to look for among all processes.
  return existsSync(path.join(directory, configFileName)) ? findByDirectory(directory, isStore) : undefined;
}

/** Ends the store of this directory so that nobody takes it for a crash. */
export async function stopStore(directory: string, grace: Grace, known?: ProcessIdentity): Promise<'absent' | 'left' | 'killed'> {
  let how: 'absent' | 'left' | 'killed' = 'absent';
  // More than one round only where a starter died between spawn and its identity file, and an older one still runs.
  for (let running = findStore(directory, known); running; running = findStore(directory, known)) {
    writeIdentityFile(directory, running, stoppedFileName);
    how = await endProcess(running, grace);
  }
  rmSync(path.join(directory, identityFileName), { force: true });
  return how;
}
