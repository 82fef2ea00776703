// The stable endpoint of a highly available instance: takes connections and leads each to the primary, or to a replica: hands it over to a store of
// ours on this machine (hand-over.ts), carries its bytes as they are to any other (carry.ts). Whoever connects authenticates with the store itself.
//
// Invariants
// - Where it leads is what the Sentinels say, of several words the one with the greatest epoch; an older one never counts again.
// - A connection belongs to one store. Once that store is no longer the one (switched, down), the connection is closed: its client fails at
//   once and connects anew, instead of writing to one who will forget it.
// - Who comes while nobody can be led to waits for the Sentinels' word (waiting-room.ts).
// - Nothing is sent twice: a command that was on its way when the connection broke is the client's to judge.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { carry } from './carry.ts';
import { HandOver } from './hand-over.ts';
import { SentinelWatch, type Place, type SentinelWord } from './sentinel-watch.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface GateOptions {
  readonly port: number;
  readonly bind: string;
  readonly leadsTo: 'primary' | 'replicas';
  readonly name: string;
  readonly sentinels: readonly Place[];
  /** Where to lead until a Sentinel has said anything. */
  readonly first?: Place;
  /** Whoever has the port still lets go of it soon. */
  readonly waitsForPort?: boolean;
  /** Where stores on this machine take connections over. */
  readonly handOverDirectory?: string;
  /** For so long whoever comes waits for somewhere to go. */
  readonly patienceMs?: number;
  readonly username: string;
  readonly password: string;
  readonly log: (line: string) => void;
}

const connectMsMax = 2000;
const portRetryMs = 4;
/** Until a primary counts as dead, and a choice. */
const patienceMsMax = 5000;

/** Where to lead, by what was said; undefined where nobody has said anything that still counts. */
export function decideWord(words: readonly (SentinelWord | undefined)[], epochMin: number): SentinelWord | undefined {
  return words.reduce<SentinelWord | undefined>((best, word) =>
    (word !== undefined && word.epoch >= epochMin && (best === undefined || word.epoch > best.epoch) ? word : best), undefined);
}

/** Replicas where there are any; reading from the primary is better than not at all. */
export function decideTargets({ primary, replicas }: SentinelWord, leadsTo: GateOptions['leadsTo']): readonly Place[] {
  return leadsTo === 'primary' || replicas.length === 0 ? [primary] : replicas;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #watches: readonly SentinelWatch[];
  readonly #server: Server;
  /** Connections whose bytes are carried, by the store that they lead to. */
  readonly #clients = new Map<string, Set<Socket>>();
  /** The rest, likewise. */
  readonly #handOvers = new Map<string, HandOver>();
  readonly #waiting: WaitingRoom;
  #targets: readonly Place[] = [];
  #epoch = 0;
  #turn = 0;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true }, (client) => {
      client.on('error', () => undefined);
      this.#lead(client);
    });
    this.#waiting = new WaitingRoom(options.patienceMs ?? patienceMsMax, (client) => this.#lead(client));
    const { name, username, password, first } = options;
    if (first !== undefined) this.#targets = [first];
    this.#watches = options.sentinels.map((place) => new SentinelWatch({ ...place, name, username, password, onWord: () => this.#hear() }));
  }

  listen(): Promise<void> {
    const { port, bind, waitsForPort } = this.#options;
    return new Promise((resolve, reject) => {
      const listen = (): void => void this.#server.listen({ port, host: bind });
      this.#server.on('error', (error: NodeJS.ErrnoException) => {
        if (waitsForPort === true && error.code === 'EADDRINUSE') setTimeout(listen, portRetryMs);
        else reject(error);
      });
      this.#server.once('listening', resolve);
      listen();
    });
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
    this.#server.close();
    this.#waiting.close();
    for (const clients of this.#clients.values()) for (const client of clients) client.destroy();
    for (const handOver of this.#handOvers.values()) handOver.close();
  }

  #hear(): void {
    const word = decideWord(this.#watches.map((watch) => watch.word), this.#epoch);
    if (word === undefined) return;
    this.#epoch = word.epoch;
    this.#targets = decideTargets(word, this.#options.leadsTo);
    const fit = new Set(this.#targets.map(keyOf));
    for (const key of new Set([...this.#clients.keys(), ...this.#handOvers.keys()])) {
      if (fit.has(key)) continue;
      const [clients, handOver] = [this.#clients.get(key) ?? [], this.#handOvers.get(key)];
      this.#options.log(`epoch ${word.epoch}: ${[...clients].length + (handOver?.count ?? 0)} connections to ${key} are closed; leading to ${[...fit].join(', ')}`);
      for (const client of clients) client.destroy();
      handOver?.close();
      this.#handOvers.delete(key);
    }
    this.#waiting.wake();
  }

  #lead(client: Socket): void {
    const target = this.#targets[(this.#turn += 1) % Math.max(1, this.#targets.length)];
    if (target === undefined) return this.#waiting.take(client);
    const handOver = this.#handOverTo(target);
    if (handOver === undefined) this.#carry(client, target);
    else handOver.take(client);
  }

  #handOverTo(target: Place): HandOver | undefined {
    const { handOverDirectory } = this.#options;
    const key = keyOf(target);
    let handOver = this.#handOvers.get(key);
    if (handOver === undefined && handOverDirectory !== undefined && isThisMachine(target.host)) {
      handOver = new HandOver(handOverDirectory, target.port, (client) => this.#carry(client, target));
      this.#handOvers.set(key, handOver);
    }
    return handOver;
  }

  #carry(client: Socket, target: Place): void {
    const key = keyOf(target);
    const clients = this.#clients.get(key) ?? new Set();
    this.#clients.set(key, clients.add(client));
    const store = connect({ ...target, noDelay: true, allowHalfOpen: true });
    store.setTimeout(connectMsMax, () => store.destroy());
    let isCarried = false;
    const leave = (): void => {
      store.destroy();
      clients.delete(client);
      if (clients.size === 0 && this.#clients.get(key) === clients) this.#clients.delete(key);
    };
    store.once('connect', () => {
      isCarried = true;
      store.setTimeout(0);
      carry(client, store);
    });
    store.on('error', () => undefined);
    store.once('close', () => {
      if (isCarried || client.destroyed) return void client.destroy();
      client.off('close', leave);
      leave();
      this.#waiting.take(client);
    });
    client.once('close', leave);
  }
}

function isThisMachine(host: string): boolean {
  return host.startsWith('127.') || Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host));
}

function keyOf({ host, port }: Place): string {
  return `${host}:${port}`;
}
