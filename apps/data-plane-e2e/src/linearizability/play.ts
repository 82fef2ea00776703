/** One run: many clients play some workloads at once, from a seed; what comes out is the history, and what the watchers beside saw. */
import type { Store } from '@larder/shared-testing';
import { seededRandom } from '../differential/random.ts';
import type { Random } from '../differential/random.ts';
import type { Operation } from './history.ts';
import { now } from './history.ts';
import { FIRE } from './model/redis-model.ts';
import { Recorder, RecordingClient } from './recording-client.ts';
import { watchChannel } from './watchers/channel-order.ts';
import { watchScan } from './watchers/scan-guarantee.ts';
import { workloads as allWorkloads } from './workloads/index.ts';
import type { Player } from './workloads/workload.ts';

export interface PlayOptions {
  readonly seed: number;
  readonly operations: number;
  readonly clients: number;
  /** Names of workloads; some chosen by the seed when empty. */
  readonly workloads: readonly string[];
  /** No answer for so long is a fault: nobody waits that long for anything here, blocking commands come back after a fraction of a second. */
  readonly stuckMs?: number;
}

export interface Played {
  readonly workloads: readonly string[];
  readonly history: readonly Operation[];
  /** What watchers beside the history found wrong. */
  readonly complaints: readonly string[];
}

const WORKLOADS_AT_ONCE = 4;
const STUCK_MS = 20_000;
const STUCK_LOOK_MS = 500;

/** Commands that stop all threads, sent now and then by everyone. */
const EXCLUSIVE = [['DBSIZE'], ['INFO', 'keyspace'], ['CONFIG', 'SET', 'maxmemory-samples', '5'], ['RANDOMKEY'], ['SCRIPT', 'EXISTS', 'x'], ['CLIENT', 'LIST'], ['FLUSHDB_OF_15']];

export async function play(store: Store, options: PlayOptions): Promise<Played> {
  const { seed } = options;
  const random = seededRandom(seed);
  const chosen = options.workloads.length > 0 ? options.workloads : choose(Object.keys(allWorkloads), WORKLOADS_AT_ONCE, random);
  const prefix = `s${seed}:`;
  const games = chosen.map((name) => {
    const maker = allWorkloads[name];
    if (maker === undefined) throw new Error(`no such workload: ${name}; there are ${Object.keys(allWorkloads).join(', ')}`);
    return maker(prefix, random);
  });
  const recorder = new Recorder();
  const players: Player[] = [];
  for (let at = 0; at < options.clients; at++) {
    const client = await RecordingClient.open(at, store.port, recorder);
    let count = 0;
    players.push({ client, random: seededRandom(seed * 1_000 + at), unique: () => `${at}.${count++}` });
  }
  const watchers = [watchChannel(store, seed), watchScan(store, seed)];
  try {
    for (const game of games) await game.prepare?.(players[0]!);
    const turns = players.map(async (player) => {
      const { random: dice } = player;
      while (recorder.operations.length < options.operations) {
        if (dice.chance(0.02)) await exclusive(player);
        await dice.pick(games).turn(player);
      }
    });
    await orStuck(Promise.all(turns), players, store, options.stuckMs ?? STUCK_MS);
    const complaints = (await Promise.all(watchers.map((watcher) => watcher.end()))).flat();
    return { workloads: chosen, history: [...recorder.operations, ...deaths(recorder.operations)], complaints };
  } finally {
    for (const { client } of players) client.close();
    await Promise.all(watchers.map((watcher) => watcher.end()));
  }
}

function choose(names: string[], count: number, random: Random): string[] {
  const left = [...names];
  return Array.from({ length: count }, () => left.splice(random.between(0, left.length - 1), 1)[0]!);
}

async function exclusive({ client, random }: Player): Promise<void> {
  const command = random.pick(EXCLUSIVE);
  if (command[0] !== 'FLUSHDB_OF_15') return void (await client.aside(command));
  await client.aside(['SELECT', '15']);
  await client.aside(['FLUSHDB']);
  await client.aside(['SELECT', '0']);
}

/** Fails when somebody gets no answer for too long, saying who waits for what. */
async function orStuck(work: Promise<unknown>, players: readonly Player[], store: Store, stuckMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const late = players.filter(({ client }) => client.waitsFor !== undefined && now() - Math.max(client.heardAt, client.waitsFor.calledAt) > stuckMs * 1e6);
      if (late.length === 0 && store.isRunning) return;
      const waits = late.map(({ client }) => `client ${client.id}: ${client.waitsFor!.command.join(' ').slice(0, 80)}`);
      reject(new Error(store.isRunning ? `no answer for ${stuckMs} ms:\n${waits.join('\n')}` : `the server is gone; its log ends:\n${store.log().slice(-3_000)}`));
    }, STUCK_LOOK_MS);
  });
  try {
    await Promise.race([work, stuck]);
  } finally {
    clearInterval(timer);
  }
}

/** The server reads a clock of whole milliseconds, and acts when it has passed the moment. */
const EARLY_NS = 1.5e6;
const LATE_NS = 3e6;

/** What time does: for each SET with PX that was carried out, the key's death between the earliest and the latest moment. */
function deaths(operations: readonly Operation[]): Operation[] {
  const out: Operation[] = [];
  for (const { id, command, calledAt, returnedAt, reply } of operations) {
    const px = command[0] === 'SET' ? command.indexOf('PX') : -1;
    if (px < 0 || reply === null) continue;
    const lifeNs = Number(command[px + 1]) * 1e6;
    out.push({
      id: -2 - id, client: -1, command: [FIRE, command[1]!, command[2]!], after: id, reply: 'OK',
      calledAt: calledAt + lifeNs - EARLY_NS, returnedAt: returnedAt + lifeNs + LATE_NS,
    });
  }
  return out;
}
