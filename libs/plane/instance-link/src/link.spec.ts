// The link against a real redis-server.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IoredisInstanceLink } from './link';
import { parseInfo } from './info';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const withRedis = hasRedis || process.env['CI'] === 'true' ? describe : describe.skip;

describe('INFO', () => {
  it('is read by its field names, also where a value holds a colon', () => {
    const info = parseInfo('# Server\r\nredis_version:7.0.15\r\nrun_id:ab\r\nconfig_file:/a:b\r\n\r\n# Replication\r\nrole:master\r\nloading:0\r\n');
    expect(info).toMatchObject({ version: '7.0.15', runId: 'ab', role: 'master', isLoading: false });
    expect(info.fields.get('config_file')).toBe('/a:b');
  });
});

withRedis('link', () => {
  let store: ChildProcess;
  let port: number;
  let link: IoredisInstanceLink;
  let directory: string;

  beforeEach(async () => {
    port = await freePort();
    link = new IoredisInstanceLink();
    directory = mkdtempSync(path.join(tmpdir(), 'larder-link-'));
    store = await startRedis(port, directory);
  });
  afterEach(async () => {
    await link.close();
    store.kill('SIGKILL');
    if (store.exitCode === null && store.signalCode === null) await new Promise((gone) => store.once('exit', gone));
    rmSync(directory, { recursive: true, force: true });
  });

  const at = (username: string, password: string): { host: string; port: number; username: string; password: string } =>
    ({ host: '127.0.0.1', port, username, password });

  it('reads and changes settings', async () => {
    const system = at('larder-system', 'sys');
    expect(await link.configSet(system, { 'maxmemory-policy': 'allkeys-lru', save: '' })).toEqual({ ok: true, value: undefined });
    expect(await link.configGet(system, ['maxmemory-policy', 'save', 'no-such-setting']))
      .toEqual({ ok: true, value: { 'maxmemory-policy': 'allkeys-lru', save: '' } });
    expect(await link.configSet(system, { maxmemory: 'plenty' })).toMatchObject({ ok: false, error: { fault: 'reply' } });
    expect(await link.info(system)).toMatchObject({ ok: true, value: { role: 'master' } });
  });

  it('makes exactly the passwords given valid', async () => {
    const answers = async (): Promise<boolean[]> =>
      Promise.all(['first', 'second'].map(async (password) => (await link.ping(at('default', password))).ok));
    expect(await answers()).toEqual([true, false]);
    await link.setPasswords(at('larder-system', 'sys'), 'default', ['second', 'first']);
    expect(await answers()).toEqual([true, true]);
    await link.close(); // a connection that is open stays open; only a new one is asked for its password
    await link.setPasswords(at('larder-system', 'sys'), 'default', ['second']);
    expect(await answers()).toEqual([false, true]);
    expect(await link.ping(at('default', 'first'))).toEqual({ ok: false, error: { fault: 'auth' } });
  });

  it('counts keys by database and type', async () => {
    for (const command of ['SET a 1', 'SET b 1', 'LPUSH l 1', '-n 3 HSET h f v']) {
      spawnSync('redis-cli', ['-p', String(port), '--user', 'larder-system', '--pass', 'sys', ...command.split(' ')]);
    }
    expect(await link.keyCounts(at('larder-system', 'sys'))).toEqual({ ok: true, value: [
      { database: 0, type: 'list', keys: 1 }, { database: 0, type: 'string', keys: 2 }, { database: 3, type: 'hash', keys: 1 },
    ] });
  });

  it('saves after a rewrite of the append-only file that is under way, and calls a save beside it begun', async () => {
    const system = at('larder-system', 'sys');
    for (const command of ['SET a 1', 'SET b 1', 'SET c 1']) spawnSync('redis-cli', ['-p', String(port), '--user', 'larder-system', '--pass', 'sys', ...command.split(' ')]);
    expect((await link.configSet(system, { 'rdb-key-save-delay': '100000' })).ok).toBe(true);
    await link.configSet(system, { appendonly: 'yes' });
    const rewriting = await link.info(system);
    expect(rewriting.ok && rewriting.value.fields.get('aof_rewrite_in_progress')).toBe('1');
    expect(await link.startSave(system)).toEqual({ ok: true, value: undefined });
    expect(await link.backgroundSave(system)).toEqual({ ok: true, value: undefined });
    const after = await link.info(system);
    expect(after.ok && [after.value.fields.get('aof_last_bgrewrite_status'), after.value.fields.get('rdb_saves')]).toEqual(['ok', '1']);
  });

  it('answers that nobody listens, and finds the next server at the same address', async () => {
    const system = at('larder-system', 'sys');
    expect((await link.ping(system)).ok).toBe(true);
    store.kill('SIGKILL');
    await new Promise((gone) => store.once('exit', gone));
    expect(await link.ping(system)).toEqual({ ok: false, error: { fault: 'refused' } });
    directory = mkdtempSync(path.join(tmpdir(), 'larder-link-'));
    store = await startRedis(port, directory);
    expect((await link.ping(system)).ok).toBe(true);
  });

  it('does not wait longer than its deadline for a server that has stopped answering', async () => {
    const quick = new IoredisInstanceLink({ commandTimeoutMs: 100, connectTimeoutMs: 100 });
    store.kill('SIGSTOP');
    expect(await quick.ping(at('larder-system', 'sys'))).toEqual({ ok: false, error: { fault: 'timeout' } });
    await quick.close();
  });
});

async function startRedis(port: number, directory: string): Promise<ChildProcess> {
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory, '--user', 'default', 'on', '>first', '~*',
    '&*', '+@all', '--user', 'larder-system', 'on', '>sys', '~*', '&*', '+@all'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((ready) => child.stdout!.on('data', (text: Buffer) => { if (text.includes('Ready to accept')) ready(); }));
  return child;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
