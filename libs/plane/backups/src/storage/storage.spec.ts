// Both storages keep the same promises: the file system, and an S3 server that this test starts.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mebibyte } from '@larder/shared-std';
import type { ByteStream, StoredObject } from '@larder/plane-domain';
import S3rver from 's3rver';
import { FileStorage } from './file-storage';
import { S3Storage } from './s3-storage';
import type { SweptStorage } from './swept-storage';

let home: string;
let server: S3rver;
let s3: S3Storage;

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'larder-storage-'));
  server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: path.join(home, 's3'), configureBuckets: [{ name: 'backups' }] });
  const { port } = await server.run() as AddressInfo;
  s3 = new S3Storage({
    bucket: 'backups', prefix: 'larder', endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER',
    partBytes: 5 * mebibyte,
  });
});
afterAll(async () => {
  await server?.close();
  rmSync(home, { recursive: true, force: true });
});

async function gather(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* of(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function listed(storage: SweptStorage, prefix: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of storage.list(prefix)) objects.push(object);
  return objects;
}

describe.each([
  ['the file system', () => new FileStorage({ root: path.join(home, 'files') })],
  ['S3', () => s3],
] as const)('%s', (_name, make) => {
  it('gives back what was put, small, empty and by parts', async () => {
    const storage = make();
    for (const length of [0, 1, 1000, 5 * mebibyte, 5 * mebibyte + 1, 12 * mebibyte]) {
      const bytes = randomBytes(length);
      const key = `organizations/o/instances/i/${length}.rdb.zst.enc`;
      expect(await storage.put(key, of(bytes.subarray(0, 700), bytes.subarray(700)))).toEqual({ sizeBytes: length });
      expect((await gather(await storage.get(key))).equals(bytes)).toBe(true);
      expect(await storage.stat(key)).toMatchObject({ key, sizeBytes: length });
    }
    expect((await listed(storage, 'organizations/o/instances/i/1')).map(({ key, sizeBytes }) => [key.slice(28), sizeBytes])).toEqual([
      ['1.rdb.zst.enc', 1], ['1000.rdb.zst.enc', 1000], ['12582912.rdb.zst.enc', 12 * mebibyte],
    ]);
    for (const { key } of await listed(storage, '')) await storage.delete(key);
    expect(await listed(storage, '')).toEqual([]);
  });

  it('leaves nothing of a put whose source fails', async () => {
    const storage = make();
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield randomBytes(11 * mebibyte);
      throw new Error('the store went away');
    }
    await expect(storage.put('a/b', failing())).rejects.toThrow('the store went away');
    expect(await storage.stat('a/b')).toBeUndefined();
    expect(await listed(storage, '')).toEqual([]);
    expect(await storage.removePartial(new Date(Date.now() + 60_000))).toBe(0);
  });

  it('replaces whole, deletes twice, and says what is not there', async () => {
    const storage = make();
    await storage.put('a/b', of(Buffer.from('old')));
    await storage.put('a/b', of(Buffer.from('new')));
    expect((await gather(await storage.get('a/b'))).toString()).toBe('new');
    await storage.delete('a/b');
    await storage.delete('a/b');
    await expect(storage.get('a/b')).rejects.toThrow(/cannot read .*a\/b/);
  });

  it('takes no key that leads elsewhere', async () => {
    const storage = make();
    for (const key of ['../x', 'a/../../x', '/x', 'a//x', '', '.partial/x', 'a/.x']) await expect(storage.put(key, of())).rejects.toThrow('is not a storage key');
  });
});

describe('the file system', () => {
  it('says where it had no space, and keeps nothing', async () => {
    const root = path.join(home, 'full');
    const storage = new FileStorage({ root, openPartial: () => open('/dev/full', 'w') });
    await expect(storage.put('a/b', of(randomBytes(1000)))).rejects.toThrow(`cannot write ${path.join(root, 'a/b')}: no space left`);
    expect(readdirSync(path.join(root, '.partial'))).toEqual([]);
    expect(await listed(storage, '')).toEqual([]);
  });

  it('shows its files to their owner alone', async () => {
    const root = path.join(home, 'modes');
    await new FileStorage({ root }).put('a/b', of(randomBytes(10)));
    expect([root, path.join(root, 'a'), path.join(root, 'a/b')].map((file) => statSync(file).mode & 0o777)).toEqual([0o700, 0o700, 0o600]);
  });

  it('removes what a killed writer left, by age', async () => {
    const root = path.join(home, 'left');
    const storage = new FileStorage({ root });
    mkdirSync(path.join(root, '.partial'), { recursive: true });
    for (const name of ['old', 'young']) writeFileSync(path.join(root, '.partial', name), 'x');
    utimesSync(path.join(root, '.partial/old'), new Date(0), new Date(0));
    expect(await storage.removePartial(new Date(Date.now() - 60_000))).toBe(1);
    expect(readdirSync(path.join(root, '.partial'))).toEqual(['young']);
  });
});
