// A group of stores and Sentinels in memory, with a client that writes to everybody who takes writes, at every turn: whatever was acknowledged
// and is not with the primary in the end has been lost.
//
// A Sentinel chooses as real ones do: of those that it does not know to be down the best priority, then the most data as of its last question.
import type { InstanceLink, LinkAnswer, LinkFault, StoreAddress } from '@larder/plane-domain';

export interface FakeStore {
  readonly name: string;
  readonly port: number;
  follows: number | null;
  isLinkUp: boolean;
  /** What it holds: numbers of writes. */
  data: readonly number[];
  isHeld: boolean;
  isSilent: boolean;
  priority: number;
  /** As the Sentinels know it, where that is not what is. */
  heardOffset?: number;
}

const refused: LinkFault = { fault: 'timeout' };

export class FakeGroup {
  readonly stores: FakeStore[];
  readonly sentinelPorts = [101, 102, 103];
  readonly acknowledged: { readonly number: number; readonly by: string }[] = [];
  readonly told: string[] = [];
  /** `<port> <command>`: what is not answered, and whether it happens all the same. */
  readonly unanswered = new Map<string, 'happens' | 'is lost'>();
  promotes = true;
  #words: { port: number; primaryPort: number; epoch: number }[];
  #written = 0;

  constructor(replicas: number) {
    this.stores = ['a', 'b', 'c', 'd'].slice(0, 1 + replicas).map((name, index) => ({
      name, port: index + 1, follows: index === 0 ? null : 1, isLinkUp: index > 0, data: [], isHeld: false, isSilent: false, priority: 100,
    }));
    this.#words = this.sentinelPorts.map((port) => ({ port, primaryPort: 1, epoch: 3 }));
    this.write();
  }

  store(name: string): FakeStore {
    return this.stores.find((store) => store.name === name)!;
  }

  /** Acknowledged by somebody, and with nobody whom the Sentinels stand for. */
  get lost(): number[] {
    const { primaryPort } = this.#newest();
    const kept = new Set(this.stores.find(({ port }) => port === primaryPort)!.data);
    return this.acknowledged.filter(({ number }) => !kept.has(number)).map(({ number }) => number);
  }

  write(): void {
    for (const store of this.stores) {
      if (store.follows !== null || store.isHeld || store.isSilent) continue;
      this.#written += 1;
      store.data = [...store.data, this.#written];
      this.acknowledged.push({ number: this.#written, by: store.name });
      for (const replica of this.stores) if (replica.follows === store.port && replica.isLinkUp) replica.data = store.data;
    }
  }

  link(): InstanceLink {
    const answer = <T>(at: StoreAddress, words: readonly string[], act: () => LinkAnswer<T>): Promise<LinkAnswer<T>> => {
      this.told.push(`${at.port} ${words.join(' ')}`);
      const fault = this.unanswered.get(`${at.port} ${words[0]}`) ?? this.unanswered.get(`${at.port} ${words[0]} ${words[1]}`);
      const isSilent = this.stores.find(({ port }) => port === at.port)?.isSilent === true;
      const said = fault === 'is lost' || isSilent ? undefined : act();
      this.write();
      return Promise.resolve(said === undefined || fault !== undefined ? { ok: false, error: refused } : said);
    };
    const done: LinkAnswer<void> = { ok: true, value: undefined };
    const absent = async (): Promise<never> => { throw new Error('a handover does not ask for it'); };
    return {
      info: (at) => answer(at, ['INFO'], () => {
        const store = this.stores.find(({ port }) => port === at.port)!;
        const isReplica = store.follows !== null;
        const fields = isReplica
          ? { master_port: store.follows, master_link_status: store.isLinkUp ? 'up' : 'down', slave_repl_offset: store.data.length }
          : { master_repl_offset: store.data.length };
        return { ok: true, value: {
          runId: store.name, version: '7.0.15', role: isReplica ? 'slave' : 'master', isLoading: false,
          fields: new Map(Object.entries(fields).map(([name, value]) => [name, String(value)])),
        } };
      }),
      command: (at, words) => answer(at, words, () => this.#command(at.port, words)),
      configGet: (at, names) => answer(at, ['CONFIG', 'GET'], () => ({ ok: true, value: Object.fromEntries(names.map((name) => [name, '0'])) })),
      configSet: (at, values) => answer(at, ['CONFIG', 'SET'], () => {
        const priority = values['replica-priority'];
        if (priority !== undefined) this.stores.find(({ port }) => port === at.port)!.priority = Number(priority);
        return done;
      }),
      ping: absent, configRewrite: absent, setPasswords: absent, save: absent, startSave: absent, keyCounts: absent, close: async () => undefined,
    };
  }

  #newest(): { readonly primaryPort: number; readonly epoch: number } {
    return this.#words.reduce((best, word) => (word.epoch > best.epoch ? word : best));
  }

  #command(port: number, words: readonly string[]): LinkAnswer<unknown> {
    const [first, second] = words.map((word) => word.toUpperCase());
    const store = this.stores.find((each) => each.port === port);
    if (store !== undefined) {
      if (first === 'CLIENT' && second === 'PAUSE') store.isHeld = true;
      if (first === 'CLIENT' && second === 'UNPAUSE') store.isHeld = false;
      if (first === 'REPLICAOF') {
        store.follows = Number(words[2]);
        store.isLinkUp = true;
        store.data = this.stores.find((each) => each.port === store.follows)!.data;
      }
      return { ok: true, value: 'OK' };
    }
    const word = this.#words.find((each) => each.port === port)!;
    switch (second) {
      case 'MASTER': return list({ port: word.primaryPort, flags: 'master', 'config-epoch': word.epoch, 'num-other-sentinels': 2, 'down-after-milliseconds': 1000 });
      case 'GET-MASTER-ADDR-BY-NAME': return { ok: true, value: ['127.0.0.1', String(word.primaryPort)] };
      case 'REPLICAS': return { ok: true, value: this.#replicas(word.primaryPort).map((replica) => flat({ port: replica.port, flags: 'slave', 'slave-priority': replica.priority })) };
      case 'FAILOVER': return this.#failover(word);
      default: return { ok: false, error: { fault: 'reply', message: `ERR unknown ${second ?? ''}` } };
    }
  }

  #failover(word: { primaryPort: number; epoch: number }): LinkAnswer<unknown> {
    const [chosen] = this.#replicas(word.primaryPort).filter(({ priority }) => priority > 0)
      .sort((left, right) => left.priority - right.priority || (right.heardOffset ?? right.data.length) - (left.heardOffset ?? left.data.length));
    if (chosen === undefined) return { ok: false, error: { fault: 'reply', message: 'NOGOODSLAVE No suitable replica to promote' } };
    if (this.promotes) {
      chosen.follows = null;
      word.primaryPort = chosen.port;
      word.epoch += 1;
    }
    return { ok: true, value: 'OK' };
  }

  #replicas(primaryPort: number): FakeStore[] {
    return this.stores.filter(({ port }) => port !== primaryPort);
  }
}

function flat(row: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(row).flatMap(([name, value]) => [name, String(value)]);
}

function list(row: Readonly<Record<string, string | number>>): LinkAnswer<unknown> {
  return { ok: true, value: flat(row) };
}
