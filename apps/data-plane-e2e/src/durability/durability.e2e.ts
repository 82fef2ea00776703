/**
 * Append-only files: thirty crashes, files that both servers read, and what both write for the same commands.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeNeeding, encodeCommands, repositoryRoot, startStore, waitFor } from '@larder/shared-testing';
import type { Store, StoreKind } from '@larder/shared-testing';
import { generator } from '../differential/generator.ts';
import { seededRandom } from '../differential/random.ts';
import { groups } from '../differential/rows/table.ts';
import { compareAofs } from './aof-differential.ts';
import { crash } from './crash.ts';

const stores: Store[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.kill();
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'larder-aof-'));
  folders.push(path);
  return path;
}

async function start(kind: StoreKind, dir: string, ...args: string[]): Promise<Store> {
  const store = await startStore({ kind, dir, args: ['--appendonly', 'yes', '--enable-debug-command', 'yes', ...args] });
  stores.push(store);
  return store;
}

async function ask(store: Store, ...words: string[]): Promise<string> {
  const client = await store.connect(2, 30_000);
  const reply = String(await client.ask(...words));
  client.close();
  return reply;
}

/** Random commands on data of every type. */
async function fill(store: Store, seed: number, commands: number): Promise<void> {
  const wanted = new Set(['strings', 'hashes', 'lists', 'sets', 'zsets', 'streams', 'transactions', 'bitmaps', 'hyperloglogs', 'geo']);
  const source = generator(groups.filter(({ name }) => wanted.has(name)), (name) => !/ |^(EVAL|FCALL|FUNCTION|SCRIPT)/i.test(name), seededRandom(seed));
  const client = await store.connect(2, 30_000);
  for (let i = 0; i < commands; i++) {
    const step = source.step(2);
    await client.exchange(encodeCommands(step.commands), step.commands.length);
  }
  client.close();
}

async function rewritten(store: Store): Promise<void> {
  await waitFor('the rewrite', async () => {
    const info = await ask(store, 'INFO', 'persistence');
    return info.includes('aof_rewrite_in_progress:0') && info.includes('aof_rewrite_scheduled:0') && info.includes('aof_last_bgrewrite_status:ok');
  }, 20_000);
}

describe('crashes', () => {
  it.each(Array.from({ length: 30 }, (_, i) => i + 1))('of seed %i lose nothing that a policy promises', async (seed) => {
    const { faults } = await crash(seed);
    expect(faults).toEqual([]);
  });
});

describeNeeding(['redis-server', 'redis-check-aof'], 'append-only files and redis-server', () => {
  const journey: readonly [from: StoreKind, to: StoreKind][] = [['larder-server', 'redis-server'], ['redis-server', 'larder-server'], ['larder-server', 'larder-server']];
  it.each(journey.flatMap(([from, to]) => [1, 2].map((seed) => [from, to, seed] as const)))('%s to %s, seed %i: base and increments give the same digest', async (from, to, seed) => {
    const dir = folder();
    const writer = await start(from, dir, '--aof-use-rdb-preamble', seed === 1 ? 'yes' : 'no', '--aof-timestamp-enabled', seed === 1 ? 'no' : 'yes', '--appendfsync', 'no');
    await ask(writer, 'DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    await fill(writer, seed, 1500);
    await ask(writer, 'BGREWRITEAOF');
    await fill(writer, seed + 100, 500);
    await rewritten(writer);
    await fill(writer, seed + 200, 500);
    // Streams that redis-server has read through groups forget a figure when they are loaded.
    const client = await writer.connect(2, 30_000);
    for (const key of (await client.ask('KEYS', '*')) as string[]) {
      if ((await client.ask('TYPE', key)) === 'stream' && ((await client.ask('XINFO', 'GROUPS', key)) as unknown[]).length > 0) await client.ask('DEL', key);
    }
    client.close();
    const digest = await ask(writer, 'DEBUG', 'DIGEST');
    await writer.stop();
    const manifest = join(dir, 'appendonlydir', 'appendonly.aof.manifest');
    expect(spawnSync('redis-check-aof', [manifest], { encoding: 'latin1' }).stdout).toContain('All AOF files and manifest are valid');
    expect(spawnSync(join(repositoryRoot(), 'apps/data-plane/bin/larder-check-aof'), [manifest], { encoding: 'latin1' }).stdout).toContain('All AOF files and manifest are valid');
    const reader = await start(to, dir);
    expect(await ask(reader, 'DEBUG', 'DIGEST')).toBe(digest);
  });

  it('get the same commands from both servers', async () => {
    const { steps, differences } = await compareAofs({ seed: 5, commands: 2500, differencesMax: 5 });
    expect(steps).toBe(2500);
    expect(differences).toEqual([]);
  });

  it('are checked by larder-check-aof in the words of redis-check-aof, whole and damaged', async () => {
    const dir = folder();
    const writer = await start('larder-server', dir, '--aof-timestamp-enabled', 'yes');
    await fill(writer, 3, 60);
    await writer.stop();
    const source = join(dir, 'appendonlydir');
    const whole = readFileSync(join(source, readdirSync(source).find((name) => name.includes('.incr.'))!));
    const random = seededRandom(3);
    const file = join(dir, 'damaged.aof');
    const tool = (name: string, args: string[]) => {
      const { status, stdout } = spawnSync(name, [...args, file], { input: 'y\n', encoding: 'latin1' });
      return { status, stdout: stdout.replace(/Expected \\r\\n, got: 00../, 'Expected \\r\\n'), after: readFileSync(file) };
    };
    for (let i = 0; i < 25; i++) {
      const damaged = Buffer.from(i % 2 === 0 ? whole.subarray(0, random.between(1, whole.length)) : whole);
      if (i % 2 === 1) damaged[random.between(0, damaged.length - 1)] = random.between(0, 255);
      const args = i % 3 === 0 ? ['--fix'] : i % 3 === 1 ? [] : ['--truncate-to-timestamp', '4102444800'];
      writeFileSync(file, damaged);
      const reference = tool('redis-check-aof', args);
      writeFileSync(file, damaged);
      expect(tool(join(repositoryRoot(), 'apps/data-plane/bin/larder-check-aof'), args)).toEqual(reference);
    }
  });
});

describe('an append-only file', () => {
  it('is switched on and off while running, and loses nothing that was acknowledged while it was on', async () => {
    const dir = folder();
    const store = await startStore({ kind: 'larder-server', dir });
    stores.push(store);
    await ask(store, 'SET', 'before', '1');
    for (let round = 0; round < 3; round++) {
      expect(await ask(store, 'CONFIG', 'SET', 'appendonly', 'yes')).toBe('OK');
      await ask(store, 'SET', `during:${round}`, '1');
      await rewritten(store);
      await ask(store, 'SET', `after:${round}`, '1');
      if (round < 2) await ask(store, 'CONFIG', 'SET', 'appendonly', 'no');
      await ask(store, 'SET', `off:${round}`, '1');
    }
    await ask(store, 'CONFIG', 'SET', 'appendfsync', 'always');
    await ask(store, 'SET', 'last', '1');
    await store.kill();
    const again = await start('larder-server', dir);
    expect(await ask(again, 'DBSIZE')).toBe('11');
    expect(await ask(again, 'GET', 'last')).toBe('1');
  });

  it('wins over the RDB file at start', async () => {
    const dir = folder();
    const store = await start('larder-server', dir);
    await ask(store, 'SET', 'key', 'saved');
    await ask(store, 'SAVE');
    await ask(store, 'SET', 'key', 'appended');
    await store.stop();
    expect(await ask(await start('larder-server', dir), 'GET', 'key')).toBe('appended');
  });

  it('of before 7.0, one file beside the RDB file, is taken over', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'appendonly.aof'), encodeCommands([['SET', 'old', 'style']]));
    const store = await start('larder-server', dir);
    expect(await ask(store, 'GET', 'old')).toBe('style');
    expect(store.log()).toContain('Successfully migrated an old-style AOF file (appendonly.aof) into the AOF directory (appendonlydir).');
  });
});
