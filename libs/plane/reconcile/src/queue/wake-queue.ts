// The sending side of the wakes. Failing here is harmless (level, not edge), so nothing throws and nobody waits long.
//
// Invariants: deduplicated by id, keeping one more run when a job is already active (a wake that came in its middle is not lost);
// finished and failed jobs are removed, so the queue's memory is bounded by the number of instances.
import { Queue } from 'bullmq';
import type { WakeQueue } from '@larder/plane-domain';
import { queueConnection } from './connection';
import { queueNames, queuePrefix, type QueueName, type WakeJob } from './queue-names';

const addMsMax = 1000;

export interface WakeQueueOptions {
  readonly queueUrl: string;
  readonly onError?: (error: unknown, doing: string) => void;
}

export class BullWakeQueue implements WakeQueue {
  readonly #queues: ReadonlyMap<QueueName, Queue<WakeJob>>;
  readonly #onError: NonNullable<WakeQueueOptions['onError']>;

  constructor({ queueUrl, onError }: WakeQueueOptions) {
    this.#onError = onError ?? (() => undefined);
    this.#queues = new Map(Object.values(queueNames).map((name) => {
      const queue = new Queue<WakeJob>(name, { prefix: queuePrefix, connection: queueConnection(queueUrl, false) });
      queue.on('error', (error) => this.#onError(error, `queue ${name}`));
      return [name, queue];
    }));
  }

  instance(instanceId: string): Promise<void> {
    return this.#wake(queueNames.instances, instanceId);
  }

  backup(backupId: string): Promise<void> {
    return this.#wake(queueNames.backups, backupId);
  }

  backupDeletion(backupId: string): Promise<void> {
    return this.#wake(queueNames.backupDeletions, backupId);
  }

  /** Jobs that wait, by queue, and how long the oldest has waited; undefined where the queue does not answer. */
  async depth(name: QueueName): Promise<{ readonly waiting: number; readonly active: number; readonly oldestWaitMs: number } | undefined> {
    return within(addMsMax, async () => {
      const queue = this.#queues.get(name)!;
      const [counts, [oldest]] = await Promise.all([queue.getJobCounts('waiting', 'active'), queue.getJobs(['waiting'], 0, 0, true)]);
      return { waiting: counts['waiting'] ?? 0, active: counts['active'] ?? 0, oldestWaitMs: oldest ? Math.max(0, Date.now() - oldest.timestamp) : 0 };
    }).catch(() => undefined);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close().catch(() => undefined)));
  }

  async #wake(name: QueueName, id: string): Promise<void> {
    try {
      await within(addMsMax, async () => {
        await this.#queues.get(name)!.add('wake', { id }, {
          deduplication: { id, keepLastIfActive: true }, removeOnComplete: true, removeOnFail: true,
        });
      });
    } catch (error) {
      this.#onError(error, `wake ${name}`);
    }
  }
}

async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer from the queue within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer!);
  }
}
