/**
 * Requests a second of the GraphQL API with API tokens, against a running Larder on this machine:
 *
 *   node infra/bench/api-throughput.ts EMAIL PASSWORD [--seconds 5] [--connections 32] [--api http://127.0.0.1:4000] [--pid PID]
 *
 * Makes twenty instances' rows if there are fewer, asks three questions of growing size, and prints for each the rate, the median and the 99th
 * percentile, and, with the API's pid, its processor time a request (which says more than the rate where generator, database and API share
 * two cores). Many tokens take turns, since each has a limit of its own.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';

const { values, positionals: [email, password] } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '5' }, connections: { type: 'string', default: '32' }, pid: { type: 'string' },
    api: { type: 'string', default: `http://127.0.0.1:${process.env['API_PORT'] ?? '4000'}` },
  },
});
if (email === undefined || password === undefined) {
  process.stderr.write('usage: node infra/bench/api-throughput.ts EMAIL PASSWORD [--seconds 5] [--connections 32] [--api URL] [--pid PID]\n');
  process.exit(2);
}
const [connections, spanMs] = [Number(values.connections), Number(values.seconds) * 1000];
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const tokensCount = 40;
const instancesCount = 20;

interface Answer { readonly text: string; readonly cookie: string | undefined }

function post(body: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${values.api}/graphql`, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; });
      response.on('end', () => resolve({ text, cookie: response.headers['set-cookie']?.[0]?.split(';')[0] }));
    });
    sent.on('error', reject).end(body);
  });
}

async function ask<T>(query: string, variables: object, headers: Record<string, string> = {}): Promise<T & { readonly cookie: string | undefined }> {
  const { text, cookie } = await post(JSON.stringify({ query, variables }), headers);
  const { data, errors } = JSON.parse(text) as { data: T; errors?: { message: string }[] };
  if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
  return { ...data, cookie };
}

/** User and system time of the API, in ms. */
function cpuMs(): number {
  if (values.pid === undefined) return Number.NaN;
  const fields = readFileSync(`/proc/${values.pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const percentile = (sorted: readonly number[], part: number): string => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!.toFixed(1);

async function load(body: string, tokens: readonly Record<string, string>[], ms: number): Promise<number[]> {
  const tookMs: number[] = [];
  const end = performance.now() + ms;
  await Promise.all(Array.from({ length: connections }, async () => {
    while (performance.now() < end) {
      const begun = performance.now();
      const { text } = await post(body, tokens[tookMs.length % tokens.length]!);
      if (text.includes('"errors"')) throw new Error(text.slice(0, 300));
      tookMs.push(performance.now() - begun);
    }
  }));
  return tookMs.sort((left, right) => left - right);
}

interface SignedIn { readonly signIn: { readonly viewer: { readonly organizations: { readonly nodes: { id: string; slug: string; instances: { totalCount: number } }[] } } } }
const signedIn = await ask<SignedIn>('mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignInPayload { viewer { organizations { nodes { id slug instances(first: 1) { totalCount } } } } } } }', { i: { email, password } });
const cookie = { cookie: signedIn.cookie ?? '' };
const { id: organizationId, slug, instances } = signedIn.signIn.viewer.organizations.nodes[0]!;
for (let number = instances.totalCount; number < instancesCount; number += 1) {
  await ask('mutation ($i: CreateInstanceInput!) { createInstance(input: $i) { __typename } }', { i: { organizationId, name: `bench-${number}`, plan: 'nano', deletionProtection: false } }, cookie);
}
const tokens: Record<string, string>[] = [];
for (let number = 0; number < tokensCount; number += 1) {
  const { createApiToken } = await ask<{ createApiToken: { secret?: string; message?: string } }>(
    'mutation ($i: CreateApiTokenInput!) { createApiToken(input: $i) { ... on CreateApiTokenPayload { secret } ... on Refusal { message } } }',
    { i: { organizationId, name: `bench ${number}`, scopes: ['READ'], expiresAt: new Date(Date.now() + 600_000).toISOString() } }, cookie);
  if (createApiToken.secret === undefined) throw new Error(createApiToken.message);
  tokens.push({ authorization: `Bearer ${createApiToken.secret}` });
}
const row = 'id name state summary revision persistence createdAt plan { name title memoryBytes } endpoint { host port uri username } stats { opsPerSecond usedMemoryBytes clients keys }';
const questions: readonly (readonly [name: string, query: string])[] = [
  ['plans', '{ plans { name memoryBytes } }'],
  ['one instance', `{ organization(slug: "${slug}") { instance(name: "bench-${instancesCount - 1}") { ${row} } } }`],
  [`${instancesCount} instances`, `{ organization(slug: "${slug}") { instances(first: ${instancesCount}) { totalCount nodes { ${row} } } } }`],
];
for (const [name, query] of questions) {
  const body = JSON.stringify({ query });
  await load(body, tokens, 1000);
  const [cpuBefore, begun] = [cpuMs(), performance.now()];
  const tookMs = await load(body, tokens, spanMs);
  const [cpu, seconds] = [(cpuMs() - cpuBefore) / tookMs.length, (performance.now() - begun) / 1000];
  process.stdout.write(`${name.padEnd(14)} ${Math.round(tookMs.length / seconds).toString().padStart(6)} /s   p50 ${percentile(tookMs, 0.5)} ms   p99 ${percentile(tookMs, 0.99)} ms`
    + `${Number.isNaN(cpu) ? '' : `   ${cpu.toFixed(3)} ms of processor time each`}\n`);
}
agent.destroy();
