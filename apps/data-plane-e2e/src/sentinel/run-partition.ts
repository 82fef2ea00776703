/**
 * How long writes stop when the primary is cut off from everybody while it lives on: `node run-partition.ts [--runs 100] [--down-after 1000]
 * [--ping-period 1000] [--servers larder-server] [--min-replicas 0]`. Needs root, unshare and ip.
 *
 * Each server lives in a network namespace of its own on one bridge; a cable is pulled by taking it off the bridge, so that packets are
 * lost without a word. The Sentinels and the client are on the bridge's side. When the cable is back the old primary must follow.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectRaw, storeBinary, waitFor } from '@larder/shared-testing';
import type { StoreKind } from '@larder/shared-testing';
import { SentinelProcess } from './sentinel-process.ts';
import { SteadyWriter } from './steady-writer.ts';

const IS_INSIDE = 'LARDER_PARTITION_NAMESPACE';
const PORT = 6400;
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' }, 'down-after': { type: 'string', default: '1000' }, 'ping-period': { type: 'string', default: '1000' },
    servers: { type: 'string', default: 'larder-server' }, 'min-replicas': { type: 'string', default: '0' },
  },
});
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
const dirs: string[] = [];
const children: ChildProcess[] = [];

interface Host {
  readonly address: string;
  readonly cable: string;
}

/** Starts in a namespace of its own, as soon as that has its cable. */
async function startServer(at: number, follows: string | undefined): Promise<Host> {
  const dir = mkdtempSync(join(tmpdir(), 'larder-partition-'));
  dirs.push(dir);
  const host = { address: `10.77.0.${10 + at}`, cable: `cable${at}` };
  const args = [
    '--port', String(PORT), '--dir', dir, '--save', '', '--protected-mode', 'no', '--repl-diskless-sync-delay', '0', '--repl-timeout', '5', '--repl-ping-replica-period', '1',
    '--min-replicas-to-write', values['min-replicas'], '--min-replicas-max-lag', '2', ...(follows === undefined ? [] : ['--replicaof', `${follows} ${PORT}`]),
  ];
  const child = spawn('unshare', ['-n', 'sh', '-c', 'read ready; ip link set lo up; exec "$@"', 'sh', storeBinary(values.servers as StoreKind), ...args], { stdio: ['pipe', 'ignore', 'inherit'] });
  children.push(child);
  const inside = `inside${at}`;
  ip('link', 'add', host.cable, 'type', 'veth', 'peer', 'name', inside);
  await waitFor('the namespace', () => {
    // It is this shell's own as soon as it is another one than ours.
    const of = (pid: number | string) => execFileSync('readlink', [`/proc/${pid}/ns/net`], { encoding: 'utf8' });
    return of(child.pid!) !== of('self');
  });
  ip('link', 'set', inside, 'netns', String(child.pid));
  execFileSync('nsenter', ['-t', String(child.pid), '-n', 'sh', '-c', `ip addr add ${host.address}/24 dev ${inside}; ip link set ${inside} up`]);
  ip('link', 'set', host.cable, 'master', 'bridge0', 'up');
  child.stdin!.write('\n');
  await waitFor(`the server at ${host.address}`, async () => (await ask(host, 'PING')) === 'PONG', 20_000);
  return host;
}

async function ask({ address }: Host, ...command: string[]): Promise<unknown> {
  const client = await connectRaw({ host: address, port: PORT, timeoutMs: 3000 });
  try {
    return await client.ask(...command);
  } finally {
    client.close();
  }
}

const isFed = (host: Host, replicas: number) => async () => (String(await ask(host, 'INFO', 'replication')).match(/state=online/g) ?? []).length === replicas;

async function main(): Promise<void> {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'bridge0', 'type', 'bridge');
  ip('addr', 'add', '10.77.0.1/24', 'dev', 'bridge0');
  ip('link', 'set', 'bridge0', 'up');
  const first = await startServer(1, undefined);
  const hosts = [first, await startServer(2, first.address), await startServer(3, first.address)];
  await waitFor('both replicas', isFed(first, 2), 20_000);
  const sentinels: SentinelProcess[] = [];
  for (let i = 0; i < 3; i++) {
    const lines = ['bind 0.0.0.0', 'protected-mode no', `sentinel monitor mymaster ${first.address} ${PORT} 2`, `sentinel down-after-milliseconds mymaster ${values['down-after']}`, 'sentinel failover-timeout mymaster 6000'];
    sentinels.push(await SentinelProcess.start('ours', lines));
    await sentinels[i]!.ask('SENTINEL', 'DEBUG', 'info-period', '1000', 'publish-period', '500', 'ping-period', values['ping-period']);
  }
  const named = async () => Promise.all(sentinels.map(async (sentinel) => (await sentinel.fields('MASTER', 'mymaster')).get('ip')));
  const isWell = async () => {
    for (const sentinel of sentinels) {
      const fields = await sentinel.fields('MASTER', 'mymaster');
      if (fields.get('flags') !== 'master' || fields.get('num-other-sentinels') !== '2') return false;
      const well = (await sentinel.all('REPLICAS', 'mymaster')).filter((replica) => replica.get('flags') === 'slave' && replica.get('master-link-status') === 'ok');
      if (well.length !== 2) return false;
    }
    return true;
  };
  await waitFor('the Sentinels to know all', isWell, 40_000);
  const writer = new SteadyWriter(sentinels.map(({ port }) => port));
  const gaps: number[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const [address] = await named();
    const old = hosts.find((host) => host.address === address)!;
    await waitFor('the writer to write', () => performance.now() - writer.acknowledgedAt < 50);
    writer.watch();
    ip('link', 'set', old.cable, 'nomaster');
    const next = await waitFor('all Sentinels to name another primary', async () => {
      const names = await named();
      return names[0] !== address && names.every((name) => name === names[0]) ? names[0] : false;
    }, 40_000);
    await waitFor('writes on the new primary', () => performance.now() - writer.acknowledgedAt < 50, 20_000);
    gaps.push(writer.gapMs);
    ip('link', 'set', old.cable, 'master', 'bridge0');
    await waitFor('the old primary to follow', isFed(hosts.find((host) => host.address === next)!, 2), 60_000);
    await waitFor('all to be well again', isWell, 60_000);
  }
  gaps.sort((a, b) => a - b);
  const at = (share: number) => Math.round(gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))]!);
  console.log(`partition, down after ${values['down-after']} ms, ping period ${values['ping-period']} ms, over ${values.servers}: ${gaps.length} runs, gap ms p50 ${at(0.5)} p90 ${at(0.9)} p99 ${at(0.99)} most ${at(1)}`);
  await writer.stop();
  for (const sentinel of sentinels) await sentinel.remove();
}

if (process.env[IS_INSIDE] === undefined) {
  const child = spawn('unshare', ['-n', process.execPath, ...process.argv.slice(1)], { stdio: 'inherit', env: { ...process.env, [IS_INSIDE]: 'yes' } });
  child.once('exit', (code) => process.exit(code ?? 1));
} else {
  await main().finally(() => {
    for (const child of children) child.kill('SIGKILL');
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  });
  process.exit(0);
}
