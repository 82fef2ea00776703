/**
 * BullMQ's jobs per second: a queue is filled in bulk, then one worker with 50 at a time does nothing with each. The client is this process
 * and shares the machine, so look at the ratios, and first at the server's CPU time per job.
 */
import { Queue, Worker } from 'bullmq';
import type { Store } from '@larder/shared-testing';
import { cpuSeconds } from './measure.ts';

/** One phase: jobs per second, and the server's CPU time for each. */
export interface JobRate {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

export interface JobRates {
  readonly added: JobRate;
  readonly processed: JobRate;
}

const BULK = 500;

export async function jobsPerSecond(store: Pick<Store, 'port' | 'pid'>, jobs: number): Promise<JobRates> {
  const connection = { host: '127.0.0.1', port: store.port, maxRetriesPerRequest: null };
  const name = `bench-${process.pid}-${Math.round(performance.now())}`;
  const queue = new Queue(name, { connection });
  await queue.waitUntilReady();
  const adding = stopwatch(store.pid, jobs);
  for (let from = 0; from < jobs; from += BULK) {
    await queue.addBulk(Array.from({ length: Math.min(BULK, jobs - from) }, (_, at) => ({ name: 'work', data: { number: from + at } })));
  }
  const added = adding();

  let done = 0;
  const processing = stopwatch(store.pid, jobs);
  const worker = new Worker(name, async () => 'done', { connection, concurrency: 50 });
  await new Promise<void>((resolve, reject) => {
    worker.on('completed', () => {
      if (++done === jobs) resolve();
    });
    worker.on('error', reject);
  });
  const processed = processing();
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
  return { added, processed };
}

/** Starts now; what it returns stops. */
function stopwatch(pid: number, jobs: number): () => JobRate {
  const since = performance.now();
  const cpuSince = cpuSeconds(pid);
  return () => ({ perSecond: (jobs * 1000) / (performance.now() - since), cpuMicroseconds: ((cpuSeconds(pid) - cpuSince) * 1e6) / jobs });
}
