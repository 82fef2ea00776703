// Data of a live redis-server in every shape that people send, and archives that mean harm.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
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
    expect(await received(Buffer.from('PK\x03\x04 and so on'))).toBe('the archive ends too early');
    expect(await received(gzipSync('hello'))).toBe('what is compressed is no tar');
    expect(await received(Buffer.concat([gzipSync('x'.repeat(2000)).subarray(0, 15), Buffer.alloc(50, 9)]))).toMatch(/decompressed|no tar/);
    expect(await received(await tarOf(['readme.txt', 'x']))).toContain('no RDB files');
    expect(await received(await tarOf(['a.rdb', 'x'], ['b.rdb', 'y']))).toContain('2 RDB files');
    expect(await received(await tarOf(['a/appendonly.aof.manifest', 'file appendonly.aof.1.base.rdb seq 1 type b\n']))).toContain('which the archive does not hold');
    expect(await received(await tarOf(['a/x.manifest', 'file ../../etc/passwd seq 1 type b\n']))).toContain('a line that is none');
    expect(await received(Buffer.from('*1\r\n$7\r\nNOTHING\r\n'))).toMatch(/engine|exited/);
    expect(readdirSync(path.join(home, 'scratch'))).toEqual([]);
  });

  describe('as a zip', () => {
    const zipped = (...args: string[]): Buffer => {
      const file = path.join(home, 'sent.zip');
      rmSync(file, { force: true });
      const made = spawnSync('python3', ['-m', 'zipfile', '-c', file, ...args], { cwd: data, encoding: 'utf8' });
      expect(made.stderr).toBe('');
      return readFileSync(file);
    };
    const rdb = (): Buffer => readFileSync(path.join(data, 'dump.rdb'));

    it('is taken like a tar: the whole directory, its log alone, a snapshot', async () => {
      expect(await received(zipped('appendonlydir', 'dump.rdb'))).toEqual(expected);
      expect(await received(zipped(...log().map((name) => `appendonlydir/${name}`)))).toEqual(expected);
      expect(await received(zipOf({ name: 'redis/dump.rdb', body: rdb() }, { name: '__MACOSX/redis/._dump.rdb', body: Buffer.from('x') }))).toEqual(expected);
      expect(await received(zipOf({ name: 'dump.rdb', body: rdb(), isStored: true, isWide: true }))).toEqual(expected);
      expect(readdirSync(path.join(home, 'scratch'))).toEqual([]);
    });

    it('is refused where it means harm, with the reason', async () => {
      for (const name of ['/etc/x.rdb', '../x.rdb', 'a/../../x.rdb', 'a\\x.rdb', 'C:/x.rdb']) {
        expect([name, await received(zipOf({ name, body: rdb() }))]).toEqual([name, expect.stringContaining('a place outside')]);
      }
      expect(await received(zipOf({ name: 'x.rdb', body: Buffer.from('/etc/passwd'), mode: 0o120777 }))).toContain('links and devices');
      expect(await received(zipOf(...Array.from({ length: 201 }, (_each, index) => ({ name: `f${index}.txt`, body: Buffer.alloc(0) }))))).toContain('more than 200 entries');
      expect(await received(zipOf({ name: 'x.rdb', body: rdb(), flags: 1 }))).toContain('encrypted');
      expect(await received(zipOf({ name: 'x.rdb', body: rdb(), method: 14 }))).toContain('only deflate');
    });

    it('is refused where it unpacks to more than may be sent or than it announces, before that is written', async () => {
      const bomb = { name: 'dump.rdb', body: Buffer.alloc(5_000_000) };
      expect(await received(zipOf(bomb), 1_000_000)).toContain('larger than');
      expect(await received(zipOf({ ...bomb, announced: 1000 }), 1_000_000)).toContain('larger than the archive says');
      // Many entries of the same bytes: each is small, all of them are not.
      expect(await received(zipOf(bomb, { ...bomb, sameAs: 0 }))).toContain('share bytes');
      const many = zipOf(...Array.from({ length: 150 }, (_each, index) => ({ ...bomb, name: `${index}.rdb` })));
      expect([many.length < 1_000_000, await received(many)]).toEqual([true, expect.stringContaining('larger than')]);
    });

    it('is refused wherever it is cut off or damaged', async () => {
      const whole = zipOf({ name: 'dump.rdb', body: rdb() });
      for (let length = 4; length < whole.length; length += 97) expect([length, await received(whole.subarray(0, length))]).toEqual([length, expect.stringMatching(/ends too early|damaged/)]);
      for (let at = 30; at < whole.length; at += 211) {
        const damaged = Buffer.from(whole);
        damaged[at]! ^= 0x55;
        const found = await received(damaged);
        if (typeof found !== 'string') expect([at, found]).toEqual([at, expected]); // a date, and the like
      }
      expect(await received(zipOf())).toContain('no RDB files');
      expect(readdirSync(path.join(home, 'scratch'))).toEqual([]);
    });
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

interface Zipped {
  readonly name: string;
  readonly body: Buffer;
  readonly isStored?: boolean;
  /** With its sizes in 64 bits. */
  readonly isWide?: boolean;
  readonly mode?: number;
  readonly flags?: number;
  readonly method?: number;
  /** What it says that it unpacks to. */
  readonly announced?: number;
  /** The entry whose bytes it names. */
  readonly sameAs?: number;
}

/** A zip of our own making, so that it can lie. */
function zipOf(...entries: readonly Zipped[]): Buffer {
  const [files, directory, places]: [Buffer[], Buffer[], number[]] = [[], [], []];
  let at = 0;
  for (const { name, body, isStored = false, isWide = false, mode = 0o100600, flags = 0, method, announced = body.length, sameAs } of entries) {
    const packed = isStored ? body : deflateRawSync(body);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(method ?? (isStored ? 0 : 8), 8);
    local.writeUInt16LE(Buffer.byteLength(name), 26);
    places.push(sameAs === undefined ? at : places[sameAs]!);
    if (sameAs === undefined) {
      files.push(local, Buffer.from(name), packed);
      at += 30 + Buffer.byteLength(name) + packed.length;
    }
    const extra = Buffer.alloc(isWide ? 20 : 0);
    if (isWide) {
      extra.writeUInt16LE(1);
      extra.writeUInt16LE(16, 2);
      extra.writeBigUInt64LE(BigInt(announced), 4);
      extra.writeBigUInt64LE(BigInt(packed.length), 12);
    }
    const head = Buffer.alloc(46);
    head.writeUInt32LE(0x02014b50);
    head.writeUInt16LE(3 << 8, 4);
    head.writeUInt16LE(flags, 8);
    head.writeUInt16LE(method ?? (isStored ? 0 : 8), 10);
    head.writeUInt32LE(crc32(body), 16);
    head.writeUInt32LE(isWide ? 0xffffffff : packed.length, 20);
    head.writeUInt32LE(isWide ? 0xffffffff : announced, 24);
    head.writeUInt16LE(Buffer.byteLength(name), 28);
    head.writeUInt16LE(extra.length, 30);
    head.writeUInt32LE((mode << 16) >>> 0, 38);
    head.writeUInt32LE(places.at(-1)!, 42);
    directory.push(head, Buffer.from(name), extra);
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, listed, end]);
}
