/**
 * How soon a highly available instance is ready, and for how long writes stand still when its primary dies or hands over. By hand, on a quiet
 * machine: `node --import ./infra/start/extension-hook.ts apps/platform-e2e/src/high-availability/measure.ts [creates] [failovers]`.
 */
import { ApiClient } from '../platform/api-client';
import { removeHome, startLarder } from '../platform/larder';
import { operate, settled, Writer } from './available';

const [creates, rounds] = [Number(process.argv[2] ?? 30), Number(process.argv[3] ?? 10)];

/** A store that dies again and again is started later and later: then another instance takes its place. */
const deathsEach = 4;

function distribution(name: string, values: readonly number[]): string {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
  return `${name}: n ${sorted.length}, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms\n`;
}

async function main(): Promise<void> {
  const larder = await startLarder({ env: { SWEEP_SECONDS: '10' } });
  try {
    const client = new ApiClient(larder.apiUrl);
    await client.signIn(larder.signIn!);
    const remove = (id: string): Promise<unknown> =>
      client.ask('mutation ($input: DeleteInstanceInput!) { deleteInstance(input: $input) { __typename } }', { input: { instanceId: id } });
    const ready: number[] = [];
    for (let number = 0; number < creates; number += 1) {
      const began = performance.now();
      const made = await client.createInstance(`measured-${number}`, { topology: 'HA' });
      await settled(client, made.id);
      ready.push(performance.now() - began);
      await remove(made.id);
    }
    process.stdout.write(distribution('ready', ready));

    const [killed, handed]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += deathsEach) {
      const made = await client.createInstance(`failing-${round}`, { topology: 'HA' });
      const writer = new Writer(made, (await settled(client, made.id)).endpoint!.port);
      for (let death = round; death < Math.min(rounds, round + deathsEach); death += 1) {
        for (const [gaps, how] of [[killed, 'kill'], [handed, 'switchover']] as const) {
          await writer.more(100);
          writer.reset();
          const before = await settled(client, made.id);
          const { primary } = before.availability!;
          if (how === 'kill') process.kill(before.members.find(({ name }) => name === primary)!.pid!, 'SIGKILL');
          else await operate(client, 'switchover', made.id);
          await settled(client, made.id, ({ availability }) => availability!.primary !== primary);
          await writer.more(20);
          gaps.push(writer.longestGapMs);
          if (how === 'switchover' && writer.wentBack) process.stdout.write('a switchover lost a write\n');
        }
      }
      await writer.stop();
      await remove(made.id);
    }
    process.stdout.write(distribution('failover', killed) + distribution('switchover', handed));
  } finally {
    await larder.stop();
    removeHome(larder.home);
  }
}

void main();
