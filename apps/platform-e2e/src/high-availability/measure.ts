/**
 * How soon a highly available instance is ready, and for how long a tenant's writes through the stable endpoint stand still when its primary dies,
 * hangs or hands over, under 1,000 writes a second. By hand, on a quiet machine (all built first: `node infra/build/build.ts`):
 *
 *   node --import ./infra/start/extension-hook.ts apps/platform-e2e/src/high-availability/measure.ts [creates] [rounds]
 *     [--fault kill] [--fault hang] [--fault failover] [--fault switchover] [--plan medium] [--replicas 1] [--each]
 *
 *   kill       SIGKILL of the primary           hang        SIGSTOP, SIGCONT as soon as another takes writes: to all others that is a partition
 *   failover   at once, as a tenant asks for it   switchover  without a loss
 */
import { parseArgs } from 'node:util';
import { ApiClient } from '../platform/api-client';
import { removeHome, startLarder } from '../platform/larder';
import { operate, settled, Writer } from './available';

const faults = ['kill', 'hang', 'failover', 'switchover'] as const;
type Fault = (typeof faults)[number];

const { values, positionals: [creates = '30', rounds = '10'] } = parseArgs({
  allowPositionals: true,
  options: {
    fault: { type: 'string', multiple: true, default: ['kill', 'hang', 'switchover'] }, plan: { type: 'string', default: 'medium' }, replicas: { type: 'string', default: '1' },
    each: { type: 'boolean', default: false },
  },
});

const writesPerSecond = 1000;
/** A store that dies again and again is started later and later: then another instance takes its place. */
const deathsEach = 4;

function distribution(name: string, measured: readonly number[]): string {
  const sorted = [...measured].sort((left, right) => left - right);
  const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
  return `${name}: n ${sorted.length}, p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

async function suffer(client: ApiClient, id: string, fault: Fault, writer: Writer): Promise<void> {
  const before = await settled(client, id);
  const { primary } = before.availability!;
  const pid = before.members.find(({ name }) => name === primary)!.pid!;
  if (fault === 'kill' || fault === 'hang') process.kill(pid, fault === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  else await operate(client, fault, id);
  // Those that were on their way are few.
  if (fault === 'hang') await writer.more(100).finally(() => process.kill(pid, 'SIGCONT'));
  await settled(client, id, ({ availability, operations }) => availability!.primary !== primary && operations.nodes.every(({ phase }) => phase !== 'RUNNING' && phase !== 'PENDING'));
}

async function main(): Promise<void> {
  const larder = await startLarder({ env: { SWEEP_SECONDS: '10' } });
  try {
    const client = new ApiClient(larder.apiUrl);
    await client.signIn(larder.signIn!);
    const create = (name: string): ReturnType<ApiClient['createInstance']> =>
      client.createInstance(name, { topology: 'HA', plan: values.plan, replicas: Number(values.replicas) });
    const remove = (id: string): Promise<unknown> =>
      client.ask('mutation ($input: DeleteInstanceInput!) { deleteInstance(input: $input) { __typename } }', { input: { instanceId: id } });
    const ready: number[] = [];
    for (let number = 0; number < Number(creates); number += 1) {
      const began = performance.now();
      const made = await create(`measured-${number}`);
      await settled(client, made.id);
      ready.push(performance.now() - began);
      await remove(made.id);
    }
    if (ready.length > 0) process.stdout.write(`${distribution('ready', ready)}\n`);

    const wished = faults.filter((fault) => values.fault.includes(fault));
    const gaps = new Map<Fault, number[]>(wished.map((fault) => [fault, []]));
    const lost = new Map<Fault, number>(wished.map((fault) => [fault, 0]));
    for (let round = 0; round < Number(rounds); round += deathsEach) {
      const made = await create(`failing-${round}`);
      const writer = new Writer(made, (await settled(client, made.id)).endpoint!.port, writesPerSecond);
      for (let death = round; death < Math.min(Number(rounds), round + deathsEach); death += 1) {
        for (const fault of wished) {
          await writer.more(200);
          writer.reset();
          await suffer(client, made.id, fault, writer);
          await writer.more(200);
          gaps.get(fault)!.push(writer.longestGapMs);
          lost.set(fault, lost.get(fault)! + writer.lost);
          if (values.each) process.stdout.write(`${new Date().toISOString()} ${fault}: ${Math.round(writer.longestGapMs)} ms, ${writer.lost} lost\n`);
        }
      }
      await writer.stop();
      await remove(made.id);
    }
    for (const [fault, measured] of gaps) process.stdout.write(`${distribution(fault, measured)}; ${lost.get(fault)} acknowledged writes lost\n`);
  } finally {
    await larder.stop();
    removeHome(larder.home);
  }
}

void main();
