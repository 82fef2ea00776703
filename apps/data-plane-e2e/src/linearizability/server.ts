/**
 * The server under judgement, started with as many threads as asked and with the debug settings that make races likely.
 *
 * Settings that a build does not know yet make it refuse to start: `accepts` asks first, so that what needs them can be left out
 * by name instead of failing.
 */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { startStore, storeBinary } from '@larder/shared-testing';
import type { Store, StoreKind } from '@larder/shared-testing';

export type Fault = 'none' | 'skip-lock' | 'wrong-order' | 'release-early';

export interface ServerOptions {
  readonly kind: StoreKind;
  readonly threads: number;
  /** Of a thousand places inside and between locked sections, how many pause. */
  readonly pausesPermille?: number;
  readonly fault?: Fault;
  readonly journal?: boolean;
  readonly more?: readonly string[];
}

const answers = new Map<string, boolean>();

/** Whether the server knows these words of its command line. It is started without anything to listen on, so it exits at once, one way or the other. */
export function accepts(kind: StoreKind, ...args: readonly string[]): boolean {
  const key = `${kind} ${args.join(' ')}`;
  let answer = answers.get(key);
  if (answer === undefined) {
    const { stdout, stderr } = spawnSync(storeBinary(kind), ['--port', '0', '--save', '', ...args], { encoding: 'latin1', timeout: 20_000, cwd: tmpdir() });
    answers.set(key, (answer = !/Bad directive|is not built/.test(stdout + stderr)));
  }
  return answer;
}

function wanted(options: ServerOptions): string[][] {
  if (options.kind === 'redis-server') return [];
  return [
    ...(options.threads === 1 ? [] : [['--threads', String(options.threads)]]),
    ...(options.pausesPermille === undefined || options.pausesPermille === 0 ? [] : [['--debug-thread-pauses', String(options.pausesPermille)]]),
    ...(options.fault === undefined || options.fault === 'none' ? [] : [['--debug-thread-fault', options.fault]]),
    ...(options.journal === true ? [['--debug-journal', 'yes']] : []),
  ];
}

/** The first of the settings that this build does not know; undefined when it knows all. */
export function unknownSetting(options: ServerOptions): string | undefined {
  return wanted(options).find((words) => !accepts(options.kind, ...words))?.join(' ');
}

export async function startServer(options: ServerOptions): Promise<Store> {
  const unknown = unknownSetting(options);
  if (unknown !== undefined) throw new Error(`this ${options.kind} does not know ${unknown}`);
  // A planted fault is to be found by the judge, not by the server's own assertion.
  const asserts = options.kind === 'larder-server' && (options.fault ?? 'none') === 'none' && accepts(options.kind, '--debug-assert-shards', 'yes');
  return startStore({
    kind: options.kind,
    args: ['--enable-debug-command', 'yes', ...wanted(options).flat(), ...(asserts ? ['--debug-assert-shards', 'yes'] : []), ...(options.more ?? [])],
    startTimeoutMs: 20_000,
  });
}
