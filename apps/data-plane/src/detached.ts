/**
 * `daemonize yes`: the server goes on without the process that started it.
 *
 * Node cannot fork, so the starter runs its own program again, in a session of its own and with no terminal, and leaves
 * once that one says how it went: status 0 when it is ready, 1 when it ended before. Unlike a fork this tells the caller
 * the truth about a taken port. The configuration's checks have run in the starter already, so their errors are on its output.
 */
import { spawn } from 'node:child_process';

const MARK = 'LARDER_DETACHED';
/** Loading the configuration enters `dir`; the second process must begin where the first did. */
const startDirectory = process.cwd();

/** True in the process that stays. */
export const isDetached = process.env[MARK] === '1';
delete process.env[MARK];

/** Starts the process that stays; resolves with the status to leave with. */
export function startDetached(standardInput: string): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    cwd: startDirectory,
    detached: true,
    env: { ...process.env, [MARK]: '1' },
    stdio: [standardInput === '' ? 'ignore' : 'pipe', 'ignore', 'ignore', 'ipc'],
  });
  child.stdin?.end(Buffer.from(standardInput, 'latin1'));
  return new Promise((resolve) => {
    child.once('message', () => resolve(0));
    child.once('error', () => resolve(1));
    child.once('exit', () => resolve(1));
  });
}

/** In the process that stays: lets the starter go. */
export function tellReady(): void {
  if (process.send === undefined) return;
  process.send('ready', () => process.disconnect());
}
