// Backups: the loop over runs with its wakes, and the tick for all schedules.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { BackupLoop, SnapshotSource, TickScheduler } from '@larder/plane-backups';
import { IoredisInstanceLink } from '@larder/plane-instance-link';
import { queueConnection, queueNames } from '@larder/plane-reconcile';
import { dayMs, secondMs } from '@larder/shared-std';
import { backupRooms } from '../backup-rooms';
import type { WorkerPart } from './part';
import { sparingly } from '../platform';
import { watchedWakes } from './watched-wakes';

/** A run counts as on time within a minute of its moment. */
const tickMs = 10 * secondMs;
const stopMsMax = 1500;

export const backupsPart: WorkerPart = {
  name: 'backups',
  async start(platform, metrics) {
    const { settings, log, work, clock, ids, secretBox: secrets, queueUrl } = platform;
    const { storage, scratch } = backupRooms(platform);
    const link = new IoredisInstanceLink({ saveTimeoutMs: 900 * secondMs });
    const onError = sparingly(log);
    const counters = backupMetrics(metrics);
    const loop = new BackupLoop({
      ports: {
        work, storage, scratch, secrets, clock, ids, holder: `worker/${ids.next()}`,
        source: new SnapshotSource({ records: work.records, secrets, link, bindAddress: settings.bindAddress }),
      },
      sweepMs: Math.min(settings.sweepSeconds * secondMs, 15 * secondMs), endedKeptMs: settings.endedBackupDays * dayMs, onError,
      onTick: ({ runs, missed }) => {
        counters.missed.inc(missed);
        log.info({ runs, missed }, 'schedules fell due');
      },
      onRun: ({ backupId, result, tookMs }) => {
        counters.runs.inc({ result: result.result });
        counters.seconds.observe(tookMs / 1000);
        log.debug({ backupId, ...result, tookMs: Math.round(tookMs) }, 'backup');
      },
    });
    new Gauge({
      name: 'larder_backups_active', help: 'Backups that are being taken, verified or removed.', registers: [metrics],
      collect() { this.set(loop.activeCount); },
    });
    const wakes = [queueNames.backups, queueNames.backupDeletions].map((queue) =>
      watchedWakes(platform, { queue, concurrency: 4, act: (id) => loop.wake(id) }));
    const ticks = new TickScheduler({
      workerConnection: queueConnection(queueUrl, true), queueConnection: queueConnection(queueUrl, false), everyMs: tickMs,
      tick: () => loop.tick(), onError,
    });
    const ensuring = setInterval(() => void ticks.ensure(), settings.sweepSeconds * secondMs);
    ensuring.unref();
    void ticks.ensure();
    loop.start();
    const startedAtMs = clock.now();
    return {
      fault() {
        const lateMs = clock.now() - Math.max(loop.lastSweepAtMs, startedAtMs);
        return lateMs > 60 * secondMs ? `the last sweep of backups was ${Math.round(lateMs / 1000)} s ago` : undefined;
      },
      async stop() {
        clearInterval(ensuring);
        scratch.stop();
        await Promise.all([ticks.close(), ...wakes.map((each) => each.stop())]);
        await Promise.race([loop.stop(), new Promise((late) => setTimeout(late, stopMsMax).unref())]);
        await link.close();
      },
    };
  },
};

function backupMetrics(registry: Registry): { runs: Counter<'result'>; seconds: Histogram; missed: Counter } {
  return {
    runs: new Counter({ name: 'larder_backup_runs_total', help: 'Steps of backups by result.', labelNames: ['result'], registers: [registry] }),
    missed: new Counter({ name: 'larder_backup_missed_total', help: 'Scheduled moments that passed unused.', registers: [registry] }),
    seconds: new Histogram({
      name: 'larder_backup_seconds', help: 'From the start of a backup to its proof.', buckets: [0.3, 1, 3, 10, 30, 100, 300], registers: [registry],
    }),
  };
}
