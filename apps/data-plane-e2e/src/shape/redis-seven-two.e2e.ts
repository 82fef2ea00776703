/**
 * What clients see of Redis 7.2 that redis-server 7.0.15 cannot judge: golden replies, from the documentation of each command
 * (redis.io/commands: "history" since 7.2.0) and the reply schemas in src/commands/*.json of that release.
 */
import { startStore } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';

let store: Store;
let two: RawClient;
let three: RawClient;

beforeAll(async () => {
  store = await startStore({ kind: 'larder-server', args: ['--maxmemory-policy', 'allkeys-lfu', '--lfu-log-factor', '0'] });
  two = await store.connect(2);
  three = await store.connect(3);
});

afterAll(() => store.kill());

const raw = async (client: RawClient, ...command: string[]): Promise<string> => (await client.command(...command)).raw.toString('latin1');

describe('ZRANK and ZREVRANK', () => {
  beforeAll(() => two.ask('ZADD', 'z', '1', 'one', '2.5', 'two'));

  it('answer rank and score WITHSCORE', async () => {
    expect(await raw(two, 'ZRANK', 'z', 'two', 'WITHSCORE')).toBe('*2\r\n:1\r\n$3\r\n2.5\r\n');
    expect(await raw(three, 'ZREVRANK', 'z', 'two', 'withscore')).toBe('*2\r\n:0\r\n,2.5\r\n');
  });

  it('answer a null array for nobody, and a null without WITHSCORE', async () => {
    expect(await raw(two, 'ZRANK', 'z', 'nobody', 'WITHSCORE')).toBe('*-1\r\n');
    expect(await raw(three, 'ZRANK', 'nowhere', 'nobody', 'WITHSCORE')).toBe('_\r\n');
    expect(await raw(two, 'ZRANK', 'z', 'nobody')).toBe('$-1\r\n');
  });

  it('refuse other words and more of them', async () => {
    expect(await raw(two, 'ZRANK', 'z', 'two', 'x')).toBe('-ERR syntax error\r\n');
    expect(await raw(two, 'ZRANK', 'z', 'two', 'WITHSCORE', 'x')).toBe("-ERR wrong number of arguments for 'zrank' command\r\n");
  });
});

describe('CLIENT', () => {
  it('shows what SETINFO told of the library', async () => {
    expect(await two.ask('CLIENT', 'SETINFO', 'LIB-NAME', 'larder-test(x)')).toBe('OK');
    expect(await two.ask('CLIENT', 'SETINFO', 'lib-ver', '1.2.3')).toBe('OK');
    expect(await two.ask('CLIENT', 'INFO')).toMatch(/ resp=2 lib-name=larder-test\(x\) lib-ver=1\.2\.3\n$/);
    expect(await three.ask('CLIENT', 'LIST')).toContain('lib-name=larder-test(x) lib-ver=1.2.3\n');
    expect(await two.ask('CLIENT', 'SETINFO', 'lib-ver', '')).toBe('OK');
    expect(await two.ask('CLIENT', 'INFO')).toMatch(/ lib-ver=\n$/);
  });

  it('refuses what would break the line', async () => {
    expect(await raw(two, 'CLIENT', 'SETINFO', 'lib-name', 'a b')).toBe('-ERR lib-name cannot contain spaces, newlines or special characters.\r\n');
    expect(await raw(two, 'CLIENT', 'SETINFO', 'lib-what', 'a')).toBe("-ERR Unrecognized option 'lib-what'\r\n");
  });

  it('NO-TOUCH leaves access frequencies alone, but TOUCH does not', async () => {
    await two.ask('SET', 'k', 'v');
    const before = Number(await two.ask('OBJECT', 'FREQ', 'k'));
    expect(await two.ask('CLIENT', 'NO-TOUCH', 'on')).toBe('OK');
    for (let i = 0; i < 20; i++) await two.ask('GET', 'k');
    expect(Number(await two.ask('OBJECT', 'FREQ', 'k'))).toBe(before);
    expect(await two.ask('CLIENT', 'INFO')).toContain(' flags=T ');
    await two.ask('TOUCH', 'k');
    expect(Number(await two.ask('OBJECT', 'FREQ', 'k'))).toBeGreaterThan(before);
    expect(await two.ask('CLIENT', 'NO-TOUCH', 'OFF')).toBe('OK');
    expect(await raw(two, 'CLIENT', 'NO-TOUCH', 'x')).toBe('-ERR syntax error\r\n');
  });
});

describe('XINFO', () => {
  it('tells when a consumer was last given entries apart from when it last tried', async () => {
    await two.ask('XADD', 's', '1-1', 'a', 'b');
    await two.ask('XGROUP', 'CREATE', 's', 'g', '0');
    await two.ask('XGROUP', 'CREATECONSUMER', 's', 'g', 'idle');
    await two.ask('XREADGROUP', 'GROUP', 'g', 'busy', 'STREAMS', 's', '>');
    const consumers = (await two.ask('XINFO', 'CONSUMERS', 's', 'g')) as unknown[][];
    expect(consumers.map((fields) => fields.filter((_, at) => at % 2 === 0))).toEqual([['name', 'pending', 'idle', 'inactive'], ['name', 'pending', 'idle', 'inactive']]);
    expect(consumers.map((fields) => [fields[1], Number(fields[7]) < 0])).toEqual([['busy', false], ['idle', true]]);
    const full = JSON.stringify(await two.ask('XINFO', 'STREAM', 's', 'FULL'));
    expect(full).toMatch(/"name","idle","seen-time",\d+,"active-time",-1,"pel-count",0/);
  });
});

describe('ACL LOG', () => {
  it('numbers its entries and says when they were made and last renewed', async () => {
    await raw(two, 'AUTH', 'nobody', 'wrong');
    const [entry] = (await two.ask('ACL', 'LOG')) as unknown[][];
    expect(entry!.filter((_, at) => at % 2 === 0)).toEqual([
      'count', 'reason', 'context', 'object', 'username', 'age-seconds', 'client-info', 'entry-id', 'timestamp-created', 'timestamp-last-updated',
    ]);
    expect(entry![15]).toBe(0);
    expect(entry![17]).toBe(entry![19]);
  });
});

describe('COMMAND', () => {
  it('knows what 7.2 added', async () => {
    const [zrank] = (await two.ask('COMMAND', 'INFO', 'zrank')) as unknown[][];
    expect(zrank![1]).toBe(-3);
    expect(JSON.stringify(await two.ask('COMMAND', 'DOCS', 'zrank'))).toContain('WITHSCORE');
    expect(await two.ask('COMMAND', 'LIST', 'FILTERBY', 'PATTERN', 'client|set*')).toEqual(expect.arrayContaining(['client|setinfo', 'client|setname']));
    expect(await raw(two, 'CLUSTER', 'MYSHARDID')).toBe('-ERR This instance has cluster support disabled\r\n');
  });
});
