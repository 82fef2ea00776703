/**
 * A disk that is really full: a file system of a few megabytes, seen by the server alone, filled up while clients write.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStore, storeBinary, waitFor } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';

const SIZE_MB = 8;
/** What waits to be written must fit when there is room again. */
const WRITES_MAX = 800;

/** Some kernels forbid what any user may do elsewhere, and nothing can be installed against that: then there is no small disk to be had. */
const mayMount = process.platform === 'linux' && spawnSync('unshare', ['-rm', 'true']).status === 0;
const describeMounting = (name: string, body: () => void): void => (mayMount ? describe(name, body) : describe.skip(`${name} [skipped: this kernel does not let us mount in a user namespace]`, body));

interface SmallDisk {
  /** Where the server sees it. */
  readonly path: string;
  /** A program that runs larder-server with it. */
  readonly binary: string;
  /** Where this process sees it. */
  readonly seen: string;
  fill(): void;
  free(): void;
  remove(): void;
}

async function smallDisk(): Promise<SmallDisk> {
  const path = mkdtempSync(join(tmpdir(), 'larder-disk-'));
  // Mounted in a namespace that this process holds open; servers enter it.
  const holder = spawn('unshare', ['-rm', 'sh', '-c', `mount -t tmpfs -o size=${SIZE_MB}m tmpfs ${path} && echo mounted && exec cat`], { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve());
    holder.once('exit', () => reject(new Error('the small disk was not mounted')));
  });
  const outside = mkdtempSync(join(tmpdir(), 'larder-disk-bin-'));
  const binary = join(outside, 'larder-server');
  writeFileSync(binary, `#!/bin/sh\nexec nsenter --preserve-credentials -U -m -t ${holder.pid} "${storeBinary('larder-server')}" "$@"\n`, { mode: 0o755 });
  const seen = join('/proc', String(holder.pid), 'root', path);
  return {
    path,
    binary,
    seen,
    fill() {
      const page = Buffer.alloc(4096);
      try {
        for (;;) writeFileSync(join(seen, 'filler'), page, { flag: 'a' });
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
      }
    },
    free: () => rmSync(join(seen, 'filler')),
    remove() {
      holder.kill('SIGKILL');
      for (const folder of [path, outside]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

describeMounting('on a full disk', () => {
  let disk: SmallDisk;
  const stores: Store[] = [];
  beforeEach(async () => {
    disk = await smallDisk();
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.kill();
    disk.remove();
  });

  const start = async (...args: string[]): Promise<Store> => {
    const store = await startStore({ kind: 'larder-server', dir: disk.path, binary: disk.binary, args });
    stores.push(store);
    return store;
  };
  const said = async (client: RawClient, ...words: [string, ...string[]]): Promise<string> => (await client.command(...words)).raw.toString('latin1');
  const persistence = async (client: RawClient): Promise<string> => String(await client.ask('INFO', 'persistence'));

  it('a save is reported with its path, the old file stays whole, nothing half-written is left, and writes come back with the space', async () => {
    const store = await start('--save', '3600 1');
    const client = await store.connect();
    await client.ask('SET', 'kept', '1');
    await client.ask('SAVE');
    const good = readFileSync(join(disk.seen, 'dump.rdb'));
    await client.ask('CONFIG', 'SET', 'rdbcompression', 'no');
    await client.ask('SET', 'large', 'x'.repeat(3 << 20));
    disk.fill();
    expect(await said(client, 'SAVE')).toMatch(/^-ERR/);
    await client.ask('BGSAVE');
    await waitFor('the failure', async () => /rdb_bgsave_in_progress:0[^]*rdb_last_bgsave_status:err/.test(await persistence(client)));
    expect(store.log()).toMatch(new RegExp(`${disk.path}.*[Nn]o space left on device`));
    expect(await said(client, 'SET', 'a', 'b')).toMatch(/^-MISCONF /);
    expect(await client.ask('GET', 'kept')).toBe('1');
    expect(readFileSync(join(disk.seen, 'dump.rdb'))).toEqual(good);
    expect(readdirSync(disk.seen).sort()).toEqual(['dump.rdb', 'filler']);
    disk.free();
    await client.ask('BGSAVE');
    await waitFor('a save that works', async () => (await persistence(client)).includes('rdb_last_bgsave_status:ok'));
    expect(await client.ask('SET', 'a', 'b')).toBe('OK');
  });

  it.each(['always', 'everysec'])('a log flushed %s refuses writes, serves reads, heals by itself, and has what was acknowledged after a kill', async (policy) => {
    const store = await start('--appendonly', 'yes', '--appendfsync', policy);
    const client = await store.connect();
    await client.ask('SET', 'kept', '1');
    disk.fill();
    // The write that finds the disk full is answered when it is on the disk, if the policy is to wait for that; others are refused.
    const writer = await store.connect();
    let acknowledged = 0;
    let isFull = false;
    const writing = (async () => {
      while (!isFull && acknowledged < WRITES_MAX) {
        const answer = await said(writer, 'RPUSH', 'log', 'x'.repeat(4000));
        if (answer.startsWith(':')) acknowledged = Number(answer.slice(1));
        else if (answer.startsWith('-MISCONF')) isFull = true;
      }
    })();
    await waitFor('a refusal', async () => (await persistence(client)).includes('aof_last_write_status:err'), 20_000);
    isFull = true;
    expect(await said(client, 'SET', 'refused', '1')).toMatch(/^-MISCONF .*No space left on device/);
    expect(await client.ask('GET', 'kept')).toBe('1');
    expect(Number(await client.ask('LLEN', 'log'))).toBeGreaterThanOrEqual(acknowledged);
    expect(store.log()).toMatch(/Short write|No space left on device/);
    disk.free();
    await waitFor('writes to come back', async () => (await said(client, 'SET', 'after', '1')) === '+OK\r\n', 20_000);
    await writing;
    await waitFor('a healthy log', async () => (await persistence(client)).includes('aof_last_write_status:ok'), 20_000);
    if (policy === 'everysec') await waitFor('the flush', async () => (await persistence(client)).includes('aof_pending_bio_fsync:0') && (await persistence(client)).includes('aof_buffer_length:0'), 20_000);
    await store.kill('SIGKILL');
    const again = await start('--appendonly', 'yes', '--appendfsync', policy);
    const after = await again.connect();
    await waitFor('all to be loaded', async () => (await said(after, 'PING')) === '+PONG\r\n');
    expect(await after.ask('GET', 'kept')).toBe('1');
    expect(await after.ask('GET', 'after')).toBe('1');
    expect(Number(await after.ask('LLEN', 'log'))).toBeGreaterThanOrEqual(acknowledged);
  });
});
