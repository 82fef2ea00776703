// Backups as files below one directory.
//
//   <root>/organizations/…/<backup>.rdb.zst.enc   0600, directories 0700
//   <root>/.partial/<random>                      what is being written
//
// Invariants: an object appears by rename, after its bytes are on disk; its directories are synced up to the root, so that it is
// still there after a power cut. What a killed process leaves in .partial is nobody's object and is removed by age.
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { ByteStream, StoredObject } from '@larder/plane-domain';
import type { SweptStorage } from './swept-storage';
import { StorageFault, checkKey } from './storage-fault';

const partialName = '.partial';

export interface FileStorageOptions {
  /** Absolute. Made where missing. */
  readonly root: string;
  /** Opens the temporary file. A test gives one whose disk is full. */
  readonly openPartial?: (file: string) => Promise<FileHandle>;
}

export class FileStorage implements SweptStorage {
  readonly #root: string;
  readonly #openPartial: (file: string) => Promise<FileHandle>;

  constructor({ root, openPartial }: FileStorageOptions) {
    this.#root = root;
    this.#openPartial = openPartial ?? ((file) => open(file, 'wx', 0o600));
  }

  get location(): string {
    return `file:${this.#root}`;
  }

  async put(key: string, body: ByteStream): Promise<{ readonly sizeBytes: number }> {
    const file = this.#fileOf(key);
    const partial = path.join(this.#root, partialName, randomUUID());
    try {
      await makeDirectory(path.dirname(partial));
      const sizeBytes = await writeWhole(await this.#openPartial(partial), body, file);
      await faultAs(`write ${file}`, async () => {
        await makeDirectory(path.dirname(file));
        await rename(partial, file);
        await syncUpTo(path.dirname(file), this.#root);
      });
      return { sizeBytes };
    } finally {
      await rm(partial, { force: true });
    }
  }

  async get(key: string): Promise<ByteStream> {
    const file = this.#fileOf(key);
    const handle = await faultAs(`read ${file}`, () => open(file, 'r'));
    return createReadStream(file, { fd: handle, highWaterMark: 256 * 1024 });
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    try {
      const { size, mtime } = await stat(this.#fileOf(key));
      return { key, sizeBytes: size, modifiedAt: mtime };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw new StorageFault(`look at ${this.#fileOf(key)}`, error);
    }
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    // As in S3, a prefix is text: only its whole directories can be entered at once.
    const directory = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    for await (const object of this.#walk(directory.replace(/\/$/, ''))) if (object.key.startsWith(prefix)) yield object;
  }

  async delete(key: string): Promise<void> {
    const file = this.#fileOf(key);
    await faultAs(`delete ${file}`, () => rm(file, { force: true }));
    // Directories that this leaves empty go as well, so that a tenant who left leaves no trace.
    for (let directory = path.dirname(file); directory !== this.#root; directory = path.dirname(directory)) {
      try {
        await rmdir(directory);
      } catch {
        return;
      }
    }
  }

  async removePartial(before: Date): Promise<number> {
    const directory = path.join(this.#root, partialName);
    let removed = 0;
    for (const name of await namesIn(directory)) {
      const file = path.join(directory, name);
      // A live writer touches its file with every piece.
      const seen = await stat(file).catch(() => undefined);
      if (seen === undefined || seen.mtime >= before) continue;
      await rm(file, { force: true });
      removed += 1;
    }
    return removed;
  }

  async *#walk(directory: string): AsyncGenerator<StoredObject> {
    for (const entry of (await namesIn(path.join(this.#root, directory))).sort()) {
      if (entry === partialName) continue;
      const key = directory === '' ? entry : `${directory}/${entry}`;
      const seen = await stat(path.join(this.#root, key)).catch(() => undefined);
      if (seen?.isDirectory()) yield* this.#walk(key);
      else if (seen) yield { key, sizeBytes: seen.size, modifiedAt: seen.mtime };
    }
  }

  #fileOf(key: string): string {
    return path.join(this.#root, checkKey(key));
  }
}

/** The handle is closed whatever happens. A fault of the body passes as it is; one of the disk names the file that was to be. */
async function writeWhole(handle: FileHandle, body: ByteStream, file: string): Promise<number> {
  let sizeBytes = 0;
  try {
    for await (const chunk of body) {
      await faultAs(`write ${file}`, async () => {
        for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
      });
      sizeBytes += chunk.length;
    }
    await faultAs(`write ${file}`, () => handle.sync());
  } finally {
    await handle.close();
  }
  return sizeBytes;
}

async function makeDirectory(directory: string): Promise<void> {
  await faultAs(`make ${directory}`, () => mkdir(directory, { recursive: true, mode: 0o700 }));
}

async function syncUpTo(directory: string, root: string): Promise<void> {
  for (let at = directory; ; at = path.dirname(at)) {
    const handle = await open(at, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (at === root || at === path.dirname(at)) return;
  }
}

async function faultAs<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof StorageFault ? error : new StorageFault(doing, error);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw new StorageFault(`list ${directory}`, error);
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}
