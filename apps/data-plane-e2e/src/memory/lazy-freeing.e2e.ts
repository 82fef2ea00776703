/** `lazyfree-*`: each setting makes its way of losing a large value a lazy one, on larder-server as on redis-server. */
import { describeNeeding, startStore, waitFor } from '@larder/shared-testing';
import type { RawClient, Store, StoreKind } from '@larder/shared-testing';

const KINDS: readonly StoreKind[] = ['redis-server', 'larder-server'];
const ELEMENTS = 5000;

const SETTINGS = ['lazyfree-lazy-user-del', 'lazyfree-lazy-user-flush', 'lazyfree-lazy-server-del', 'lazyfree-lazy-expire', 'lazyfree-lazy-eviction'] as const;

const WAYS: readonly { setting: (typeof SETTINGS)[number] | 'none'; lose: string; commands: readonly string[][] }[] = [
  { setting: 'none', lose: 'UNLINK', commands: [['UNLINK', 'large']] },
  { setting: 'none', lose: 'FLUSHALL ASYNC', commands: [['FLUSHALL', 'ASYNC']] },
  { setting: 'lazyfree-lazy-user-del', lose: 'DEL', commands: [['DEL', 'large']] },
  { setting: 'lazyfree-lazy-user-flush', lose: 'FLUSHDB', commands: [['FLUSHDB']] },
  { setting: 'lazyfree-lazy-user-flush', lose: 'FLUSHALL', commands: [['FLUSHALL']] },
  { setting: 'lazyfree-lazy-server-del', lose: 'SET over it', commands: [['SET', 'large', 'small']] },
  { setting: 'lazyfree-lazy-server-del', lose: 'RENAME over it', commands: [['SET', 'small', 'value'], ['RENAME', 'small', 'large']] },
  { setting: 'lazyfree-lazy-server-del', lose: 'SUNIONSTORE over it', commands: [['SADD', 'small', 'member'], ['SUNIONSTORE', 'large', 'small']] },
  { setting: 'lazyfree-lazy-expire', lose: 'its time', commands: [['PEXPIRE', 'large', '1']] },
  { setting: 'lazyfree-lazy-eviction', lose: 'eviction', commands: [['CONFIG', 'SET', 'maxmemory', '1', 'maxmemory-policy', 'allkeys-lru'], ['SET', 'more', 'data']] },
];

describeNeeding(['redis-server'], 'lazy freeing', () => {
  describe.each(KINDS)('by %s', (kind) => {
    let store: Store;
    let control: RawClient;

    beforeAll(async () => {
      store = await startStore({ kind });
      control = await store.connect();
    });
    afterAll(() => store?.stop());
    beforeEach(async () => {
      await control.pipeline([
        ['CONFIG', 'SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction', ...SETTINGS.flatMap((name) => [name, 'no'])],
        ['FLUSHALL', 'SYNC'],
        ['CONFIG', 'RESETSTAT'],
        ['HSET', 'large', ...Array.from({ length: ELEMENTS }, (_, i) => [`field:${i}`, `value:${i}`]).flat()],
      ]);
    });

    const lazily = async (): Promise<number> => Number(/lazyfreed_objects:(\d+)/.exec(String(await control.ask('INFO', 'memory')))![1]);
    const isLost = async (): Promise<boolean> => (await control.command('HLEN', 'large')).raw.toString('latin1') !== `:${ELEMENTS}\r\n`;
    const run = async (commands: readonly string[][]): Promise<void> => {
      await control.pipeline(commands);
      await waitFor('the value to be lost', isLost);
    };

    it.each(WAYS)('with $setting: $lose', async ({ setting, commands }) => {
      if (setting !== 'none') {
        await run(commands);
        expect(await lazily()).toBe(0);
        await control.pipeline([
          ['CONFIG', 'SET', 'maxmemory', '0', setting, 'yes'],
          ['FLUSHALL', 'SYNC'],
          ['HSET', 'large', ...Array.from({ length: ELEMENTS }, (_, i) => [`field:${i}`, `value:${i}`]).flat()],
        ]);
      }
      await run(commands);
      await waitFor('it to be freed', async () => (await lazily()) > 0);
      await control.ask('CONFIG', 'SET', 'maxmemory', '0');
    });
  });
});
