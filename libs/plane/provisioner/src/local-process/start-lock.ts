// One starter at a time in a member's directory, across processes: a file made with O_EXCL that names its holder by identity. A holder
// that died is seen as such, so the lock needs no time limit and no clock. (A worker whose lease ran out while it slept is exactly who
// is kept out here; the lease itself cannot stop it between its check and its spawn.)
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatIdentity, identityOf, isRunning, type ProcessIdentity } from './process-identity';

export const lockFileName = 'start.lock';
let counter = 0;

/** The release, or undefined where a living process holds it. */
export function takeStartLock(directory: string): (() => void) | undefined {
  const file = path.join(directory, lockFileName);
  const mine = path.join(directory, `${lockFileName}.${process.pid}.${(counter += 1)}`);
  writeFileSync(mine, formatIdentity(identityOf(process.pid)!), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        linkSync(mine, file); // appears with its content or not at all
        return () => rmSync(file, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      if (holderLives(file)) return undefined;
      breakLock(file, `${mine}.old`);
    }
    return undefined;
  } finally {
    rmSync(mine, { force: true });
  }
}

function holderLives(file: string): boolean {
  const holder = readHolder(file);
  return holder !== undefined && isRunning(holder);
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; pidStartTicks: string; bootId: string };
    return { pid: read.pid, pidStartTicks: BigInt(read.pidStartTicks), bootId: read.bootId };
  } catch {
    return undefined;
  }
}

/** Only one of two breakers wins the rename; should it have moved a living holder's file, it is put back. */
function breakLock(file: string, aside: string): void {
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (holderLives(aside)) {
    try {
      linkSync(aside, file);
    } catch {
      // somebody took it in between; the next round sees who
    }
  }
  rmSync(aside, { force: true });
}
