/**
 * From createInstance to the first authenticated PING through the endpoint, over and over, against a running Larder:
 *
 *   node infra/bench/create-instance.ts EMAIL PASSWORD [--count 50] [--api http://127.0.0.1:4000] [--at-once 1]
 *
 * Prints the distribution. Each instance is deleted again, so the port range and the quota are not used up.
 */
import { createConnection } from 'node:net';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '50' },
    api: { type: 'string', default: `http://127.0.0.1:${process.env['API_PORT'] ?? '4000'}` },
    'at-once': { type: 'string', default: '1' },
  },
});
const [email, password] = positionals;
if (email === undefined || password === undefined) {
  process.stderr.write('usage: node infra/bench/create-instance.ts EMAIL PASSWORD [--count 50] [--api URL] [--at-once 1]\n');
  process.exit(2);
}

const pollMs = 10;
const timeoutMs = 30_000;
let cookie = '';

async function ask<T>(query: string, variables: object = {}): Promise<T> {
  const response = await fetch(`${values.api}/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json', cookie }, body: JSON.stringify({ query, variables }),
  });
  const fresh = response.headers.getSetCookie().map((line) => line.split(';', 1)[0]!);
  if (fresh.length > 0) cookie = fresh.join('; ');
  const answer = (await response.json()) as { data?: T; errors?: { message: string }[] };
  if (answer.errors !== undefined || !answer.data) throw new Error(answer.errors?.map(({ message }) => message).join('; ') ?? `status ${response.status}`);
  return answer.data;
}

interface Created {
  readonly createInstance: {
    readonly __typename: string;
    readonly message?: string;
    readonly instance: { readonly id: string };
    readonly credentials: { readonly username: string; readonly password: string };
  };
}

interface Seen {
  readonly node: { readonly endpoint: { readonly host: string; readonly port: number } | null; readonly summary: string };
}

async function measureOne(organizationId: string, name: string): Promise<number> {
  const startedAt = performance.now();
  const { createInstance } = await ask<Created>(`mutation ($input: CreateInstanceInput!) { createInstance(input: $input) {
    __typename ... on Refusal { message } ... on CreateInstancePayload { instance { id } credentials { username password } } } }`,
  { input: { organizationId, name, plan: 'nano', deletionProtection: false } });
  if (createInstance.__typename !== 'CreateInstancePayload') throw new Error(`${createInstance.__typename}: ${createInstance.message}`);
  const { instance, credentials } = createInstance;
  try {
    for (;;) {
      const { node } = await ask<Seen>('query ($id: ID!) { node(id: $id) { ... on Instance { summary endpoint { host port } } } }', { id: instance.id });
      if (node.endpoint !== null) {
        await ping(node.endpoint, credentials);
        return performance.now() - startedAt;
      }
      if (performance.now() - startedAt > timeoutMs) throw new Error(`${name} is not there after ${timeoutMs} ms: ${node.summary}`);
      await new Promise((wake) => setTimeout(wake, pollMs));
    }
  } finally {
    await ask('mutation ($input: DeleteInstanceInput!) { deleteInstance(input: $input) { __typename } }', { input: { instanceId: instance.id } });
  }
}

function ping(at: { host: string; port: number }, { username, password: secret }: { username: string; password: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(at);
    let answer = '';
    socket.once('error', reject);
    socket.once('connect', () => socket.write(`AUTH ${username} ${secret}\r\nPING\r\n`));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (answer.startsWith('-')) reject(new Error(answer.trim()));
      if (!answer.includes('+PONG')) return;
      socket.destroy();
      resolve();
    });
  });
}

function percentile(sorted: readonly number[], share: number): string {
  return `${Math.round(sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!)} ms`;
}

const { signIn } = await ask<{ signIn: { __typename: string; viewer?: { organizations: { edges: { node: { id: string } }[] } } } }>(
  `mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on SignInPayload { viewer { organizations(first: 1) { edges { node { id } } } } } } }`,
  { input: { email, password } });
const organizationId = signIn.viewer?.organizations.edges[0]?.node.id;
if (organizationId === undefined) throw new Error(`cannot sign in: ${signIn.__typename}`);

const count = Number(values.count);
const run = Date.now().toString(36);
const times: number[] = [];
let next = 0;
await Promise.all(Array.from({ length: Number(values['at-once']) }, async () => {
  while (next < count) times.push(await measureOne(organizationId, `bench-${run}-${(next += 1)}`));
}));
times.sort((left, right) => left - right);
process.stdout.write([
  `createInstance to first authenticated PING, ${count} creates, ${values['at-once']} at once:`,
  `  min ${percentile(times, 0)}   p50 ${percentile(times, 0.5)}   p90 ${percentile(times, 0.9)}   p95 ${percentile(times, 0.95)}   p99 ${percentile(times, 0.99)}   max ${percentile(times, 1)}`,
  '',
].join('\n'));
