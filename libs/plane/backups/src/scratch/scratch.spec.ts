// A backup is proven by an engine that loads it. Here the engine is Debian's redis-server.
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@larder/shared-std';
import { seededRandom } from '@larder/shared-std/testing';
import type { ByteStream } from '@larder/plane-domain';
import { RdbReader } from '../rdb/rdb-reader';
import { pack } from '../sealed/packed-stream';
import { FileStorage } from '../storage/file-storage';
import { redisFile } from '../testing/redis-file';
import { LocalScratchEngine } from './local-scratch-engine';
import { compareWithin, verifyBackup } from './verify';

let home: string;
let file: Buffer;
let scratch: LocalScratchEngine;
let root: string;

beforeAll(async () => {
  // A long home: the path of a socket may have 107 bytes only.
  home = mkdtempSync(path.join(tmpdir(), `larder-scratch-${'x'.repeat(90)}`));
  root = path.join(home, 'scratch');
  scratch = new LocalScratchEngine({ root, engineCommand: 'redis-server', timeoutMs: 20_000 });
  file = await redisFile(async (redis) => {
    const pipeline = redis.pipeline();
    for (let index = 0; index < 3000; index += 1) pipeline.set(`key ${index}`, `value ${index} `.repeat(1 + (index % 9)));
    for (let index = 0; index < 50; index += 1) pipeline.hset(`hash ${index}`, 'f', index).rpush(`list ${index}`, 'a', 'b').set(`brief ${index}`, 'x', 'PX', 1 + index * 20);
    await pipeline.exec();
    await redis.select(33);
    await redis.zadd('board', 1, 'a');
  });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function stored(storage: FileStorage, key: string, dataKey: Uint8Array, rdb: Uint8Array) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of pack(once(rdb), dataKey, 'backup:1')) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  await storage.put(key, once(bytes));
  const sha = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
  return { bytes, row: { id: '1', storageKey: key, checksum: sha(bytes), rawChecksum: sha(rdb), keyCounts: null } };
}

describe('the scratch engine', () => {
  it('counts the keys of every database and type, also of one beyond the sixteenth, and leaves nothing behind', async () => {
    const loaded = await scratch.load(once(file));
    expect(loaded).toMatchObject({ ok: true });
    const counts = loaded.ok ? loaded.keyCounts : [];
    const reader = new RdbReader();
    reader.push(file);
    reader.finish();
    expect(counts.filter(({ type }) => type !== 'string')).toEqual(reader.keyCounts.filter(({ type }) => type !== 'string'));
    expect(counts.at(-1)).toEqual({ database: 33, type: 'zset', keys: 1 });
    expect(readdirSync(root)).toEqual([]);
  });

  it('says in the words of the engine what it cannot load', async () => {
    const whole = new LocalScratchEngine({ root, engineCommand: path.join(home, 'no-such-engine') });
    expect(await whole.load(once(file))).toMatchObject({ ok: false, message: expect.stringContaining('cannot start') });
    const refusing = path.join(home, 'refusing');
    writeFileSync(refusing, '#!/bin/sh\necho "1:M 22 Nov 2026 17:00:00.000 # Bad file format at 12"\nexit 1\n', { mode: 0o755 });
    expect(await new LocalScratchEngine({ root, engineCommand: refusing }).load(once(file)))
      .toEqual({ ok: false, message: 'the scratch engine exited with code 1: Bad file format at 12' });
    expect(readdirSync(root)).toEqual([]);
  });

  it('is ended when its worker stops, which says nothing about the file', async () => {
    const stopping = new LocalScratchEngine({ root, engineCommand: path.join(home, 'endless') });
    writeFileSync(path.join(home, 'endless'), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
    const loading = stopping.load(once(file));
    stopping.stop();
    await expect(loading).rejects.toThrow('the scratch engine was ended by SIGKILL');
    expect(readdirSync(root)).toEqual([]);
  });

  it('is ended by the next worker where its own was killed, and nobody else is', async () => {
    const abandoned = path.join(root, 'abandoned');
    const ours = path.join(root, 'ours');
    const children: ChildProcess[] = [];
    for (const [directory, owner] of [[abandoned, '1 1'], [ours, `${process.pid} ${startTicks()}`]] as const) {
      mkdirSync(directory, { recursive: true });
      writeFileSync(path.join(directory, 'owner'), `${owner}\n`);
      children.push(spawn('sleep', ['60'], { cwd: directory, stdio: 'ignore' }));
    }
    const ended = new Promise((resolve) => children[0]!.once('exit', (_code, signal) => resolve(signal)));
    expect(await scratch.removeLeftovers()).toBe(1);
    expect(await ended).toBe('SIGKILL');
    expect([children[1]!.exitCode, children[1]!.signalCode, readdirSync(root)]).toEqual([null, null, ['ours']]);
    children[1]!.kill('SIGKILL');
    rmSync(ours, { recursive: true });
  });
});

describe('the proof of a backup', () => {
  it('holds for what was stored, also while keys expire, and fails for 100 of 100 damages', async () => {
    const storage = new FileStorage({ root: path.join(home, 'files') });
    const dataKey = randomBytes(32);
    const { bytes, row } = await stored(storage, 'a/b', dataKey, file);
    const ports = { storage, scratch, clock: systemClock };
    expect(await verifyBackup(ports, row, dataKey, 'backup:1')).toMatchObject({ isProven: true });
    const random = seededRandom(7);
    for (let round = 0; round < 100; round += 1) {
      const damaged = Buffer.from(bytes);
      if (round % 2 === 0) damaged[random.int(bytes.length)]! ^= 1 << random.int(8);
      await storage.put('a/b', once(round % 2 === 0 ? damaged : bytes.subarray(0, random.int(bytes.length))));
      expect(await verifyBackup(ports, row, dataKey, 'backup:1')).toMatchObject({ isProven: false });
    }
    await storage.delete('a/b');
    expect(await verifyBackup(ports, row, dataKey, 'backup:1')).toEqual({ isProven: false, message: `The stored object a/b is gone from file:${path.join(home, 'files')}.` });
    expect(readdirSync(root)).toEqual([]);
  });

  it('fails for an engine that finds other keys, and is asked again where the storage does not answer', async () => {
    const storage = new FileStorage({ root: path.join(home, 'files') });
    const dataKey = randomBytes(32);
    const { row } = await stored(storage, 'c', dataKey, file);
    const forgetful = { load: async (rdb: ByteStream) => {
      const loaded = await scratch.load(rdb);
      return loaded.ok ? { ok: true as const, keyCounts: loaded.keyCounts.filter(({ type }) => type !== 'list') } : loaded;
    } };
    expect(await verifyBackup({ storage, scratch: forgetful, clock: systemClock }, row, dataKey, 'backup:1'))
      .toEqual({ isProven: false, message: 'Expected 50 list keys in database 0, found 0.' });
    const silent = Object.assign(Object.create(storage) as FileStorage, { stat: async () => { throw new Error('503'); } });
    await expect(verifyBackup({ storage: silent, scratch, clock: systemClock }, row, dataKey, 'backup:1')).rejects.toThrow('503');
  });

  it('gives room for keys that may have expired between two counts, and for no others', () => {
    const count = (type: string, keys: number) => [{ database: 0, type, keys }];
    expect(compareWithin(count('set', 3), count('set', 5), count('set', 4))).toBeUndefined();
    expect(compareWithin(count('set', 3), count('set', 5), count('set', 2))).toBe('Expected 3 to 5 set keys in database 0, found 2.');
    expect(compareWithin(count('set', 5), count('set', 5), count('set', 6))).toBe('Expected 5 set keys in database 0, found 6.');
    expect(compareWithin([], [], count('list', 1))).toBe('Expected 0 list keys in database 0, found 1.');
    expect(compareWithin([], count('list', 1), [])).toBeUndefined();
  });
});

function startTicks(): string {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
}
