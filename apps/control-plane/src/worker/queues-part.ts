// Figures of the queues, and the sweeping out of rows that have run out.
import { Gauge } from 'prom-client';
import { queueNames } from '@larder/plane-reconcile';
import { dayMs, minuteMs } from '@larder/shared-std';
import type { WorkerPart } from './part';

export const queuesPart: WorkerPart = {
  name: 'queues',
  async start({ wake }, metrics) {
    const jobs = new Gauge({ name: 'larder_queue_jobs', help: 'Jobs by queue and state.', labelNames: ['queue', 'state'], registers: [metrics] });
    new Gauge({
      name: 'larder_queue_oldest_wait_seconds', help: 'How long the oldest waiting job has waited.', labelNames: ['queue'], registers: [metrics],
      async collect() {
        for (const queue of Object.values(queueNames)) {
          const depth = await wake.depth(queue);
          if (depth === undefined) continue;
          this.set({ queue }, depth.oldestWaitMs / 1000);
          jobs.set({ queue, state: 'waiting' }, depth.waiting);
          jobs.set({ queue, state: 'active' }, depth.active);
        }
      },
    });
    return { stop: async () => undefined };
  },
};

export const housekeepingPart: WorkerPart = {
  name: 'housekeeping',
  async start({ work: { records }, clock, log }) {
    const sweep = async (): Promise<void> => {
      const at = new Date(clock.now());
      await records.idempotency.removeExpired(at);
      await records.sessions.removeExpired(at);
      await records.rateBuckets.removeBefore(new Date(at.getTime() - dayMs));
    };
    const timer = setInterval(() => void sweep().catch((error: unknown) => log.warn({ err: error }, 'housekeeping failed, is tried again')), 10 * minuteMs);
    timer.unref();
    return { stop: async () => clearInterval(timer) };
  },
};
