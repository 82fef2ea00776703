/**
 * `npm run bench`: larder-server beside redis-server 7.0.15 on this machine, in alternating runs.
 *
 *   --rounds 5             runs of each test on each server; medians are shown
 *   --tests set,get        only these (all of redis-benchmark's own otherwise)
 *   --pipelines 1,16       requests per write (64 shows more)
 *   --keyspace 1000000     redis-benchmark -r: random keys (0: its default, one key)
 *   --size 100             redis-benchmark -d: bytes per value (3)
 *   --parts throughput,memory,start,bullmq,aof,commands,threads,latency,stalls
 *                          commands: processor time per call of single commands on large values (--tests names some)
 *                          aof: what persistence costs (--tests names some: always, everysec, loading, stalls, growth)
 *                          latency: percentiles at half load, from an open-loop generator
 *                          stalls: the longest wait during large works (--tests names some: growth, expiry, UNLINK, FLUSHALL, eviction, BGSAVE)
 *                          threads: 1, 2, … threads up to the cores there are, -P 64, 16, 1, -r 100000 -d 32 unless told
 *   --quick                two rounds of a fifth of the requests
 *   --markdown             a table for the README at the end
 *   --reference, --target  redis-server or larder-server each
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { missingTools, storeBinary } from '@larder/shared-testing';
import type { StoreKind } from '@larder/shared-testing';
import { measureAof } from './append-only.ts';
import { jobsPerSecond } from './bullmq-jobs.ts';
import type { JobRate } from './bullmq-jobs.ts';
import { measureCommands } from './commands.ts';
import { inTurn, startContenders, stopContenders } from './contenders.ts';
import { measureLatency } from './latency.ts';
import { machine, median, thousands } from './measure.ts';
import { bytesPerKey } from './memory.ts';
import { measureStalls } from './stalls.ts';
import { startMilliseconds } from './startup.ts';
import { measureThroughput } from './throughput.ts';
import type { ThroughputRow } from './throughput.ts';
import { measureThreads } from './threads.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    tests: { type: 'string', default: '' },
    pipelines: { type: 'string', default: '1,16' },
    clients: { type: 'string', default: '50' },
    keyspace: { type: 'string', short: 'r', default: '0' },
    size: { type: 'string', short: 'd', default: '3' },
    parts: { type: 'string', default: 'throughput,memory,start,bullmq' },
    quick: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    reference: { type: 'string', default: 'redis-server' },
    target: { type: 'string', default: 'larder-server' },
  },
});

// Speed is measured without the watch that tests keep.
process.env['LARDER_ASSERT_SHARDS'] = 'no';

const list = (text: string): string[] => text.split(',').filter((word) => word !== '');
const kinds = [values.reference, values.target] as [StoreKind, StoreKind];
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
const scale = values.quick ? 0.2 : 1;
const parts = list(values.parts);

/** A measure with one figure for each server. */
interface Line {
  readonly name: string;
  readonly reference: string;
  readonly target: string;
  readonly ratio: number;
}

function show(line: Line): Line {
  console.log(`${line.name.padEnd(62)} ${line.reference.padStart(12)} ${line.target.padStart(12)} ${line.ratio.toFixed(2).padStart(7)} ×`);
  return line;
}

async function throughput(): Promise<ThroughputRow[]> {
  console.log(`\n${'test'.padEnd(14)} ${'-P'.padStart(3)} ${'/s'.padStart(10)} ${'/s'.padStart(10)}  ratio   ${'CPU µs'.padStart(7)} ${'CPU µs'.padStart(7)}  ratio`);
  const contenders = await startContenders(kinds);
  try {
    const options = { rounds, scale, pipelines: list(values.pipelines).map(Number), tests: list(values.tests), clients: Number(values.clients), keyspace: Number(values.keyspace), dataSize: Number(values.size) };
    return await measureThroughput(contenders, options, (row) => console.log(rowText(row)));
  } finally {
    await stopContenders(contenders);
  }
}

const speedRatio = (row: ThroughputRow): number => row.target.perSecond / row.reference.perSecond;
const cpuRatio = (row: ThroughputRow): number => row.target.cpuMicroseconds / row.reference.cpuMicroseconds;

function rowText(row: ThroughputRow): string {
  return (
    `${row.test.padEnd(14)} ${String(row.pipeline).padStart(3)} ${thousands(row.reference.perSecond).padStart(10)} ${thousands(row.target.perSecond).padStart(10)} ${speedRatio(row).toFixed(2).padStart(6)}   ` +
    `${row.reference.cpuMicroseconds.toFixed(2).padStart(7)} ${row.target.cpuMicroseconds.toFixed(2).padStart(7)} ${cpuRatio(row).toFixed(2).padStart(6)}`
  );
}

async function memory(): Promise<Line[]> {
  const keys = values.quick ? 200_000 : 1_000_000;
  const [reference, target] = [await bytesPerKey(kinds[0], keys), await bytesPerKey(kinds[1], keys)];
  return [show({ name: `RSS bytes per key, ${keys / 1000} k keys`, reference: reference.toFixed(0), target: target.toFixed(0), ratio: target / reference })];
}

async function start(): Promise<Line[]> {
  const samples: [number[], number[]] = [[], []];
  for (let round = 0; round < Math.max(3, rounds); round++) {
    for (const side of inTurn(round, [0, 1] as const)) samples[side].push(await startMilliseconds(kinds[side]));
  }
  const [reference, target] = [median(samples[0]), median(samples[1])];
  return [show({ name: 'exec to PING, ms', reference: reference.toFixed(0), target: target.toFixed(0), ratio: target / reference })];
}

async function bullmq(): Promise<Line[]> {
  const jobs = values.quick ? 2_000 : 10_000;
  const contenders = await startContenders(kinds);
  const phases = ['processed', 'added'] as const;
  const samples = { processed: [[], []], added: [[], []] } as Record<(typeof phases)[number], [JobRate[], JobRate[]]>;
  try {
    // The first run does not count: until then both BullMQ and a server's compiled code are cold.
    await jobsPerSecond(contenders.reference, 20_000);
    await jobsPerSecond(contenders.target, 20_000);
    for (let round = 0; round < rounds; round++) {
      for (const side of inTurn(round, [0, 1] as const)) {
        const rates = await jobsPerSecond([contenders.reference, contenders.target][side]!, jobs);
        for (const phase of phases) samples[phase][side].push(rates[phase]);
      }
    }
  } finally {
    await stopContenders(contenders);
  }
  const line = (name: string, sides: [JobRate[], JobRate[]], figure: (rate: JobRate) => number): Line => {
    const [reference, target] = [median(sides[0].map(figure)), median(sides[1].map(figure))];
    return show({ name, reference: reference.toFixed(0), target: target.toFixed(0), ratio: target / reference });
  };
  const words = { processed: 'processed', added: 'added in bulk' };
  return phases.flatMap((phase) => [
    line(`BullMQ jobs ${words[phase]} /s`, samples[phase], (rate) => rate.perSecond),
    line(`BullMQ jobs ${words[phase]}, CPU µs`, samples[phase], (rate) => rate.cpuMicroseconds),
  ]);
}

async function aof(): Promise<Line[]> {
  const lines: Line[] = [];
  await measureAof({ kinds, rounds, scale, names: list(values.tests) }, ({ name, reference, target, digits }) => {
    lines.push(show({ name, reference: reference.toFixed(digits), target: target.toFixed(digits), ratio: target / reference }));
  });
  return lines;
}

async function commands(): Promise<Line[]> {
  const lines: Line[] = [];
  await measureCommands({ kinds, rounds, scale, names: list(values.tests) }, ({ name, referenceMicroseconds, targetMicroseconds }) => {
    lines.push(show({ name: `${name}, CPU µs`, reference: referenceMicroseconds.toFixed(2), target: targetMicroseconds.toFixed(2), ratio: targetMicroseconds / referenceMicroseconds }));
  });
  return lines;
}

async function latency(): Promise<Line[]> {
  const lines: Line[] = [];
  await measureLatency({ kinds, rounds, scale }, ({ name, reference, target }) => void lines.push(show({ name, reference: reference.toFixed(2), target: target.toFixed(2), ratio: target / reference })));
  return lines;
}

async function stalls(): Promise<Line[]> {
  const lines: Line[] = [];
  const say = ({ name, reference, target }: { name: string; reference: number; target: number }): void =>
    void lines.push(show({ name: `longest wait, ms: ${name}`, reference: reference.toFixed(1), target: target.toFixed(1), ratio: target / reference }));
  await measureStalls({ kinds, rounds, scale, names: list(values.tests) }, say);
  return lines;
}

function markdown(rows: readonly ThroughputRow[], lines: readonly Line[]): string {
  const out = [
    `${new Date().toISOString().slice(0, 10)}, ${machine()}; ${rounds} alternating rounds, medians; redis-benchmark -c ${values.clients}${values.keyspace === '0' ? '' : ` -r ${values.keyspace}`} -d ${values.size}, on the same machine.`, '',
  ];
  if (rows.length > 0) {
    out.push(`| test | -P | ${kinds[0]} /s | ${kinds[1]} /s | ratio | CPU µs per command | CPU µs per command | ratio |`, '| --- | --- | --- | --- | --- | --- | --- | --- |');
    for (const row of rows) {
      out.push(`| ${row.test.toUpperCase()} | ${row.pipeline} | ${thousands(row.reference.perSecond)} | ${thousands(row.target.perSecond)} | **${speedRatio(row).toFixed(2)}** | ${row.reference.cpuMicroseconds.toFixed(2)} | ${row.target.cpuMicroseconds.toFixed(2)} | ${cpuRatio(row).toFixed(2)} |`);
    }
    out.push('');
  }
  if (lines.length > 0) {
    out.push(`| | ${kinds[0]} | ${kinds[1]} | ratio |`, '| --- | --- | --- | --- |');
    for (const line of lines) out.push(`| ${line.name} | ${line.reference} | ${line.target} | **${line.ratio.toFixed(2)}** |`);
  }
  return out.join('\n');
}

async function main(): Promise<void> {
  const missing = missingTools(['redis-server', 'redis-benchmark']);
  if (missing.length > 0) throw new Error(missing.join('; '));
  console.log(`${machine()}\n${kinds[0]}: ${version(kinds[0])}\n${kinds[1]}: ${version(kinds[1])}\ncolumns: ${kinds[0]}, ${kinds[1]}; medians of ${rounds} alternating rounds`);
  const rows = parts.includes('throughput') ? await throughput() : [];
  const lines: Line[] = [];
  if (parts.length > (parts.includes('throughput') ? 1 : 0)) console.log(`\n${''.padEnd(62)} ${kinds[0].padStart(12)} ${kinds[1].padStart(12)}   ratio`);
  if (parts.includes('memory')) lines.push(...(await memory()));
  if (parts.includes('start')) lines.push(...(await start()));
  if (parts.includes('bullmq')) lines.push(...(await bullmq()));
  if (parts.includes('commands')) lines.push(...(await commands()));
  if (parts.includes('aof')) lines.push(...(await aof()));
  if (parts.includes('latency')) lines.push(...(await latency()));
  if (parts.includes('stalls')) lines.push(...(await stalls()));
  if (values.markdown) console.log(`\n${markdown(rows, lines)}`);
  if (parts.includes('threads')) console.log(`\n${await threads()}`);
}

/** Its tables name their own servers; keyspace, size and pipelines are those of the targets unless they are told. */
function threads(): Promise<string> {
  const told = (name: string, otherwise: string): string => (process.argv.some((word) => word.startsWith(`--${name}`)) ? String(values[name as keyof typeof values]) : otherwise);
  const pipelines = list(told('pipelines', '64,16,1')).map(Number);
  return measureThreads({ rounds, scale, pipelines, tests: list(values.tests), clients: Number(values.clients), keyspace: Number(told('keyspace', '100000')), dataSize: Number(told('size', '32')) }, console.log);
}

function version(kind: StoreKind): string {
  try {
    return execFileSync(storeBinary(kind), ['--version'], { encoding: 'utf8', timeout: 10_000 }).trim();
  } catch {
    return storeBinary(kind);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
