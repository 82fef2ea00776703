// Instances: the reconcile loop with its wakes, and the sampler that looks at every store each few seconds.
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { IoredisInstanceLink } from '@larder/plane-instance-link';
import { LocalProcessProvisioner } from '@larder/plane-provisioner';
import { queueNames, ReconcileLoop, Sampler } from '@larder/plane-reconcile';
import { secondMs } from '@larder/shared-std';
import { otherEngines } from '../engines';
import { sparingly, type Platform } from '../platform';
import type { RunningPart, WorkerPart } from './part';
import { backupDoors } from './backup-doors';
import { watchedWakes } from './watched-wakes';

export const instancesPart: WorkerPart = {
  name: 'instances',
  async start(platform, metrics) {
    const { settings, log, work: { records }, clock, secretBox, ids } = platform;
    const onError = sparingly(log);
    const link = new IoredisInstanceLink();
    const engineCommand = settings.engineCommand ?? path.join(platform.root, 'apps/data-plane/bin/larder-server');
    const provisioner = new LocalProcessProvisioner({
      home: settings.home, engineCommand, otherEngines: otherEngines(settings), gateCommand: path.join(platform.root, 'apps/control-plane/bin/larder-gate'),
      onExit: (member, reason) => {
        log.warn({ instanceId: member.instanceId, member: member.name, reason }, 'store ended');
        void loop.wake(member.instanceId);
      },
    });
    const counters = passMetrics(metrics);
    const loop = new ReconcileLoop({
      ports: { records, provisioner, link, secrets: secretBox, clock, ...backupDoors(platform, link) },
      settings: { ...settings, threadsMax: path.basename(engineCommand).startsWith('larder') ? availableParallelism() : 0 }, holder: `worker/${ids.next()}`, sweepMs: settings.sweepSeconds * secondMs, onError,
      onPass: ({ instanceId, result, tookMs }) => {
        counters.passes.inc({ result: result.result });
        counters.seconds.observe(tookMs / 1000);
        log.debug({ instanceId, ...result, tookMs: Math.round(tookMs) }, 'pass');
      },
    });
    const sampler = new Sampler({
      records, link, provisioner, secrets: secretBox, clock, bindAddress: settings.bindAddress, onError, wake: (instanceId) => void loop.wake(instanceId),
    });
    instanceMetrics(metrics, sampler);
    const wakes = watchedWakes(platform, { queue: queueNames.instances, concurrency: 16, act: (id) => loop.wake(id) });
    loop.start();
    sampler.start();
    return running(platform, loop, sampler, async () => {
      sampler.stop();
      await wakes.stop();
      await Promise.race([loop.stop(), new Promise((late) => setTimeout(late, 1500).unref())]);
      await link.close();
    });
  },
};

const firstSweepMsMax = 20 * secondMs;

function running({ settings, clock }: Platform, loop: ReconcileLoop, sampler: Sampler, stop: () => Promise<void>): RunningPart {
  const startedAtMs = clock.now();
  return {
    stop,
    fault() {
      const nowMs = clock.now();
      // Whoever starts us waits for this, so that "up" means that instances are back. A store that does not come up must not hold up all.
      if (!loop.hasLookedAtAll && nowMs - startedAtMs < firstSweepMsMax) return 'not every instance has been looked at yet';
      const lateMs = 3 * settings.sweepSeconds * secondMs;
      if (nowMs - Math.max(loop.lastSweepAtMs, startedAtMs) > lateMs) return `the last sweep was ${Math.round((nowMs - loop.lastSweepAtMs) / 1000)} s ago`;
      if (nowMs - Math.max(sampler.lastRoundAtMs, startedAtMs) > 30 * secondMs) return 'the sampler has not finished a round for 30 s';
      return undefined;
    },
  };
}

function passMetrics(registry: Registry): { passes: Counter<'result'>; seconds: Histogram } {
  return {
    passes: new Counter({ name: 'larder_reconcile_passes_total', help: 'Passes by result.', labelNames: ['result'], registers: [registry] }),
    seconds: new Histogram({
      name: 'larder_reconcile_pass_seconds', help: 'Duration of a pass.', buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10], registers: [registry],
    }),
  };
}

function instanceMetrics(registry: Registry, sampler: Sampler): void {
  const labelNames = ['instance', 'name'] as const;
  type Row = NonNullable<ReturnType<Sampler['gauges']> extends ReadonlyMap<string, infer G> ? G : never>;
  const gauges: readonly (readonly [name: string, help: string, read: (row: Row) => number | undefined])[] = [
    ['larder_instance_up', '1 while the store answers.', (row) => (row.isUp ? 1 : 0)],
    ['larder_instance_used_memory_bytes', 'used_memory.', (row) => row.sample?.usedMemoryBytes],
    ['larder_instance_max_memory_bytes', 'maxmemory.', (row) => row.maxMemoryBytes],
    ['larder_instance_rss_bytes', 'used_memory_rss.', (row) => row.sample?.rssBytes],
    ['larder_instance_clients', 'Connected clients.', (row) => row.sample?.clients],
    ['larder_instance_keys', 'Keys in all databases.', (row) => row.sample?.keys],
    ['larder_instance_ops_per_second', 'Commands per second.', (row) => row.sample?.opsPerSecond],
    ['larder_instance_cpu_ratio', 'Processor time per time.', (row) => row.sample?.cpuRatio],
  ];
  for (const [name, help, read] of gauges) {
    new Gauge({
      name, help, labelNames, registers: [registry],
      collect() {
        this.reset();
        for (const [instance, row] of sampler.gauges()) {
          const value = read(row);
          if (value !== undefined) this.set({ instance, name: row.name }, value);
        }
      },
    });
  }
}
