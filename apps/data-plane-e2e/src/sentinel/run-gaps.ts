/**
 * How long writes stop when a primary fails, measured by a client: `node run-gaps.ts --runs 100 --fault kill [--fault hang]
 * [--down-after 1000] [--ping-period 1000] [--sentinels ours,ours,ours] [--servers larder-server] [--defaults]`. With `--defaults` INFO
 * and hellos come as seldom as they do by themselves; otherwise as often as the control plane asks for.
 *
 * kill is SIGKILL; hang is SIGSTOP, which to all others looks like a partition. `handover` is SENTINEL FAILOVER.
 */
import { parseArgs } from 'node:util';
import type { StoreKind } from '@larder/shared-testing';
import { waitFor } from '@larder/shared-testing';
import type { SentinelKind } from './sentinel-process.ts';
import { SteadyWriter } from './steady-writer.ts';
import { Watched } from './watched.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    fault: { type: 'string', multiple: true, default: ['kill'] },
    'down-after': { type: 'string', default: '1000' },
    'ping-period': { type: 'string', default: '1000' },
    sentinels: { type: 'string', default: 'ours,ours,ours' },
    servers: { type: 'string', default: 'redis-server' },
    defaults: { type: 'boolean', default: false },
  },
});

async function measure(watched: Watched, writer: SteadyWriter, fault: string): Promise<number> {
  const old = await watched.sentinels[0]!.primaryPort();
  const server = watched.servers.get(old)!;
  await waitFor('the writer to write', () => performance.now() - writer.acknowledgedAt < 50);
  writer.watch();
  if (fault === 'hang') process.kill(server.pid, 'SIGSTOP');
  else if (fault === 'kill') await server.kill('SIGKILL');
  else await watched.sentinels[0]!.ask('SENTINEL', 'FAILOVER', 'mymaster');
  const next = await watched.switchedFrom(old);
  await waitFor('writes on the new primary', () => performance.now() - writer.acknowledgedAt < 50);
  const { gapMs } = writer;
  if (fault !== 'handover') {
    if (fault === 'hang') await server.kill('SIGKILL');
    watched.servers.delete(old);
    await watched.startServer(['--replicaof', `127.0.0.1 ${next}`], old);
  }
  await watched.replicasLinked(next);
  await watched.known();
  return gapMs;
}

const watched = await Watched.start({ sentinels: values.sentinels.split(',') as SentinelKind[], downAfterMs: Number(values['down-after']), server: values.servers as StoreKind, isSlow: values.defaults });
try {
  if (values['ping-period'] !== '1000') for (const sentinel of watched.sentinels) await sentinel.ask('SENTINEL', 'DEBUG', 'ping-period', values['ping-period']);
  const writer = new SteadyWriter(watched.sentinels.map(({ port }) => port));
  for (const fault of values.fault) {
    const gaps: number[] = [];
    for (let run = 0; run < Number(values.runs); run++) {
      const before = watched.elections().length;
      gaps.push(await measure(watched, writer, fault));
      const more = watched.elections().length - before - 1;
      if (more > 0) console.log(`run ${run}: ${more} more failovers than one`, watched.sentinels.map((sentinel) => sentinel.log().slice(-3000)).join('\n---\n'));
    }
    gaps.sort((a, b) => a - b);
    const at = (share: number) => Math.round(gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))]!);
    console.log(`${fault}, down after ${values['down-after']} ms, ping period ${values['ping-period']} ms${values.defaults ? ', all periods as by default' : ''}, ${values.sentinels} over ${values.servers}: ${gaps.length} runs, gap ms p50 ${at(0.5)} p90 ${at(0.9)} p99 ${at(0.99)} most ${at(1)}`);
  }
  console.log(`leaders: ${watched.elections().length} for ${Number(values.runs) * values.fault.length} failovers`);
  await writer.stop();
} finally {
  await watched.stop();
}
process.exit(0);
