/** A highly available instance over GraphQL, and a writer on its stable endpoint that keeps count of what was acknowledged. */
import { waitFor, type RawClient } from '@larder/shared-testing';
import { connectTo, say, type ApiClient, type CreatedInstance } from '../platform/api-client';

export interface AvailableMember {
  readonly name: string;
  readonly role: string;
  readonly port: number;
  readonly pid: number | null;
  readonly isRunning: boolean;
  readonly isLinkUp: boolean | null;
}

export interface AvailableView {
  readonly state: string;
  readonly endpoint: { readonly port: number } | null;
  readonly members: readonly AvailableMember[];
  readonly availability: {
    readonly primary: string; readonly configEpoch: number; readonly sentinelsUp: number;
    readonly readEndpoint: { readonly port: number }; readonly sentinels: { readonly name: string; readonly addresses: readonly string[] };
  } | null;
  readonly events: { readonly nodes: readonly { readonly reason: string; readonly message: string }[] };
  readonly operations: { readonly nodes: readonly { readonly kind: string; readonly phase: string; readonly percent: number }[] };
}

const fields = `state endpoint { port } members { name role port pid isRunning isLinkUp }
  availability { primary configEpoch sentinelsUp readEndpoint { port } sentinels { name addresses } }
  events(first: 50) { nodes { reason message } } operations(first: 20) { nodes { kind phase percent } }`;

export async function viewOf(client: ApiClient, id: string): Promise<AvailableView> {
  return (await client.ask<{ node: AvailableView }>(`query ($id: ID!) { node(id: $id) { ... on Instance { ${fields} } } }`, { id })).node;
}

/** Ready, every replica linked, and whatever else is asked for. */
export function settled(client: ApiClient, id: string, isSo: (view: AvailableView) => boolean = () => true): Promise<AvailableView> {
  return waitFor(`${id} to be as it should be`, async () => {
    const view = await viewOf(client, id);
    const stores = view.members.filter(({ role }) => role === 'PRIMARY' || role === 'REPLICA' || role === 'UNKNOWN');
    const isWhole = stores.every(({ role, isLinkUp, isRunning }) => isRunning && (role === 'PRIMARY' || isLinkUp === true));
    return view.state === 'READY' && isWhole && isSo(view) ? view : false;
  }, 45_000);
}

export function operate(client: ApiClient, name: 'failover' | 'switchover' | 'addReplica' | 'removeReplica', instanceId: string): Promise<string> {
  return mutate(client, name, `${name[0]!.toUpperCase()}${name.slice(1)}Input`, { instanceId });
}

export function promote(client: ApiClient, instanceId: string, member: string): Promise<string> {
  return mutate(client, 'promote', 'PromoteInput', { instanceId, member });
}

export function changeTopology(client: ApiClient, instanceId: string, topology: 'STANDALONE' | 'HA'): Promise<string> {
  return mutate(client, 'updateInstance', 'UpdateInstanceInput', { instanceId, topology });
}

/** The refusal's message, or the name of what was answered. */
async function mutate(client: ApiClient, name: string, input: string, variables: object): Promise<string> {
  const answer = await client.ask<Record<string, { __typename: string; message?: string }>>(
    `mutation ($input: ${input}!) { ${name}(input: $input) { __typename ... on Refusal { message } } }`, { input: variables });
  return answer[name]!.message ?? answer[name]!.__typename;
}

/** Counts up at the stable endpoint, a step at a time: what was acknowledged and is gone shows as a count that goes back. */
export class Writer {
  acknowledged = 0;
  /** The largest number that an INCR answered, since the last reset. */
  last = 0;
  /** How many acknowledged writes are gone, since the last reset. */
  lost = 0;
  longestGapMs = 0;
  #isOver = false;
  readonly #made: CreatedInstance;
  readonly #port: number;
  readonly #perSecond: number;
  readonly #writing: Promise<void>;

  /** `perSecond`: not quicker than that. */
  constructor(made: CreatedInstance, port: number, perSecond = Infinity) {
    this.#made = made;
    this.#port = port;
    this.#perSecond = perSecond;
    this.#writing = this.#write();
  }

  get wentBack(): boolean {
    return this.lost > 0;
  }

  reset(): void {
    [this.lost, this.longestGapMs] = [0, 0];
  }

  /** Until so many more writes were acknowledged. */
  async more(count: number): Promise<void> {
    const enough = this.acknowledged + count;
    await waitFor(`${count} more writes`, () => this.acknowledged >= enough, 30_000);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#writing;
  }

  async #write(): Promise<void> {
    let client: RawClient | undefined;
    let lastAt = performance.now();
    let credit = 0;
    for (let creditAt = lastAt; !this.#isOver;) {
      try {
        client ??= await connectTo(this.#made, { port: this.#port });
        const value = Number(/^:(\d+)/.exec(await say(client, 'INCR', 'written'))?.[1] ?? Number.NaN);
        if (Number.isNaN(value)) throw new Error('refused');
        this.lost += Math.max(0, this.last + 1 - value);
        this.last = value;
        this.acknowledged += 1;
        const now = performance.now();
        this.longestGapMs = Math.max(this.longestGapMs, now - lastAt);
        credit = Math.min(creditMax, credit + (now - creditAt) * this.#perSecond / 1000) - 1;
        creditAt = lastAt = now;
        if (credit < 0) await new Promise((turn) => setTimeout(turn, 1));
      } catch {
        client?.close();
        client = undefined;
        await new Promise((turn) => setTimeout(turn, 5));
      }
    }
    client?.close();
  }
}

/** Writes that may be made up for: timers are not exact, and after a pause there shall be no burst. */
const creditMax = 5;
