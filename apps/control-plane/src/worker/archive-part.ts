// The archive of append-only files: what makes restoring to a second possible.
import { Counter, Gauge, Histogram } from 'prom-client';
import { ArchiveLoop } from '@larder/plane-backups';
import { IoredisInstanceLink } from '@larder/plane-instance-link';
import { secondMs } from '@larder/shared-std';
import { archivePortsOn } from '../backup-rooms';
import { sparingly } from '../platform';
import type { WorkerPart } from './part';

const stopMsMax = 1500;

export const archivePart: WorkerPart = {
  name: 'archive',
  async start(platform, metrics) {
    const { log, clock, ids } = platform;
    const link = new IoredisInstanceLink();
    const rounds = new Counter({ name: 'larder_archive_rounds_total', help: 'Looks at logs by result.', labelNames: ['result'], registers: [metrics] });
    const pieces = new Counter({ name: 'larder_archive_pieces_total', help: 'Objects of the archive that were stored.', registers: [metrics] });
    const seconds = new Histogram({ name: 'larder_archive_round_seconds', help: 'Duration of a look.', buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30], registers: [metrics] });
    const { ports, scratch } = archivePortsOn(platform, link, `worker/${ids.next()}`);
    const loop = new ArchiveLoop({
      ports, onError: sparingly(log),
      onRound: ({ instanceId, result, pieces: stored, tookMs }) => {
        rounds.inc({ result });
        pieces.inc(stored);
        seconds.observe(tookMs / 1000);
        if (stored > 0) log.debug({ instanceId, pieces: stored, tookMs: Math.round(tookMs) }, 'archived');
      },
    });
    const startedAtMs = clock.now();
    const lateMs = (): number => clock.now() - Math.max(loop.lastSweepAtMs, startedAtMs);
    new Gauge({ name: 'larder_archive_sweep_age_seconds', help: 'Since archives were last looked for.', registers: [metrics], collect() { this.set(lateMs() / 1000); } });
    loop.start();
    return {
      fault: () => (lateMs() > 60 * secondMs ? `the last sweep of archives was ${Math.round(lateMs() / 1000)} s ago` : undefined),
      async stop() {
        scratch.stop();
        await Promise.race([loop.stop(), new Promise((late) => setTimeout(late, stopMsMax).unref())]);
        await link.close();
      },
    };
  },
};
