/** MIGRATE to redis-server and to larder-server: what arrives, what stays, and what is answered when something fails. */
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { describeNeeding, startStore, waitFor } from '@larder/shared-testing';
import type { RawClient, Store, StoreKind } from '@larder/shared-testing';
import { targetKind } from '../target.ts';

describeNeeding(['redis-server'], 'MIGRATE', () => {
  let source: Store;
  let from: RawClient;
  beforeAll(async () => {
    source = await startStore({ kind: targetKind, args: ['--appendonly', 'yes', '--repl-diskless-sync-delay', '0'] });
    from = await source.connect();
  });
  afterAll(() => source.kill());

  const raw = async (...command: string[]): Promise<string> => (await from.command(...command)).raw.toString('latin1');

  it.each<StoreKind>(['redis-server', 'larder-server'])('sends keys of every type to %s and forgets them', async (kind) => {
    const target = await startStore({ kind });
    const to = await target.connect();
    const move = (...words: string[]): Promise<string> => raw('MIGRATE', '127.0.0.1', String(target.port), ...words);
    await from.pipeline([
      ['FLUSHALL'], ['SET', 's', 'v', 'PX', '100000'], ['RPUSH', 'l', 'a', '1'], ['HSET', 'h', 'f', 'v'], ['SADD', 'u', '1', '2'], ['ZADD', 'z', '1.5', 'm'], ['XADD', 'x', '1-1', 'f', 'v'],
    ]);
    expect(await move('s', '0', '1000')).toBe('+OK\r\n');
    expect(await from.ask('EXISTS', 's')).toBe(0);
    expect(Number(await to.ask('PTTL', 's'))).toBeGreaterThan(90_000);
    // The connection is kept, and in another database.
    expect(await move('', '3', '1000', 'KEYS', 'l', 'missing', 'h', 'u', 'z', 'x')).toBe('+OK\r\n');
    expect(await from.ask('DBSIZE')).toBe(0);
    await to.ask('SELECT', '3');
    expect(await to.ask('LRANGE', 'l', '0', '-1')).toEqual(['a', '1']);
    expect(await to.ask('ZSCORE', 'z', 'm')).toBe('1.5');
    expect(await to.ask('DBSIZE')).toBe(5);
    await from.ask('SET', 'l', 'again');
    expect(await move('l', '3', '1000', 'COPY')).toBe('-ERR Target instance replied with error: BUSYKEY Target key name already exists.\r\n');
    expect(await move('l', '3', '1000', 'COPY', 'REPLACE')).toBe('+OK\r\n');
    expect([await from.ask('GET', 'l'), await to.ask('GET', 'l')]).toEqual(['again', 'again']);
    await to.ask('CONFIG', 'SET', 'requirepass', 'secret');
    const other = await startStore({ kind, args: ['--requirepass', 'secret'] });
    const locked = (...words: string[]): Promise<string> => raw('MIGRATE', '127.0.0.1', String(other.port), 'l', '0', '1000', ...words);
    expect(await locked()).toBe('-ERR Target instance replied with error: NOAUTH Authentication required.\r\n');
    expect(await locked('AUTH', 'wrong')).toBe('-ERR Target instance replied with error: WRONGPASS invalid username-password pair or user is disabled.\r\n');
    expect(await locked('AUTH2', 'default', 'secret')).toBe('+OK\r\n');
    expect(await from.ask('EXISTS', 'l')).toBe(0);
    // What it kept open is closed by the other side: tried again on a new connection.
    await from.ask('SET', 'k', 'v');
    await to.ask('CONFIG', 'SET', 'requirepass', '');
    await to.ask('CLIENT', 'KILL', 'TYPE', 'normal');
    expect(await move('k', '0', '1000')).toBe('+OK\r\n');
    // Half of it refused: the others go.
    await from.pipeline([['MSET', 'k', '1', 'a', '2']]);
    expect(await move('', '0', '1000', 'KEYS', 'k', 'a')).toContain('BUSYKEY');
    expect([await from.ask('EXISTS', 'k'), await from.ask('EXISTS', 'a')]).toEqual([1, 0]);
    await Promise.all([target.kill(), other.kill()]);
  });

  it('answers as redis-server does where nobody listens, nobody answers or nobody is', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const { port } = silent.address() as AddressInfo;
    const real = await startStore({ kind: 'redis-server' });
    const answers = await Promise.all([await real.connect(), from].map(async (client) => {
      const said: string[] = [];
      await client.ask('SET', 'k', 'v');
      // A source that is no address is passed over.
      for (const source of ['', '-99']) {
        await client.ask('CONFIG', 'SET', 'bind-source-addr', source);
        for (const [host, to, key] of [['127.0.0.1', '1', 'k'], ['127.0.0.1', String(port), 'k'], ['127.0.0.1', String(port), 'missing'], ['no.such.host.invalid', '1', 'k']] as const) {
          said.push((await client.command('MIGRATE', host, to, key, '0', '100')).raw.toString('latin1'));
        }
      }
      await client.ask('CONFIG', 'SET', 'bind-source-addr', '');
      said.push(String(await client.ask('GETDEL', 'k')));
      return said;
    }));
    expect(answers[1]).toEqual(answers[0]);
    for (const socket of sockets) socket.destroy();
    silent.close();
    await real.kill();
  });

  it('is not ended by a source address that is none, when it follows a primary', async () => {
    const store = await startStore({ kind: targetKind });
    const client = await store.connect();
    await client.ask('CONFIG', 'SET', 'bind-source-addr', '-99');
    await client.ask('REPLICAOF', '127.0.0.1', String(source.port));
    await waitFor('the link', async () => String(await client.ask('INFO', 'replication')).includes('master_link_status:up'), 20_000);
    await store.kill();
  });

  it('is a DEL for the append-only file', async () => {
    const target = await startStore({ kind: 'redis-server' });
    await from.pipeline([['FLUSHALL'], ['MSET', 'goes', '1', 'stays', '2']]);
    expect(await raw('EVAL', "return redis.call('MIGRATE', ARGV[1], ARGV[2], KEYS[1], 0, 1000)", '1', 'goes', '127.0.0.1', String(target.port))).toBe('+OK\r\n');
    const journal = (): string => readdirSync(join(source.dir, 'appendonlydir')).map((name) => readFileSync(join(source.dir, 'appendonlydir', name), 'latin1')).join('');
    await waitFor('the deletion in the append-only file', () => /DEL\r\n\$4\r\ngoes/i.test(journal()));
    expect(journal()).not.toMatch(/MIGRATE/i);
    await target.kill();
  });
});
