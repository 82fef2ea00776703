/**
 * Rewrites of the append-only file that nobody asked for, those that fail, and what is left undone while one runs: beside redis-server.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  const path = mkdtempSync(join(tmpdir(), 'larder-rewrites-'));
  folders.push(path);
  return path;
}

async function start(kind: StoreKind, dir: string, args: readonly string[], binary?: string): Promise<Store> {
  const store = await startStore({ kind, dir, args: ['--appendonly', 'yes', ...args], ...(binary === undefined ? {} : { binary }) });
  stores.push(store);
  return store;
}

async function ask(store: Store, ...commands: string[][]): Promise<unknown[]> {
  const client = await store.connect(2, 30_000);
  const replies: unknown[] = [];
  for (const words of commands) replies.push(await client.ask(...(words as [string, ...string[]])));
  client.close();
  return replies;
}

/** Waits until INFO persistence says all of that; answers it. */
async function until(store: Store, ...lines: string[]): Promise<string> {
  return waitFor(lines.join(', '), async () => {
    const info = String((await ask(store, ['INFO', 'persistence']))[0]);
    return lines.every((line) => info.includes(`${line}\r\n`)) ? info : undefined;
  }, 20_000);
}

const told = (store: Store, pattern: RegExp): string[] => [...store.log().matchAll(pattern)].map(([line]) => line);
const STARTING = /Starting automatic rewriting of AOF on \d+% growth/g;
const IDLE = ['aof_rewrite_in_progress:0', 'aof_rewrite_scheduled:0'];

describeNeeding(['redis-server'], 'an automatic rewrite', () => {
  it('comes at the growth and size that the settings name, to the percent as in redis-server, and not otherwise', async () => {
    const lives = await Promise.all(
      (['redis-server', 'larder-server'] as const).map(async (kind) => {
        const store = await start(kind, folder(), ['--aof-use-rdb-preamble', 'no', '--auto-aof-rewrite-min-size', '20kb', '--auto-aof-rewrite-percentage', '150']);
        await ask(store, ['SET', 'a', 'x'.repeat(10_000)], ['BGREWRITEAOF']);
        const begun = await until(store, ...IDLE, 'aof_rewrites:1');
        // 110 % more: not enough; then 170 %, in one command, so that it is seen in one piece.
        await ask(store, ['SET', 'b', 'x'.repeat(11_000)]);
        await until(store, ...IDLE, 'aof_buffer_length:0');
        await ask(store, ['CONFIG', 'SET', 'auto-aof-rewrite-percentage', '0'], ['SET', 'c', 'x'.repeat(6000)], ['CONFIG', 'SET', 'auto-aof-rewrite-percentage', '150']);
        const second = await until(store, ...IDLE, 'aof_rewrites:2');
        // Below the least size nothing grows too much.
        await ask(store, ['FLUSHALL'], ['BGREWRITEAOF']);
        await until(store, ...IDLE, 'aof_rewrites:3');
        await ask(store, ['SET', 'd', 'x'.repeat(15_000)]);
        await until(store, ...IDLE, 'aof_rewrites:3');
        await ask(store, ['SET', 'e', 'x'.repeat(15_000)]);
        await until(store, ...IDLE, 'aof_rewrites:4');
        const base = (info: string): string => /aof_base_size:\d+/.exec(info)![0];
        return { told: told(store, STARTING), sizes: [base(begun), base(second)] };
      }),
    );
    expect(lives[1]).toEqual(lives[0]);
    expect(lives[1]!.told).toHaveLength(2);
    expect(lives[1]!.told[0]).toMatch(/on 1[67]\d% growth/);
  });

  it('that failed three times waits, one by hand does not, and a success begins anew', async () => {
    const lives = await Promise.all(
      (['redis-server', 'larder-server'] as const).map(async (kind) => {
        const dir = folder();
        const store = await start(kind, dir, ['--auto-aof-rewrite-min-size', '10kb', '--auto-aof-rewrite-percentage', '100']);
        // The next base finds its place taken.
        const place = join(dir, 'appendonlydir', 'appendonly.aof.2.base.rdb');
        mkdirSync(join(place, 'in-the-way'), { recursive: true });
        await ask(store, ['SET', 'a', 'x'.repeat(20_000)]);
        await until(store, ...IDLE, 'aof_rewrites_consecutive_failures:3', 'aof_last_bgrewrite_status:err');
        await store.waitForLog('Background AOF rewrite has repeatedly failed and triggered the limit, will retry in 1 minutes');
        const [byHand] = await ask(store, ['BGREWRITEAOF']);
        await until(store, ...IDLE, 'aof_rewrites_consecutive_failures:4');
        rmSync(place, { recursive: true });
        const digestBefore = await ask(store, ['GET', 'a']);
        await ask(store, ['BGREWRITEAOF']);
        await until(store, ...IDLE, 'aof_rewrites_consecutive_failures:0', 'aof_last_bgrewrite_status:ok', 'aof_rewrites:5');
        await ask(store, ['SET', 'b', '1']);
        await store.stop();
        const again = await start(kind, dir, []);
        return { byHand, tried: told(store, STARTING).length, isThere: (await ask(again, ['GET', 'a'], ['GET', 'b'])).map((value, i) => (i === 0 ? String(value) === String(digestBefore[0]) : value)) };
      }),
    );
    expect(lives[1]).toEqual(lives[0]);
    expect(lives[1]).toEqual({ byHand: 'Background append only file rewriting started', tried: 3, isThere: [true, '1'] });
  });
});

describe('no-appendfsync-on-rewrite', () => {
  it('leaves the disk alone no longer than a save lasts', async () => {
    const dir = folder();
    const notes = join(dir, 'synced');
    writeFileSync(join(dir, 'notes.cjs'), `const fs = require('node:fs'); const real = fs.fdatasyncSync; fs.fdatasyncSync = (fd) => { real(fd); fs.appendFileSync(${JSON.stringify(notes)}, '+'); };`);
    const launcher = join(dir, 'larder-server');
    const root = repositoryRoot();
    writeFileSync(launcher, `#!/bin/sh\nexec ${root}/node_modules/.bin/node --disable-warning=ExperimentalWarning --require ${dir}/notes.cjs ${root}/dist/apps/data-plane/larder-server.cjs "$@"\n`);
    chmodSync(launcher, 0o755);
    const store = await start('larder-server', dir, ['--appendfsync', 'always', '--no-appendfsync-on-rewrite', 'yes'], launcher);
    const syncs = (): number => (existsSync(notes) ? readFileSync(notes).length : 0);
    await ask(store, ['SET', 'a', '1']);
    expect(syncs()).toBeGreaterThan(0);
    await ask(store, ['BGSAVE']);
    await until(store, 'rdb_bgsave_in_progress:0', 'rdb_saves:1');
    const before = syncs();
    await waitFor('a write that is forced to disk', async () => {
      await ask(store, ['SET', 'a', '2']);
      return syncs() > before;
    });
  });
});
