/**
 * Asks a server PING twice each millisecond, whether the one before was answered or not, in a process of its own: what else a bench does
 * would delay the clock. Told `begin` it starts to count; told `end` it answers with the longest wait, and with the most processor time
 * that the server's first thread took while somebody waited: what it is to blame for, also on a machine that has others to serve.
 */
import { openSync, readSync } from 'node:fs';
import { TimedConnection } from './timed-connection.ts';

export interface Waits {
  readonly wallMs: number;
  readonly busyMs: number;
}

const PING = Buffer.from('PING\r\n');
const text = Buffer.alloc(64);

async function main(port: number, pid: string): Promise<void> {
  const schedule = openSync(`/proc/${pid}/task/${pid}/schedstat`, 'r');
  const busy = (): number => Number(text.toString('latin1', 0, readSync(schedule, text, 0, text.length, 0)).split(' ')[0]) / 1e6;
  let [wallMs, busyMs] = [0, 0];
  /** How busy it had been when each question that is not answered yet was asked. */
  const busyBefore: number[] = [];
  const connection = await TimedConnection.open(port, (ms) => {
    const before = busyBefore.shift()!;
    wallMs = Math.max(wallMs, ms);
    if (ms > busyMs) busyMs = Math.max(busyMs, Math.min(ms, busy() - before));
  });
  const timer = setInterval(() => {
    const now = busy();
    busyBefore.push(now, now);
    connection.send(PING);
    connection.send(PING);
  }, 1);
  process.on('message', (word) => {
    if (word === 'begin') return void (wallMs = busyMs = 0);
    clearInterval(timer);
    const answered = setInterval(() => {
      if (connection.isWaiting) return;
      clearInterval(answered);
      connection.close();
      process.send!({ wallMs, busyMs } satisfies Waits, () => process.disconnect());
    }, 1);
  });
  process.send!('ready');
}

void main(Number(process.argv[2]), process.argv[3]!);
