/** A script that does not end: others are told BUSY, SCRIPT KILL ends it unless it has written, and the server lives on. */
import { describeNeeding, startStore, waitFor } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';
import { targetKind } from '../../target.ts';

const FOREVER = 'while true do end';
const FOREVER_PCALL = 'while true do pcall(redis.call, "GET", "k") end';
const WRITES_FOREVER = 'redis.call("SET", KEYS[1], "written") while true do end';

describeNeeding(['redis-server'], `a script that does not end, on ${targetKind} and redis-server`, () => {
  const stores: Store[] = [];
  beforeAll(async () => {
    for (const kind of ['redis-server', targetKind] as const) stores.push(await startStore({ kind, args: ['--lua-time-limit', '50'] }));
  });
  afterAll(() => Promise.all(stores.map((store) => store.kill())));

  /** The same scene on both servers; what was answered must be equal. */
  async function both(scene: (runner: RawClient, other: RawClient, store: Store) => Promise<string[]>): Promise<void> {
    const told: string[][] = [];
    for (const store of stores) {
      const [runner, other] = [await store.connect(), await store.connect()];
      for (const client of [runner, other]) await client.command('PING'); // accepted, not only connected
      told.push(await scene(runner, other, store));
      runner.close();
      other.close();
    }
    expect(told[1]).toEqual(told[0]);
  }

  const busy = (other: RawClient): Promise<string> =>
    waitFor('BUSY', async () => {
      const text = (await other.command('GET', 'k')).raw.toString();
      return text.startsWith('-BUSY') && text;
    });

  it.each([['a loop', FOREVER], ['a loop of protected calls', FOREVER_PCALL]])('kills %s and tells its caller', async (_name, script) => {
    await both(async (runner, other) => {
      const running = runner.command('EVAL', script, '0');
      const told = [await busy(other)];
      for (const command of [['PING'], ['SET', 'k', 'v'], ['MULTI'], ['EXEC'], ['DISCARD'], ['INFO'], ['HELLO', '2'], ['CLIENT', 'SETNAME', 'x'], ['SHUTDOWN'], ['EVAL', 'return 1', '0']]) {
        told.push(`${command[0]} ${(await other.command(...command)).raw.toString().slice(0, 160).replace(/id\r\n:\d+/, 'id')}`);
      }
      told.push((await other.command('SCRIPT', 'KILL')).raw.toString());
      told.push((await running).raw.toString());
      told.push((await other.command('PING')).raw.toString());
      return told;
    });
  }, 30_000);

  it('says that nothing runs', async () => {
    await both(async (runner) => [(await runner.command('SCRIPT', 'KILL')).raw.toString()]);
  });

  it('does not kill a script that has written; SHUTDOWN NOSAVE ends the server', async () => {
    await both(async (runner, other, store) => {
      runner.command('EVAL', WRITES_FOREVER, '1', 'k').catch(() => undefined);
      const told = [await busy(other), (await other.command('SCRIPT', 'KILL')).raw.toString()];
      await other.command('SHUTDOWN', 'NOSAVE').catch(() => undefined);
      told.push(JSON.stringify(await store.exited));
      return told;
    });
  }, 30_000);
});
