// Data of a live redis-server in every shape that people send, and archives that mean harm.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Redis } from 'ioredis';
import type { ByteStream, KeyCount } from '@larder/plane-domain';
import { LocalScratchEngine } from '../scratch/local-scratch-engine';
import { isPlainSnapshot, layOut, peek } from './data-directory';
import { readTar, tarBytes, writeTar } from './tar';

let home: string;
let data: string;
let scratch: LocalScratchEngine;
let store: ChildProcess;

async function* once(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function gather(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A tar of our own making, so that it can lie. */
async function tarOf(...entries: readonly (readonly [path: string, body: string | Buffer])[]): Promise<Buffer> {
  return gather(writeTar(entries.map(([name, body]) => ({ path: name, sizeBytes: Buffer.byteLength(body), body: once(Buffer.from(body)) })), Date.now()));
}

/** What an engine finds in it, and the first bytes of the snapshot that it becomes. */
async function received(bytes: Buffer, bytesMax = 50_000_000): Promise<{ readonly keys: number; readonly counts: readonly KeyCount[] } | string> {
  const { head, body } = await peek(once(bytes));
  try {
    const answer = await scratch.convert((directory) => layOut(directory, head, body, bytesMax), async (file, counts) => {
      expect(readFileSync(file).subarray(0, 5).toString()).toBe('REDIS');
      return { counts, keys: counts.reduce((sum, { keys }) => sum + keys, 0) };
    });
    return answer.ok ? answer.value : answer.message;
  } catch (error) {
    return (error as Error).message;
  }
}

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'larder-intake-'));
  data = path.join(home, 'data');
  mkdirSync(data);
  scratch = new LocalScratchEngine({ root: path.join(home, 'scratch'), engineCommand: 'redis-server', timeoutMs: 20_000 });
  store = spawn('redis-server', ['--port', '0', '--unixsocket', path.join(home, 's'), '--dir', data, '--appendonly', 'yes', '--appendfilename', 'orders.aof', '--appendfsync', 'always', '--save', ''], { stdio: 'ignore' });
  const redis = new Redis({ path: path.join(home, 's'), retryStrategy: () => 20 });
  redis.on('error', () => undefined);
  for (let index = 0; index < 300; index += 1) await redis.set(`key ${index}`, `value ${index}`);
  await redis.bgrewriteaof();
  while (/aof_rewrite_in_progress:1|aof_rewrite_scheduled:1/.test(await redis.info('persistence'))) await new Promise((turn) => setTimeout(turn, 20));
  await redis.multi().hset('hash', 'f', 'v').rpush('list', 'a', 'b').exec();
  await redis.select(5);
  await redis.set('elsewhere', 'x');
  await redis.save();
  redis.disconnect();
});
afterAll(() => {
  store.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

describe('a data directory that was sent', () => {
  const expected = { keys: 303, counts: expect.arrayContaining([{ database: 5, type: 'string', keys: 1 }, { database: 0, type: 'hash', keys: 1 }]) as unknown };
  const tar = (...args: string[]): Buffer => spawnSync('tar', [...args], { cwd: data, maxBuffer: 1e8 }).stdout;
  const log = (): readonly string[] => readdirSync(path.join(data, 'appendonlydir'));

  it('is a live multi-part append-only file, whatever it is called, packed by tar or also by gzip', async () => {
    expect(log().some((name) => name.startsWith('orders.aof.2.base'))).toBe(true);
    expect(await received(tar('-cf', '-', 'appendonlydir'))).toEqual(expected);
    expect(await received(tar('-czf', '-', '.'))).toEqual(expected);
    expect(await received(tar('-C', 'appendonlydir', '-cf', '-', ...log()))).toEqual(expected);
  });

  it('is an old append-only file: commands alone, with an RDB in front, or torn at its end', async () => {
    const read = (type: string): Buffer => readFileSync(path.join(data, 'appendonlydir', log().find((name) => name.includes(type))!));
    const [base, increment] = [read('.base.'), read('.incr.')];
    expect(await received(Buffer.concat([base, increment]))).toEqual(expected);
    expect(await received(increment)).toMatchObject({ keys: 3 });
    expect(await received(increment.subarray(0, increment.length - 3))).toMatchObject({ keys: 2 });
    expect(await received(await tarOf(['appendonly.aof', Buffer.concat([base, increment])]))).toEqual(expected);
  });

  it('is a snapshot in an archive; one by itself is taken as it comes', async () => {
    expect(await received(await tarOf(['redis/dump.rdb', readFileSync(path.join(data, 'dump.rdb'))], ['redis/redis.conf', 'port 6379']))).toEqual(expected);
    const rdb = readFileSync(path.join(data, 'dump.rdb'));
    expect([isPlainSnapshot(rdb, 'dump.rdb'), isPlainSnapshot(rdb, 'appendonly.aof'), isPlainSnapshot(Buffer.from('*1\r\n'), 'x')]).toEqual([true, false, false]);
  });

  it('is refused with the reason where it is none', async () => {
    expect(await received(Buffer.from('PK\x03\x04 and so on'))).toContain('send the directory as a tar');
    expect(await received(gzipSync('hello'))).toBe('what is compressed is no tar');
    expect(await received(Buffer.concat([gzipSync('x'.repeat(2000)).subarray(0, 15), Buffer.alloc(50, 9)]))).toMatch(/decompressed|no tar/);
    expect(await received(await tarOf(['readme.txt', 'x']))).toContain('no RDB files');
    expect(await received(await tarOf(['a.rdb', 'x'], ['b.rdb', 'y']))).toContain('2 RDB files');
    expect(await received(await tarOf(['a/appendonly.aof.manifest', 'file appendonly.aof.1.base.rdb seq 1 type b\n']))).toContain('which the archive does not hold');
    expect(await received(await tarOf(['a/x.manifest', 'file ../../etc/passwd seq 1 type b\n']))).toContain('a line that is none');
    expect(await received(Buffer.from('*1\r\n$7\r\nNOTHING\r\n'))).toMatch(/engine|exited/);
    expect(readdirSync(path.join(home, 'scratch'))).toEqual([]);
  });

  it('writes nothing outside of its directory, and not more than may be sent', async () => {
    for (const name of ['/etc/x.rdb', '../x.rdb', 'a/../../x.rdb', 'a\\x.rdb']) expect([name, await received(await tarOf([name, 'x']))]).toEqual([name, expect.stringContaining('a place outside')]);
    const link = await tarOf(['x.rdb', '']);
    link[156] = 50; // a symbolic link
    expect(await received(resummed(link))).toContain('links and devices');
    const liar = await tarOf(['x.rdb', 'abc']);
    liar.write('77777777777', 124, 'latin1');
    expect(await received(resummed(liar))).toMatch(/ends too early|size that is none/);
    const damaged = await tarOf(['x.rdb', 'abc']);
    damaged[0]! ^= 1;
    expect(await received(damaged)).toContain('does not add up');
    expect(await received(gzipSync(await tarOf(['dump.rdb', Buffer.alloc(5_000_000)])), 1_000_000)).toContain('larger than');
    const many = await tarOf(...Array.from({ length: 300 }, (_each, index) => [`f${index}.txt`, ''] as const));
    expect(await received(many)).toContain('more than 200 entries');
    writeFileSync(path.join(home, 'cut.tar'), (await tarOf(['dump.rdb', Buffer.alloc(3000)])).subarray(0, 2000));
    expect(await received(readFileSync(path.join(home, 'cut.tar')))).toContain('ends too early');
  });
});

it('a tar of ours is one that tar unpacks, with the size that was announced', async () => {
  const bytes = await tarOf(['appendonlydir/appendonly.aof.manifest', 'file x seq 1 type b\n'], ['appendonlydir/x', 'y'.repeat(700)]);
  expect(bytes.length).toBe(tarBytes([20, 700]));
  expect(spawnSync('tar', ['-tvf', '-'], { input: bytes, encoding: 'utf8' }).stdout.trim().split('\n').map((row) => row.split(/\s+/).at(-1))).toEqual(['appendonlydir/appendonly.aof.manifest', 'appendonlydir/x']);
  const names: string[] = [];
  for await (const entry of readTar(once(bytes, 7))) names.push(`${entry.path} ${(await gather(entry.body)).length}`);
  expect(names).toEqual(['appendonlydir/appendonly.aof.manifest 20', 'appendonlydir/x 700']);
});

function resummed(tar: Buffer): Buffer {
  tar.fill(' ', 148, 156);
  tar.write(tar.subarray(0, 512).reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0'), 148, 'latin1');
  return tar;
}
