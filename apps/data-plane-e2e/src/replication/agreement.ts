/** Whether a replica has what its primary has: offsets first, then the digest of everything. */
import { waitFor } from '@larder/shared-testing';
import type { Store } from '@larder/shared-testing';

export async function infoOf(store: Store, section: string): Promise<Record<string, string>> {
  const client = await store.connect();
  const text = (await client.ask('INFO', section)) as string;
  client.close();
  return Object.fromEntries(text.split('\r\n').filter((line) => line.includes(':')).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

export async function offsetOf(store: Store): Promise<number> {
  const info = await infoOf(store, 'replication');
  return Number(info['role'] === 'slave' ? info['slave_repl_offset'] : info['master_repl_offset']);
}

async function ask(store: Store, ...words: string[]): Promise<unknown> {
  const client = await store.connect();
  try {
    return await client.ask(...words);
  } finally {
    client.close();
  }
}

export async function linkIsUp(replica: Store, timeoutMs = 20_000): Promise<void> {
  await waitFor('the link to be up', async () => (await infoOf(replica, 'replication'))['master_link_status'] === 'up', timeoutMs);
}

/** All stores have the same data; the first one is the primary. Nobody may write meanwhile. */
export async function agree(stores: readonly Store[], timeoutMs = 30_000): Promise<void> {
  const [primary, ...replicas] = stores;
  let seen: unknown[] = [];
  await waitFor('equal digests', async () => {
    for (const replica of replicas) if ((await infoOf(replica, 'replication'))['master_link_status'] !== 'up') return false;
    const end = await offsetOf(primary!);
    seen = [];
    for (const store of stores) seen.push(await offsetOf(store));
    if (seen.some((offset) => (offset as number) < end)) return false;
    seen = [];
    for (const store of stores) seen.push(await ask(store, 'DEBUG', 'DIGEST'));
    return seen.every((digest) => digest === seen[0]);
  }, timeoutMs).catch(async (error: Error) => {
    throw new Error(`${error.message}; seen last: ${seen.join(' ')}; ${await differences(primary!, replicas[0]!)}`);
  });
}

/** The first keys in which two stores differ. */
async function differences(one: Store, other: Store): Promise<string> {
  const [a, b] = [await one.connect(), await other.connect()];
  const found: string[] = [];
  for (let database = 0; database < 16 && found.length < 5; database++) {
    for (const line of [a, b]) await line.ask('SELECT', String(database));
    const keys = new Set([...((await a.ask('KEYS', '*')) as string[]), ...((await b.ask('KEYS', '*')) as string[])]);
    for (const key of keys) {
      const said = [];
      for (const line of [a, b]) said.push(JSON.stringify([await line.ask('DEBUG', 'DIGEST-VALUE', key), await line.ask('PEXPIRETIME', key), await line.ask('OBJECT', 'ENCODING', key).catch(String)]));
      if (said[0] !== said[1]) found.push(`${database}: ${key} ${said.join(' against ')}`);
    }
  }
  a.close();
  b.close();
  return found.length === 0 ? 'no key differs' : found.join('; ');
}
