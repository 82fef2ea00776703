/**
 * Settings that say how an RDB file is written, read and kept, on both servers, each other's files.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeNeeding, repositoryRoot, startStore, waitFor } from '@larder/shared-testing';
import type { Store, StoreKind } from '@larder/shared-testing';

const stores: Store[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.kill();
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'larder-files-'));
  folders.push(path);
  return path;
}

async function start(kind: StoreKind, dir: string, ...args: string[]): Promise<Store> {
  const store = await startStore({ kind, dir, args: ['--enable-debug-command', 'yes', ...args] });
  stores.push(store);
  return store;
}

async function ask(store: Store, ...words: [string, ...string[]]): Promise<string> {
  const client = await store.connect(2, 30_000);
  const reply = String(await client.ask(...words));
  client.close();
  return reply;
}

const both: readonly StoreKind[] = ['redis-server', 'larder-server'];
const other = (kind: StoreKind): StoreKind => (kind === 'redis-server' ? 'larder-server' : 'redis-server');

describeNeeding(['redis-server', 'redis-check-rdb'], 'an RDB file', () => {
  it.each(both)('of %s without compression and checksum is so, and loads in the other; a wrong checksum does where none is wanted', async (kind) => {
    const dir = folder();
    const file = join(dir, 'dump.rdb');
    const writer = await start(kind, dir, '--rdbcompression', 'no', '--rdbchecksum', 'no');
    const fields = Array.from({ length: 700 }, (_, i) => [`field${i}`, 'w'.repeat(40)]).flat();
    await ask(writer, 'SET', 'text', 'abc'.repeat(200));
    await ask(writer, 'RPUSH', 'list', ...fields);
    await ask(writer, 'HSET', 'hash', ...fields);
    await ask(writer, 'SAVE');
    const digest = await ask(writer, 'DEBUG', 'DIGEST');
    const plain = readFileSync(file);
    expect(plain.includes('abc'.repeat(200))).toBe(true);
    expect(plain.subarray(-8)).toEqual(Buffer.alloc(8));
    // On a running server: both come back.
    for (const name of ['rdbcompression', 'rdbchecksum']) await ask(writer, 'CONFIG', 'SET', name, 'yes').catch(() => undefined);
    await ask(writer, 'SAVE');
    const packed = readFileSync(file);
    expect(packed.includes('abc'.repeat(200))).toBe(false);
    expect(packed.length).toBeLessThan(plain.length / 2);
    await writer.kill();

    writeFileSync(file, plain);
    expect(spawnSync('redis-check-rdb', [file], { encoding: 'latin1' }).stdout).toContain('RDB file was saved with checksum disabled: no check performed.');
    const reader = await start(other(kind), dir);
    expect(await ask(reader, 'DEBUG', 'DIGEST')).toBe(digest);
    await ask(reader, 'SAVE');
    await reader.kill();

    const wrong = readFileSync(file);
    wrong[wrong.length - 3]! ^= 1;
    writeFileSync(file, wrong);
    const check = (tool: string) => {
      const { status, stdout } = spawnSync(tool, [file], { encoding: 'latin1' });
      return { status, text: stdout };
    };
    expect(check(join(repositoryRoot(), 'apps/data-plane/bin/larder-check-rdb'))).toEqual(check('redis-check-rdb'));
    expect(check('redis-check-rdb')).toMatchObject({ status: 1, text: expect.stringContaining('RDB CRC error') });
    const careless = await start(kind, dir, '--rdbchecksum', 'no');
    expect(await ask(careless, 'DEBUG', 'DIGEST')).toBe(digest);
  });

  it('that only replication needed stays with a replica, unless rdb-del-sync-files says otherwise and nothing else persists', async () => {
    const primary = await start('redis-server', folder(), '--repl-diskless-sync-delay', '0');
    await ask(primary, 'SET', 'key', 'value');
    const lives = await Promise.all(
      both.map(async (kind) => {
        const dir = folder();
        const replica = await start(kind, dir, '--save', '');
        const seen: boolean[] = [];
        for (const [keep, save] of [['no', ''], ['yes', ''], ['yes', '3600 1']] as const) {
          rmSync(join(dir, 'dump.rdb'), { force: true });
          await ask(replica, 'CONFIG', 'SET', 'rdb-del-sync-files', keep);
          await ask(replica, 'CONFIG', 'SET', 'save', save);
          await ask(replica, 'DEBUG', 'CHANGE-REPL-ID');
          await ask(replica, 'REPLICAOF', '127.0.0.1', String(primary.port));
          await waitFor('the link', async () => (await ask(replica, 'INFO', 'replication')).includes('master_link_status:up'), 20_000);
          expect(await ask(replica, 'GET', 'key')).toBe('value');
          seen.push(existsSync(join(dir, 'dump.rdb')));
          await ask(replica, 'REPLICAOF', 'NO', 'ONE');
        }
        return seen;
      }),
    );
    expect(lives).toEqual([[true, false, true], [true, false, true]]);
  });
});
