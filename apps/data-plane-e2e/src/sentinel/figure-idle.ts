/**
 * `node figure-idle.ts [--instances 10] [--replicas 2] [--seconds 30] [--servers larder-server] [--sentinels ours,ours,ours] [-- directives]`: CPU
 * time of so many idle deployments, each a primary with replicas, watched by the same Sentinels, as a share of one processor.
 */
import { parseArgs } from 'node:util';
import { startStore, waitFor } from '@larder/shared-testing';
import type { Store, StoreKind } from '@larder/shared-testing';
import { cpuSeconds, residentBytes } from '../bench/measure.ts';
import { linkIsUp } from '../replication/agreement.ts';
import type { SentinelKind } from './sentinel-process.ts';
import { SentinelProcess } from './sentinel-process.ts';

process.env['LARDER_ASSERT_SHARDS'] = 'no';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    instances: { type: 'string', default: '10' }, replicas: { type: 'string', default: '2' }, seconds: { type: 'string', default: '30' },
    servers: { type: 'string', default: 'larder-server' }, sentinels: { type: 'string', default: 'ours,ours,ours' },
  },
});
const kinds = values.sentinels.split(',') as SentinelKind[];
const stores: Store[] = [];
const sentinels: SentinelProcess[] = [];
const pidOf = async (sentinel: SentinelProcess) => Number(/process_id:(\d+)/.exec(String(await sentinel.ask('INFO', 'server')))![1]);
const share = (seconds: number) => `${((seconds / Number(values.seconds)) * 100).toFixed(1)} %`;
try {
  const start = async (...args: string[]) => {
    const store = await startStore({ kind: values.servers as StoreKind, args: ['--repl-diskless-sync-delay', '0', ...positionals, ...args], startTimeoutMs: 60_000 });
    stores.push(store);
    return store;
  };
  const lines: string[] = [];
  for (let i = 0; i < Number(values.instances); i++) {
    const primary = await start();
    for (let r = 0; r < Number(values.replicas); r++) await linkIsUp(await start('--replicaof', `127.0.0.1 ${primary.port}`), 60_000);
    lines.push(`sentinel monitor instance${i} 127.0.0.1 ${primary.port} 2`, `sentinel down-after-milliseconds instance${i} 1000`);
  }
  for (const kind of kinds) sentinels.push(await SentinelProcess.start(kind, lines));
  for (const sentinel of sentinels) {
    await waitFor('it to know all', async () => {
      const all = await sentinel.all('MASTERS');
      return all.every((fields) => fields.get('num-slaves') === values.replicas && fields.get('num-other-sentinels') === String(kinds.length - 1));
    }, 60_000);
  }
  const pids = { servers: stores.map(({ pid }) => pid), Sentinels: await Promise.all(sentinels.map(pidOf)) };
  const used = (of: readonly number[]) => of.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const before = [used(pids.servers), used(pids.Sentinels)] as const;
  await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1000));
  const spent = [used(pids.servers) - before[0], used(pids.Sentinels) - before[1]] as const;
  const resident = [...pids.servers, ...pids.Sentinels].reduce((sum, pid) => sum + residentBytes(pid), 0);
  console.log(
    `${values.instances} deployments of 1 + ${values.replicas} ${values.servers} ${positionals.join(' ')} and ${values.sentinels}: ${share(spent[0] + spent[1])} of one processor ` +
      `(${stores.length} servers ${share(spent[0])}, ${sentinels.length} Sentinels ${share(spent[1])}), ${Math.round(resident / 2 ** 20)} MB resident`,
  );
} finally {
  for (const store of stores) await store.kill();
  for (const sentinel of sentinels) await sentinel.remove();
}
process.exit(0);
