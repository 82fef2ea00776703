/**
 * `supervised`: what upstart or systemd, which started the server, is told of it: that it loads, is ready, ends.
 *
 * systemd listens at a datagram socket ($NOTIFY_SOCKET). Node has none of that kind, so the words go through `systemd-notify`, which comes
 * with systemd and names the server as the sender where it may (as root); a unit that runs as another user needs NotifyAccess=all.
 * The shell that calls it is started before the arena is reserved: the system would not let so large a process make another one.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { Log, StoreServer } from '@larder/store-server';
import type { Settings } from '@larder/store-settings';

export type Supervisor = 'no' | 'upstart' | 'systemd';

const PROGRAM = 'systemd-notify';
const LIMIT_MS = 5000;
/** Passes on line after line; lives until the server's end of the pipe is closed. */
const MESSENGER = `trap '' TERM INT; while read -r words; do ${PROGRAM} --pid=$PPID "$words"; done`;

let tell: ((words: string) => void) | undefined;

/** Who supervises this process; upstart waits for it to stop itself, and lets it go on. */
export function supervisorOf(settings: Settings, log: Log): Supervisor {
  let wanted = settings.shown('supervised');
  if (wanted === 'auto') {
    if (process.env['UPSTART_JOB'] !== undefined) wanted = 'upstart';
    else if (process.env['NOTIFY_SOCKET'] !== undefined) wanted = 'systemd';
    if (wanted !== 'auto') log.verbose(`${wanted === 'upstart' ? 'Upstart' : 'Systemd'} supervision detected.`);
  }
  if (wanted === 'systemd') return isHeard(log) ? 'systemd' : 'no';
  if (wanted !== 'upstart') return 'no';
  if (process.env['UPSTART_JOB'] === undefined) {
    log.warning('upstart supervision requested, but UPSTART_JOB not found!');
    return 'no';
  }
  log.notice('supervised by upstart, will stop to signal readiness.');
  process.kill(process.pid, 'SIGSTOP');
  delete process.env['UPSTART_JOB'];
  return 'upstart';
}

function isHeard(log: Log): boolean {
  if (process.env['NOTIFY_SOCKET'] === undefined) {
    log.warning('systemd supervision requested or auto-detected, but NOTIFY_SOCKET not found!');
    return false;
  }
  const { error, status } = spawnSync(PROGRAM, ['STATUS=Larder is loading...'], { stdio: 'ignore', timeout: LIMIT_MS });
  if (error !== undefined || status !== 0) {
    log.warning(`systemd supervision requested or auto-detected, but ${PROGRAM} ${error === undefined ? 'failed' : 'cannot be run'}!`);
    return false;
  }
  const messenger = spawn('sh', ['-c', MESSENGER], { stdio: ['pipe', 'ignore', 'ignore'] });
  messenger.on('error', (error) => log.warning(`systemd is not told: ${error.message}`)).unref();
  messenger.stdin.on('error', () => undefined);
  tell = (words) => void messenger.stdin.write(`${words}\n`);
  log.notice('Supervised by systemd. Please make sure you set appropriate values for TimeoutStartSec and TimeoutStopSec in your service unit.');
  return true;
}

/** The server serves; its end is told too. */
export function tellSupervisor({ replica }: StoreServer): void {
  if (tell === undefined) return;
  const isReplica = replica?.isReplica === true;
  tell(`STATUS=${isReplica ? 'Ready to accept connections in read-only mode. Waiting for MASTER <-> REPLICA sync' : 'Ready to accept connections'}`);
  tell('READY=1');
  process.on('exit', () => tell?.('STOPPING=1'));
}
