// The receiving side of one queue of wakes. A job is done when `act` has ended; one that was lost with its worker is found by the sweep,
// and one that BullMQ hands out twice does no harm.
import { Worker } from 'bullmq';
import { queueConnection } from './connection';
import { queuePrefix, type QueueName, type WakeJob } from './queue-names';

export interface WakeWorkerOptions {
  readonly queueUrl: string;
  readonly queue: QueueName;
  readonly concurrency: number;
  readonly act: (id: string) => Promise<void>;
  readonly onError?: (error: unknown, doing: string) => void;
}

export class WakeWorker {
  readonly #worker: Worker<WakeJob>;

  constructor({ queueUrl, queue, concurrency, act, onError }: WakeWorkerOptions) {
    this.#worker = new Worker<WakeJob>(queue, async (job) => act(job.data.id), {
      prefix: queuePrefix, concurrency, connection: queueConnection(queueUrl, true),
      lockDuration: 30_000, stalledInterval: 15_000, maxStalledCount: 5,
    });
    this.#worker.on('error', (error) => onError?.(error, `worker of queue ${queue}`));
    this.#worker.on('failed', (_job, error) => onError?.(error, `job of queue ${queue}`));
  }

  get isRunning(): boolean {
    return this.#worker.isRunning() && !this.#worker.isPaused();
  }

  /** `isForced`: does not wait for jobs that run (the queue's server may be gone). */
  close(isForced = false): Promise<void> {
    return this.#worker.close(isForced);
  }
}
