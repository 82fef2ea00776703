/**
 * `node proxy.ts [--rounds 7] [--requests 100000] [--clients 50] [--server larder-server] [--ways direct,handed,carried] [-- directives]`: throughput of GET and
 * SET at the primary itself against through the stable endpoint, which hands connections over, or carries their bytes where it cannot. In turn, medians; and
 * processor time per command of store and proxy: here an additional process shares the machine with generator and store, elsewhere it need not.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { freePort, repositoryRoot, startStore, waitFor } from '@larder/shared-testing';
import type { StoreKind } from '@larder/shared-testing';
import { cpuSeconds, machine, median } from './measure.ts';

process.env['LARDER_ASSERT_SHARDS'] = 'no';
const run = promisify(execFile);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' }, requests: { type: 'string', default: '100000' }, clients: { type: 'string', default: '50' },
    server: { type: 'string', default: 'larder-server' }, ways: { type: 'string', default: 'direct,handed,carried' }, pipelines: { type: 'string', default: '1,16' },
  },
});
const ways = values.ways.split(',');
const directory = mkdtempSync(join(tmpdir(), 'proxy-'));
const args = values.server === 'larder-server' ? ['--handover-dir', directory] : [];
const store = await startStore({ kind: values.server as StoreKind, args: [...args, ...positionals] });

interface Way {
  readonly name: string;
  readonly port: number;
  readonly pid: number | undefined;
  end(): void;
}

async function way(name: string): Promise<Way> {
  if (name === 'direct') return { name, port: store.port, pid: undefined, end: () => undefined };
  const port = await freePort();
  const file = join(directory, `${name}.conf`);
  const lines = [`port ${port}`, 'bind 127.0.0.1', 'leads-to primary', 'name primary', 'auth a b', `first 127.0.0.1 ${store.port}`, ...(name === 'handed' ? [`handover-dir ${directory}`] : [])];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const gate = spawn(join(repositoryRoot(), 'apps/control-plane/bin/larder-gate'), [file], { stdio: 'inherit' });
  await waitFor('the proxy to answer', async () => (await run('redis-cli', ['-p', String(port), 'PING']).catch(() => ({ stdout: '' }))).stdout.startsWith('PONG'), 10_000);
  return { name, port, pid: gate.pid!, end: () => void gate.kill() };
}

interface Sample {
  readonly perSecond: number;
  readonly storeUs: number;
  readonly proxyUs: number;
}

async function sample({ port, pid }: Way, test: string, pipeline: number): Promise<Sample> {
  const requests = Number(values.requests) * (pipeline === 1 ? 1 : 5);
  const before = [cpuSeconds(store.pid), pid === undefined ? 0 : cpuSeconds(pid)] as const;
  const { stdout } = await run('redis-benchmark', ['-p', String(port), '-c', values.clients, '-P', String(pipeline), '-n', String(requests), '-t', test, '--csv']);
  const perSecond = Number((stdout.trim().split('\n').at(-1) ?? '').split('","')[1]);
  const spent = [cpuSeconds(store.pid) - before[0], pid === undefined ? 0 : cpuSeconds(pid) - before[1]] as const;
  return { perSecond, storeUs: (spent[0] * 1e6) / requests, proxyUs: (spent[1] * 1e6) / requests };
}

const all: Way[] = [];
try {
  for (const name of ways) all.push(await way(name));
  console.log(`${values.server} ${positionals.join(' ')}, ${values.clients} clients, ${values.rounds} rounds, ${machine()}`);
  for (const pipeline of values.pipelines.split(',').map(Number)) {
    for (const test of ['set', 'get']) {
      const samples = new Map(all.map((each) => [each.name, [] as Sample[]]));
      for (let round = 0; round < Number(values.rounds); round++) {
        for (const each of round % 2 === 0 ? all : [...all].reverse()) samples.get(each.name)!.push(await sample(each, test, pipeline));
      }
      const middle = (name: string, of: keyof Sample) => median(samples.get(name)!.map((one) => one[of]));
      const direct = middle(ways[0]!, 'perSecond');
      console.log(`-P ${pipeline} ${test}: ${ways.map((name) =>
        `${name} ${Math.round(middle(name, 'perSecond') / 1000)} k/s (${(middle(name, 'perSecond') / direct).toFixed(2)}; store ${middle(name, 'storeUs').toFixed(1)} us, proxy ${middle(name, 'proxyUs').toFixed(1)} us per command)`).join(' · ')}`);
    }
  }
} finally {
  for (const each of all) each.end();
  await store.kill();
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);
