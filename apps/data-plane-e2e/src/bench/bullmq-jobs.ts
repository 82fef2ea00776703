/**
 * BullMQ's jobs per second: a queue is filled in bulk, then one worker with 50 at a time does nothing 5,000 times. The client is this process
 * and shares the machine, so look at the ratio.
 */
import { Queue, Worker } from 'bullmq';

export interface JobRates {
  readonly added: number;
  readonly processed: number;
}

const BULK = 500;

export async function jobsPerSecond(port: number, jobs: number): Promise<JobRates> {
  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
  const name = `bench-${process.pid}-${Math.round(performance.now())}`;
  const queue = new Queue(name, { connection });
  await queue.waitUntilReady();
  const addingSince = performance.now();
  for (let from = 0; from < jobs; from += BULK) {
    await queue.addBulk(Array.from({ length: Math.min(BULK, jobs - from) }, (_, at) => ({ name: 'work', data: { number: from + at } })));
  }
  const addedIn = performance.now() - addingSince;

  let processed = 0;
  const processingSince = performance.now();
  const worker = new Worker(name, async () => 'done', { connection, concurrency: 50 });
  await new Promise<void>((resolve, reject) => {
    worker.on('completed', () => {
      if (++processed === jobs) resolve();
    });
    worker.on('error', reject);
  });
  const processedIn = performance.now() - processingSince;
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
  return { added: (jobs * 1000) / addedIn, processed: (jobs * 1000) / processedIn };
}
