// The tick as one repeating BullMQ job for all schedules, whatever the number of workers: BullMQ gives each round to one of them.
//
// It only wakes. What is due stands in PostgreSQL, and each worker's own sweep ticks as well, so a queue that is gone, was emptied or
// hands a round out twice changes nothing but by how much a run is late.
import { Queue, Worker, type ConnectionOptions } from 'bullmq';

export const tickQueueName = 'backup-ticks';
const prefix = 'larder';
const schedulerId = 'tick';

export interface TickSchedulerOptions {
  /** For the worker: waits for its queue as long as it takes. */
  readonly workerConnection: ConnectionOptions;
  /** For sending: gives up at once. */
  readonly queueConnection: ConnectionOptions;
  readonly everyMs: number;
  readonly tick: () => Promise<void>;
  readonly onError?: (error: unknown, doing: string) => void;
}

export class TickScheduler {
  readonly #options: TickSchedulerOptions;
  readonly #queue: Queue;
  readonly #worker: Worker;

  constructor(options: TickSchedulerOptions) {
    this.#options = options;
    this.#queue = new Queue(tickQueueName, { prefix, connection: options.queueConnection });
    this.#queue.on('error', (error) => options.onError?.(error, `queue ${tickQueueName}`));
    this.#worker = new Worker(tickQueueName, () => options.tick(), {
      prefix, connection: options.workerConnection, concurrency: 1, lockDuration: 30_000, stalledInterval: 15_000,
    });
    this.#worker.on('error', (error) => options.onError?.(error, `worker of queue ${tickQueueName}`));
    this.#worker.on('failed', (_job, error) => options.onError?.(error, 'tick'));
  }

  /** Again and again, since a queue that lost its data has lost the repeating job as well. Does nothing where it is there. */
  async ensure(): Promise<void> {
    try {
      await this.#queue.upsertJobScheduler(schedulerId, { every: this.#options.everyMs }, {
        name: schedulerId, opts: { removeOnComplete: true, removeOnFail: true },
      });
    } catch (error) {
      this.#options.onError?.(error, 'scheduling of ticks');
    }
  }

  get isRunning(): boolean {
    return this.#worker.isRunning();
  }

  async close(): Promise<void> {
    await Promise.all([this.#worker.close(true), this.#queue.close()].map((closing) => closing.catch(() => undefined)));
  }
}
