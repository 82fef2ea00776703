/** Plays a fuzzer against a server: no crash, nothing that takes longer than the limit, no growth. */
import { readFileSync } from 'node:fs';
import { startStore, waitFor } from '@larder/shared-testing';
import type { Command, RawClient, Store } from '@larder/shared-testing';
import { seededRandom } from '../differential/random.ts';
import { fuzzers, shown } from './fuzzers.ts';

/** A script that runs longer is killed; a killed one ends within the second limit. */
const SCRIPT_MS = 500;
const KILLED_MS = 3_000;
const GROWTH_MAX_BYTES = 300 << 20;

export interface FuzzOptions {
  readonly fuzzer: string;
  readonly seed: number;
  readonly rounds: number;
  /** A command that is not a script and takes longer is a finding; on the clock, so a busy machine needs more. */
  readonly slowMs: number;
}

export interface FuzzReport {
  readonly findings: readonly string[];
  /** Scripts that did not end by themselves. */
  readonly killed: number;
}

export async function fuzz({ fuzzer: name, seed, rounds, slowMs }: FuzzOptions): Promise<FuzzReport> {
  const fuzzer = fuzzers[name]!();
  const random = seededRandom(seed);
  const findings: string[] = [];
  let killed = 0;
  let isUnkillable = false;
  let store!: Store;
  let client!: RawClient;
  let control!: RawClient;
  const start = async (): Promise<void> => {
    store = await startStore({ kind: 'larder-server', args: ['--slowlog-log-slower-than', String(slowMs * 1000), '--slowlog-max-len', '1000', '--busy-reply-threshold', '100', '--acllog-max-len', '10'] });
    client = await store.connect(2, 60_000);
    control = await store.connect(2, 60_000);
  };
  await start();
  await fuzzer.begin?.(client);
  const resident = (): number => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${store.pid}/status`, 'latin1'))![1]) * 1024;
  let before = 0;
  const restart = async (finding: string | undefined): Promise<void> => {
    if (finding !== undefined) findings.push(finding);
    client.close();
    control.close();
    await store.kill();
    await start();
    before = 0;
  };

  /** False when it is still not answered after being killed. */
  const answered = async (commands: readonly Command[]): Promise<boolean> => {
    isUnkillable = false;
    const answer = client.pipeline(commands).then(() => true, () => false);
    if (await withinMs(answer, SCRIPT_MS)) return true;
    killed++;
    const kill = control.command('SCRIPT', 'KILL').then((reply) => ((isUnkillable = reply.raw.includes('UNKILLABLE')), true), () => false);
    if ((await withinMs(kill, KILLED_MS)) && (await withinMs(answer, KILLED_MS))) return true;
    // What has written cannot be killed, in Redis neither.
    return false;
  };

  for (let round = 0; round < rounds; round++) {
    const commands = fuzzer.next(random);
    const told = `${name}, seed ${seed}, round ${round}:\n  ${shown(commands)}`;
    if (!(await answered(commands))) {
      await restart(isUnkillable ? undefined : `hangs or is gone: ${told}\n${store.log().slice(-2000)}`);
      continue;
    }
    const fault = await fuzzer.check?.(client);
    if (fault !== undefined) findings.push(`${fault}: ${told}`);
    // The first rounds load what is loaded once.
    if (round === Math.min(500, rounds >> 1) || before === 0) before = resident();
    if (findings.length >= 10) break;
  }
  await control.ask('FLUSHALL');
  const grown = resident() - before;
  if (grown > GROWTH_MAX_BYTES) findings.push(`${name}, seed ${seed}: ${Math.round(grown / 2 ** 20)} MB more than at the start`);
  for (const entry of (await control.ask('SLOWLOG', 'GET', '1000')) as unknown[][]) {
    const words = entry[3] as string[];
    if (!/^eval/i.test(words[0]!)) findings.push(`takes ${String(entry[2])} µs: ${JSON.stringify(words).slice(0, 500)}`);
  }
  await waitFor('the server to answer', async () => (await control.ask('PING')) === 'PONG');
  client.close();
  control.close();
  await store.kill();
  return { findings, killed };
}

function withinMs(answer: Promise<boolean>, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limitMs);
    void answer.then((isThere) => {
      clearTimeout(timer);
      resolve(isThere);
    });
  });
}
