/** Seeds one after the other on one server: play, judge, tell. A server that was refuted or died is started anew. */
import type { Store } from '@larder/shared-testing';
import { checkArrivalOrder } from './arrival-order.ts';
import { judge } from './judge.ts';
import { play } from './play.ts';
import { startServer } from './server.ts';
import type { ServerOptions } from './server.ts';
import { tellViolation } from './tell.ts';

export interface SeedsOptions extends ServerOptions {
  readonly seed: number;
  readonly seeds: number;
  readonly operations: number;
  readonly clients: number;
  readonly workloads?: readonly string[];
  readonly stuckMs?: number;
  /** A server that runs already, which is then not stopped. */
  readonly store?: Store;
  /** Ends with the first seed that is red. */
  readonly stopsAtFirst?: boolean;
  readonly say?: (line: string) => void;
}

export interface SeedsReport {
  readonly seeds: number;
  readonly operations: number;
  readonly steps: number;
  readonly undecided: number;
  readonly red: readonly { readonly seed: number; readonly text: string }[];
}

const WAITERS = 8;

export async function runSeeds(options: SeedsOptions): Promise<SeedsReport> {
  const say = options.say ?? (() => undefined);
  const red: { seed: number; text: string }[] = [];
  let [seeds, operations, steps, undecided] = [0, 0, 0, 0];
  let { store } = options;
  try {
    for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
      if (store?.isRunning !== true) store = await startServer(options);
      const faults: string[] = [];
      try {
        const { history, complaints, workloads } = await play(store, { seed, operations: options.operations, clients: options.clients, workloads: options.workloads ?? [], ...(options.stuckMs === undefined ? {} : { stuckMs: options.stuckMs }) });
        const judgement = judge(history);
        operations += history.length;
        steps += judgement.steps;
        undecided += judgement.undecided.length;
        faults.push(...judgement.undecided.map((keys) => `no order was found for ${keys.join(', ')}, though not all were tried`));
        faults.push(...complaints, ...judgement.violations.map(tellViolation));
        faults.push(...(await checkArrivalOrder(store, seed, WAITERS)));
        const client = await store.connect();
        await client.ask('FLUSHALL');
        client.close();
        if (faults.length === 0) say(`seed ${seed}: ${history.length} operations of ${workloads.join(', ')} are linearizable (${judgement.parts} parts, ${judgement.steps} steps)`);
      } catch (error) {
        faults.push(error instanceof Error ? error.message : String(error));
        if (!store.isRunning) faults.push(`the server is gone; its log ends:\n${store.log().slice(-3_000)}`);
        if (options.store === undefined) await store.kill();
      }
      seeds++;
      if (faults.length === 0) continue;
      const text = `seed ${seed}, ${options.kind}, threads ${options.threads}, pauses ${options.pausesPermille ?? 0}, fault ${options.fault ?? 'none'}:\n${faults.join('\n')}`;
      red.push({ seed, text });
      say(text);
      if (options.stopsAtFirst === true) break;
    }
  } finally {
    if (options.store === undefined) await store?.kill();
  }
  return { seeds, operations, steps, undecided, red };
}
