// A worker of wakes that is itself watched: workers of queues have been seen to stand still after their server was replaced. When jobs
// wait although this one claims to run, it is thrown away and made anew.
import { WakeWorker, type WakeWorkerOptions } from '@larder/plane-reconcile';
import { sparingly, type Platform } from '../platform';

const lookEveryMs = 10_000;
const waitMsMax = 15_000;

export function watchedWakes(
  { wake, queueUrl, log }: Platform, options: Pick<WakeWorkerOptions, 'queue' | 'concurrency' | 'act'>,
): { stop(): Promise<void> } {
  const make = (): WakeWorker => new WakeWorker({
    ...options, queueUrl, onError: sparingly(log),
  });
  let worker = make();
  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();
  const look = async (): Promise<void> => {
    const depth = await wake.depth(options.queue);
    if (depth === undefined || depth.waiting === 0 || depth.active > 0 || depth.oldestWaitMs < waitMsMax) return;
    log.warn({ queue: options.queue, ...depth }, 'the queue is not being worked off; its worker is made anew');
    const old = worker;
    worker = make();
    await old.close(true).catch(() => undefined);
  };
  return {
    async stop() {
      clearInterval(timer);
      await worker.close(true).catch(() => undefined);
    },
  };
}
