/** A person's GraphQL client: a cookie jar of one cookie, refusals and errors told apart. */
import { connectRaw, waitFor, type RawClient } from '@larder/shared-testing';

export interface CreatedInstance {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly password: string;
}

export interface InstanceView {
  readonly name: string;
  readonly state: string;
  readonly summary: string;
  readonly endpoint: { readonly host: string; readonly port: number } | null;
  readonly members: readonly { readonly pid: number | null; readonly isRunning: boolean }[];
  readonly events: { readonly nodes: readonly { readonly reason: string }[] };
}

export class ApiClient {
  readonly url: string;
  organizationId = '';
  #cookie = '';

  constructor(url: string) {
    this.url = url;
  }

  async ask<T>(query: string, variables: object = {}): Promise<T> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST', headers: { 'content-type': 'application/json', cookie: this.#cookie }, body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(5000),
    });
    const fresh = response.headers.getSetCookie().map((line) => line.split(';', 1)[0]!);
    if (fresh.length > 0) this.#cookie = fresh.join('; ');
    const answer = (await response.json()) as { data?: T; errors?: { message: string }[] };
    if (answer.errors !== undefined || !answer.data) throw new Error(answer.errors?.map(({ message }) => message).join('; ') ?? `status ${response.status}`);
    return answer.data;
  }

  async signIn({ email, password }: { readonly email: string; readonly password: string }): Promise<void> {
    const { signIn } = await this.ask<{ signIn: { __typename: string; viewer?: { organizations: { edges: { node: { id: string } }[] } } } }>(
      'mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on SignInPayload { viewer { organizations(first: 1) { edges { node { id } } } } } } }',
      { input: { email, password } });
    const id = signIn.viewer?.organizations.edges[0]?.node.id;
    if (id === undefined) throw new Error(`cannot sign in: ${signIn.__typename}`);
    this.organizationId = id;
  }

  /** An RDB for an import; the answer as it came. */
  async upload(fileName: string, rdb: Uint8Array): Promise<{ readonly status: number; readonly uploadId?: string; readonly error?: string }> {
    const query = new URLSearchParams({ organizationId: this.organizationId, fileName });
    const response = await fetch(`${this.url}/api/uploads?${query.toString()}`, {
      method: 'POST', headers: { 'content-type': 'application/octet-stream', cookie: this.#cookie }, body: rdb as unknown as string,
    });
    return { status: response.status, ...((await response.json()) as { uploadId?: string; error?: string }) };
  }

  /** Acknowledged when this resolves. */
  async createInstance(name: string, more: object = {}): Promise<CreatedInstance> {
    const { createInstance } = await this.ask<{ createInstance: { __typename: string; message?: string; instance: { id: string }; credentials: { username: string; password: string } } }>(
      `mutation ($input: CreateInstanceInput!) { createInstance(input: $input) { __typename ... on Refusal { message }
        ... on CreateInstancePayload { instance { id } credentials { username password } } } }`,
      { input: { organizationId: this.organizationId, name, plan: 'nano', deletionProtection: false, ...more } });
    if (createInstance.__typename !== 'CreateInstancePayload') throw new Error(`${createInstance.__typename}: ${createInstance.message}`);
    return { id: createInstance.instance.id, name, ...createInstance.credentials };
  }

  async instance(id: string): Promise<InstanceView> {
    const { node } = await this.ask<{ node: InstanceView }>(`query ($id: ID!) { node(id: $id) { ... on Instance {
      name state summary endpoint { host port } members { pid isRunning } events(first: 20) { nodes { reason } } } } }`, { id });
    return node;
  }

  async instanceNames(): Promise<string[]> {
    const { node } = await this.ask<{ node: { instances: { nodes: { name: string }[] } } }>(
      'query ($id: ID!) { node(id: $id) { ... on Organization { instances(first: 100) { nodes { name } } } } }', { id: this.organizationId });
    return node.instances.nodes.map(({ name }) => name).sort();
  }

  awaitReady(id: string, timeoutMs = 30_000): Promise<InstanceView> {
    return waitFor(`instance ${id} to be ready`, async () => {
      const view = await this.instance(id);
      return view.state === 'READY' && view.endpoint !== null ? view : false;
    }, timeoutMs);
  }
}

/** An ordinary client of the tenant, signed in. */
export async function connectTo({ username, password }: CreatedInstance, endpoint: { readonly port: number }): Promise<RawClient> {
  const client = await connectRaw({ port: endpoint.port });
  const reply = await client.command('AUTH', username, password);
  if (!reply.raw.toString('latin1').startsWith('+OK')) throw new Error(reply.raw.toString('latin1'));
  return client;
}

export async function say(client: RawClient, ...command: [string, ...string[]]): Promise<string> {
  return (await client.command(...command)).raw.toString('latin1');
}
