/**
 * Processor time per call of single commands on large values, beside redis-server's: both get the same bytes, one batch after
 * the other on one connection. Time on the clock would mostly be that of the network and of this client.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { encodeCommands, startStore } from '@larder/shared-testing';
import type { Command, Store, StoreKind } from '@larder/shared-testing';
import { commandCases } from './command-cases.ts';
import type { CommandCase } from './command-cases.ts';
import { inTurn, stopContenders } from './contenders.ts';
import { cpuSeconds, median } from './measure.ts';

/** What the reference's calls of one run take together; 10 ms is the clock's grain. */
const RUN_SECONDS = 0.3;
const BATCHES_MAX = 20_000;

export interface CommandsOptions {
  readonly kinds: readonly [StoreKind, StoreKind];
  readonly rounds: number;
  readonly scale: number;
  /** Only cases whose name holds one of these. */
  readonly names: readonly string[];
}

export interface CommandsRow {
  readonly name: string;
  readonly referenceMicroseconds: number;
  readonly targetMicroseconds: number;
}

export async function measureCommands({ kinds, rounds, scale, names }: CommandsOptions, each: (row: CommandsRow) => void): Promise<void> {
  const single = (kind: StoreKind): Promise<Store> => startStore({ kind, args: kind === 'larder-server' ? ['--threads', '1'] : [] });
  const contenders = { reference: await single(kinds[0]), target: await single(kinds[1]) };
  try {
    const clients = { reference: new Batches(contenders.reference), target: new Batches(contenders.target) };
    for (const one of commandCases.filter(({ name }) => names.length === 0 || names.some((part) => name.toLowerCase().includes(part.toLowerCase())))) {
      const samples = { reference: [] as number[], target: [] as number[] };
      for (const side of ['reference', 'target'] as const) await fill(contenders[side], one);
      const batches = await batchesFor(clients.reference, one, RUN_SECONDS * scale);
      // Compiled code is cold at first.
      await clients.target.run(one.calls, Math.max(20, batches >> 1));
      for (let round = 0; round < rounds; round++) {
        for (const side of inTurn(round, ['reference', 'target'] as const)) samples[side].push(await clients[side].run(one.calls, batches));
      }
      each({ name: one.name, referenceMicroseconds: median(samples.reference), targetMicroseconds: median(samples.target) });
    }
    clients.reference.close();
    clients.target.close();
  } finally {
    await stopContenders(contenders);
  }
}

async function fill(store: Store, { name, setup, calls }: CommandCase): Promise<void> {
  const client = await store.connect(2, 60_000);
  await client.ask('FLUSHALL');
  for (const call of [...setup, ...calls]) {
    const [reply] = await client.pipeline([call]);
    if (reply!.raw[0] === 0x2d) throw new Error(`${name}: ${call.slice(0, 4).map(String).join(' ')} answered ${reply!.raw.toString('latin1')}`);
  }
  client.close();
}

/** As many batches as take the reference `seconds`. */
async function batchesFor(client: Batches, one: CommandCase, seconds: number): Promise<number> {
  for (let batches = 10; ; batches *= 4) {
    const took = ((await client.run(one.calls, batches)) * batches * one.calls.length) / 1e6;
    if (took >= seconds / 8 || batches >= BATCHES_MAX) return Math.min(BATCHES_MAX, Math.max(1, Math.ceil((batches * seconds) / Math.max(took, 0.001))));
  }
}

const MARK = '=the end of a batch=';

/** A connection that does not read replies: each batch ends in an ECHO, and the next is sent when that is answered. */
class Batches {
  private readonly store: Store;
  private readonly socket: Socket;
  private tail = '';
  private ended: () => void = () => undefined;

  constructor(store: Store) {
    this.store = store;
    this.socket = connect({ port: store.port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk) => {
      this.tail = (this.tail + chunk.toString('latin1', Math.max(0, chunk.length - 64))).slice(-64);
      if (this.tail.endsWith(`${MARK}\r\n`)) this.ended();
    });
  }

  /** Microseconds of processor time per call. */
  async run(calls: readonly Command[], batches: number): Promise<number> {
    const bytes = encodeCommands([...calls, ['ECHO', MARK]]);
    const before = cpuSeconds(this.store.pid);
    for (let batch = 0; batch < batches; batch++) {
      await new Promise<void>((resolve) => {
        this.ended = resolve;
        this.tail = '';
        this.socket.write(bytes);
      });
    }
    return ((cpuSeconds(this.store.pid) - before) * 1e6) / (batches * calls.length);
  }

  close(): void {
    this.socket.destroy();
  }
}
