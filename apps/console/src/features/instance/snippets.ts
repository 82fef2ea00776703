// How to reach an instance from where people are: by an address, or by asking Sentinels who is primary. Without the password a snippet
// reads it from the environment.
import type { Instance } from '@/data/instance/instance-query';

interface Login {
  readonly username: string;
  /** While it is known. */
  readonly password?: string;
}

export type Place =
  | { readonly kind: 'address'; readonly host: string; readonly port: number; readonly isReadOnly?: boolean }
  /** `host:port` of each Sentinel, and the name under which they know the primary. */
  | { readonly kind: 'sentinels'; readonly name: string; readonly addresses: readonly string[]; readonly username: string };

export interface Snippet {
  readonly title: string;
  readonly code: string;
}

export interface Road {
  readonly id: 'primary' | 'reads' | 'sentinel';
  readonly title: string;
  readonly note: string;
  readonly place: Place;
  /** What is shown and copied above the snippets. */
  readonly field: readonly [label: string, text: string];
}

/** One where a store stands alone; three where there are several. */
export function roadsOf({ endpoint, availability }: Pick<Instance, 'endpoint' | 'availability'>): Road[] {
  if (endpoint == null) return [];
  const primary: Road = {
    id: 'primary', title: 'Primary', note: 'Always leads to the primary, whichever store that is. Connections are closed when it changes: let the client connect anew.',
    place: { kind: 'address', host: endpoint.host, port: endpoint.port }, field: ['Endpoint', endpoint.uri],
  };
  if (availability == null) return [primary];
  const { readEndpoint, sentinels } = availability;
  return [
    primary,
    ...(readEndpoint == null ? [] : [{
      id: 'reads', title: 'Reads', note: 'Leads to a replica, or to the primary while there is none. What it answers may be as old as the lag of that replica.',
      place: { kind: 'address', host: readEndpoint.host, port: readEndpoint.port, isReadOnly: true }, field: ['Endpoint for reading', readEndpoint.uri],
    } as const]),
    {
      id: 'sentinel', title: 'Sentinels', note: `For clients that ask Sentinels themselves: the primary is called ${sentinels.name} there, the user ${sentinels.username}; the password is the same.`,
      place: { kind: 'sentinels', ...sentinels }, field: ['Addresses of the Sentinels', sentinels.addresses.join(',')],
    },
  ];
}

export function snippetsFor(place: Place, login: Login): Snippet[] {
  const secret = secretOf(login);
  const titles = ['redis-cli', 'Node.js', 'Python', 'Go'] as const;
  const codes = place.kind === 'address'
    ? [cliTo(place, login, secret), nodeTo(place, login, secret), pythonTo(place, login, secret), goTo(place, login, secret)]
    : [cliBySentinel(place, login, secret), nodeBySentinel(place, login, secret), pythonBySentinel(place, login, secret), goBySentinel(place, login, secret)];
  return titles.map((title, index) => ({ title, code: codes[index]! }));
}

interface Secret {
  readonly isKnown: boolean;
  readonly shell: string;
  readonly node: string;
  readonly python: string;
  readonly go: string;
}

function secretOf({ password }: Login): Secret {
  return password === undefined
    ? { isKnown: false, shell: '"$LARDER_PASSWORD"', node: 'process.env.LARDER_PASSWORD', python: 'os.environ["LARDER_PASSWORD"]', go: 'os.Getenv("LARDER_PASSWORD")' }
    : { isKnown: true, shell: `'${password}'`, node: `'${password}'`, python: `"${password}"`, go: `"${password}"` };
}

type Address = Extract<Place, { kind: 'address' }>;
type BySentinel = Extract<Place, { kind: 'sentinels' }>;

function parts(address: string): readonly [host: string, port: string] {
  const colon = address.lastIndexOf(':');
  return [address.slice(0, colon), address.slice(colon + 1)];
}

function userOption({ username }: Login): string {
  return username === 'default' ? '' : ` --user ${username}`;
}

function cliTo({ host, port }: Address, login: Login, { shell }: Secret): string {
  return `REDISCLI_AUTH=${shell} redis-cli -h ${host} -p ${port}${userOption(login)} PING`;
}

function cliBySentinel({ name, addresses, username }: BySentinel, login: Login, { shell }: Secret): string {
  const [host, port] = parts(addresses[0] ?? ':');
  return `export REDISCLI_AUTH=${shell}
set -- $(redis-cli -h ${host} -p ${port}${userOption({ username })} SENTINEL GET-MASTER-ADDR-BY-NAME ${name})
redis-cli -h "$1" -p "$2"${userOption(login)} PING`;
}

/** The same in every language: written, then read; where writes are refused it is only read. */
const nodeWrite = "await redis.set('greeting', 'hello');\n";
const nodeRead = "console.log(await redis.get('greeting'));";

function nodeTo({ host, port, isReadOnly }: Address, { username }: Login, { node }: Secret): string {
  return `import { Redis } from 'ioredis';

const redis = new Redis({
  host: '${host}',
  port: ${port},
  username: '${username}',
  password: ${node},
});

${isReadOnly === true ? '' : nodeWrite}${nodeRead}`;
}

function nodeBySentinel({ name, addresses, username: sentinelUser }: BySentinel, { username }: Login, { node }: Secret): string {
  return `import { Redis } from 'ioredis';

const redis = new Redis({
  name: '${name}',
  sentinels: [
${addresses.map(parts).map(([host, port]) => `    { host: '${host}', port: ${port} },`).join('\n')}
  ],
  username: '${username}',
  password: ${node},
  sentinelUsername: '${sentinelUser}',
  sentinelPassword: ${node},
});

${nodeWrite}${nodeRead}`;
}

const pythonWrite = 'r.set("greeting", "hello")\n';
const pythonRead = 'print(r.get("greeting"))';

function pythonTo({ host, port, isReadOnly }: Address, { username }: Login, { python, isKnown }: Secret): string {
  return `${isKnown ? '' : 'import os\n'}import redis

r = redis.Redis(
    host="${host}",
    port=${port},
    username="${username}",
    password=${python},
    decode_responses=True,
)

${isReadOnly === true ? '' : pythonWrite}${pythonRead}`;
}

function pythonBySentinel({ name, addresses, username: sentinelUser }: BySentinel, { username }: Login, { python, isKnown }: Secret): string {
  return `${isKnown ? '' : 'import os\n'}from redis.sentinel import Sentinel

password = ${python}
sentinel = Sentinel(
    [${addresses.map(parts).map(([host, port]) => `("${host}", ${port})`).join(', ')}],
    sentinel_kwargs={"username": "${sentinelUser}", "password": password},
    username="${username}",
    password=password,
    decode_responses=True,
)
r = sentinel.master_for("${name}")

${pythonWrite}${pythonRead}`;
}

function goImports(isKnown: boolean): string {
  return `import (
	"context"
${isKnown ? '' : '\t"os"\n'}
	"github.com/redis/go-redis/v9"
)`;
}

const goWrite = 'err := rdb.Set(context.Background(), "greeting", "hello", 0).Err()';
const goRead = 'greeting, err := rdb.Get(context.Background(), "greeting").Result()';

function goTo({ host, port, isReadOnly }: Address, { username }: Login, { go, isKnown }: Secret): string {
  return `${goImports(isKnown)}

rdb := redis.NewClient(&redis.Options{
	Addr:     "${host}:${port}",
	Username: "${username}",
	Password: ${go},
})

${isReadOnly === true ? goRead : goWrite}`;
}

function goBySentinel({ name, addresses, username: sentinelUser }: BySentinel, { username }: Login, { go, isKnown }: Secret): string {
  return `${goImports(isKnown)}

rdb := redis.NewFailoverClient(&redis.FailoverOptions{
	MasterName:       "${name}",
	SentinelAddrs:    []string{${addresses.map((address) => `"${address}"`).join(', ')}},
	Username:         "${username}",
	Password:         ${go},
	SentinelUsername: "${sentinelUser}",
	SentinelPassword: ${go},
})

${goWrite}`;
}
