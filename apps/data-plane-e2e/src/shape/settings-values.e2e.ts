/** Every setting that can be changed takes and refuses the same values as redis-server's, in the same words, and shows them alike. */
import { describeNeeding, startStore } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';
import { targetKind } from '../target.ts';

/** Where the server listens, who may come in, and whether it begins an append-only file. */
const LEFT_OUT = new Set(['port', 'tls-port', 'bind', 'dir', 'requirepass', 'maxclients', 'appendonly', 'tls-cert-file', 'unixsocket']);
/** Debian's redis-server refuses it: its jemalloc is not the one that comes with Redis. */
const OF_THE_BUILD = new Set(['activedefrag']);
const VALUES = ['', '-99', 'abc', '0', '1', '99999999999', 'yes', '1 2 3', '10%', '1gb', '*', 'a b', '-1', '\x00\xff', '4294967296', '9223372036854775808'];

describeNeeding(['redis-server'], `settings of ${targetKind} beside redis-server`, () => {
  const stores: Store[] = [];
  beforeAll(async () => stores.push(...(await Promise.all((['redis-server', targetKind] as const).map((kind) => startStore({ kind }))))));
  afterAll(() => Promise.all(stores.map((store) => store.kill())));

  const shown = async (client: RawClient, name: string): Promise<string> => String(((await client.ask('CONFIG', 'GET', name)) as string[])[1]);

  it('take and refuse the same values', async () => {
    const [reference, target] = await Promise.all(stores.map(async (store) => {
      const client = await store.connect();
      const names = ((await client.ask('CONFIG', 'GET', '*')) as string[]).filter((name, at) => at % 2 === 0 && !LEFT_OUT.has(name) && !OF_THE_BUILD.has(name));
      const said: string[] = [];
      for (const name of names.sort()) {
        const before = await shown(client, name);
        for (const value of VALUES) {
          const reply = (await client.command('CONFIG', 'SET', name, value)).raw.toString('latin1').trimEnd();
          said.push(`${name} ${JSON.stringify(value)}: ${reply}, ${await shown(client, name)}`);
        }
        await client.command('CONFIG', 'SET', name, before);
      }
      client.close();
      return said;
    }));
    expect(target!.filter((line, at) => line !== reference![at])).toEqual([]);
    expect(target!.length).toBe(reference!.length);
    expect(stores.map((store) => store.isRunning)).toEqual([true, true]);
  }, 60_000);
});
