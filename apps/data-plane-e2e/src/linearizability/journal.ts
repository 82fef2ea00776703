/**
 * The journal's order is a serial order of what was done: after a random run over all threads, its commands in an empty server
 * make the same data. Both are compared by DEBUG DIGEST, and key by key when the digests differ.
 */
import { encodeCommands, parseReply } from '@larder/shared-testing';
import type { Command, PlainReply, RawClient, Store } from '@larder/shared-testing';
import { seededRandom } from '../differential/random.ts';
import { play } from './play.ts';
import { startServer } from './server.ts';
import type { ServerOptions } from './server.ts';
import { workloads } from './workloads/index.ts';

export interface JournalOptions extends ServerOptions {
  readonly seed: number;
  readonly operations: number;
  readonly clients: number;
}

export interface JournalReport {
  readonly commands: number;
  readonly units: number;
  /** Nothing when the replay made the same data. */
  readonly differences: readonly string[];
}

const TIMEOUT_MS = 30_000;
const BATCH = 500;
const WORKLOADS = 4;

/** Plays on a fresh server, replays its journal on another one. */
export async function checkJournal(options: JournalOptions): Promise<JournalReport> {
  const store = await startServer({ ...options, journal: true });
  try {
    const client = await store.connect(2, TIMEOUT_MS);
    await Promise.all([play(store, { ...options, workloads: chosen(options.seed) }), churn(store, options.seed)]);
    // What expires by itself must not do so between the two looks.
    await client.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    const journal = await readJournal(client);
    const replayed = await startServer({ ...options, pausesPermille: 0 });
    try {
      const other = await replayed.connect(2, TIMEOUT_MS);
      await other.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
      const errors = await replay(other, journal);
      const differences = [...errors, ...(await compare(client, other))];
      return { commands: journal.length, units: new Set(journal.map(({ unit }) => unit)).size, differences };
    } catch (error) {
      throw withLog(error, replayed, 'the server of the replay');
    } finally {
      await replayed.kill();
    }
  } catch (error) {
    throw withLog(error, store, 'the server');
  } finally {
    await store.kill();
  }
}

function withLog(error: unknown, store: Store, who: string): Error {
  const words = error instanceof Error ? error.message : String(error);
  return new Error(store.isRunning ? words : `${words}\n${who} is gone; its log ends:\n${store.log().slice(-3_000)}`);
}

/** Four workloads, without those whose keys die by themselves: see `churn`. */
function chosen(seed: number): string[] {
  const random = seededRandom(seed);
  const left = Object.keys(workloads).filter((name) => name !== 'expiry');
  return Array.from({ length: WORKLOADS }, () => left.splice(random.between(0, left.length - 1), 1)[0]!);
}

interface Journalled {
  readonly unit: number;
  readonly database: number;
  readonly command: Command;
}

async function readJournal(client: RawClient): Promise<Journalled[]> {
  const flat = (await client.ask('DEBUG', 'JOURNAL')) as PlainReply[];
  const out: Journalled[] = [];
  for (let at = 0; at < flat.length; at += 3) {
    const command = parseReply(Buffer.from(String(flat[at + 2]), 'latin1')).items.map((item) => item.text);
    out.push({ unit: Number(flat[at]), database: Number(flat[at + 1]), command });
  }
  return out;
}

/** Runs the journal as a loader of an append-only file would; what is answered with an error is told. */
async function replay(client: RawClient, journal: readonly Journalled[]): Promise<string[]> {
  const commands: Command[] = [];
  let database = -1;
  for (const each of journal) {
    if (each.database !== database && each.database >= 0) commands.push(['SELECT', String((database = each.database))]);
    commands.push(each.command);
  }
  const errors: string[] = [];
  for (let from = 0; from < commands.length; from += BATCH) {
    const batch = commands.slice(from, from + BATCH);
    const replies = await client.exchange(encodeCommands(batch), batch.length);
    for (const [at, reply] of replies.entries()) if (reply[0] === 45) errors.push(`${batch[at]!.join(' ').slice(0, 100)} was answered ${reply.toString('latin1').trim()}`);
  }
  await client.ask('SELECT', '0');
  return errors;
}

async function compare(one: RawClient, other: RawClient): Promise<string[]> {
  const digests = await Promise.all([one, other].map((client) => client.ask('DEBUG', 'DIGEST')));
  if (digests[0] === digests[1]) return [];
  const differences: string[] = [];
  for (let database = 0; database < 16; database++) {
    const [here, there] = await Promise.all([one, other].map(async (client) => {
      await client.ask('SELECT', String(database));
      const keys = ((await client.ask('KEYS', '*')) as string[]).sort();
      const values = keys.length === 0 ? [] : ((await client.ask('DEBUG', 'DIGEST-VALUE', ...keys)) as string[]);
      return new Map(keys.map((key, at) => [key, values[at]!]));
    }));
    for (const key of new Set([...here!.keys(), ...there!.keys()])) {
      const [value, replayed] = [here!.get(key), there!.get(key)];
      if (value === replayed) continue;
      const shown = await Promise.all([one, other].map((client) => show(client, key)));
      differences.push(`database ${database}, ${key}: ${shown[0]}; replayed: ${shown[1]}`);
    }
  }
  return differences.length > 0 ? differences : [`digests ${digests.join(' and ')} differ, but no key that can be seen`];
}

async function show(client: RawClient, key: string): Promise<string> {
  const type = String(await client.ask('TYPE', key));
  const read: Record<string, Command> = { string: ['GET', key], list: ['LRANGE', key, '0', '-1'], hash: ['HGETALL', key], set: ['SMEMBERS', key], zset: ['ZRANGE', key, '0', '-1', 'WITHSCORES'], stream: ['XRANGE', key, '-', '+'] };
  const command = read[type];
  return command === undefined ? type : `${type} ${JSON.stringify(await client.ask(...command)).slice(0, 200)}`;
}

const CHURNERS = 4;
const CHURN_COMMANDS = 400;

/** Beside the workloads: commands whose journal is not what was sent, in several databases. */
async function churn(store: Store, seed: number): Promise<void> {
  await Promise.all(Array.from({ length: CHURNERS }, async (_, who) => {
    const random = seededRandom(seed * 77 + who);
    const client = await store.connect(2, TIMEOUT_MS);
    const key = (): string => `churn${random.between(0, 5)}`;
    // What dies soon is dead already when the journal is replayed: nothing may be made of it meanwhile.
    const brief = (): string => `brief${random.between(0, 3)}`;
    const member = (): string => `m${random.between(0, 9)}`;
    for (let count = 0; count < CHURN_COMMANDS; count++) {
      await client.command(...random.pick<() => Command>([
        () => ['SELECT', random.pick(['0', '1', '5'])], () => ['DEL', key()], () => ['SPOP', key(), '2'], () => ['SADD', key(), member(), member()], () => ['SET', key(), member(), 'EX', '1000'], () => ['INCRBYFLOAT', key(), '0.1'],
        () => ['GETEX', key(), 'PX', '100000'], () => ['EXPIRE', key(), '500'], () => ['SET', brief(), 'v', 'PX', '3'], () => ['GET', brief()], () => ['EXISTS', brief()], () => ['XADD', key(), '*', 'f', member()], () => ['ZADD', key(), '1.5', member()], () => ['ZPOPMAX', key()],
        () => ['HSET', key(), member(), member()], () => ['HINCRBYFLOAT', key(), 'n', '0.25'], () => ['RPUSH', key(), member(), member()], () => ['LMPOP', '2', key(), key(), 'LEFT', 'COUNT', '2'], () => ['SINTERSTORE', key(), key(), key()],
        () => ['SORT', key(), 'ALPHA', 'STORE', key()], () => ['COPY', key(), key(), 'DB', '1', 'REPLACE'], () => ['MOVE', key(), '5'], () => ['RENAME', key(), key()], () => ['EVAL', `redis.call('SPOP', KEYS[1]); redis.call('INCR', KEYS[2])`, '2', key(), key()],
        () => ['EVAL', `return redis.call('APPEND', ARGV[1], 'x')`, '0', key()], () => ['SWAPDB', '1', '5'], () => ['FLUSHDB', 'SYNC'], () => ['RESTORE', key(), '0', 'x'], () => ['PERSIST', key()], () => ['GETDEL', key()],
      ])());
    }
    client.close();
  }));
}
