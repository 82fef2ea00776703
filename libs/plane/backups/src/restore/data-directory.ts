// What somebody sends of a redis-server's data, laid out as a directory that an engine loads: a multi-part append-only file, an old one in a
// single file, or a snapshot, by itself or in a tar (also compressed with gzip) or a zip.
//
// Invariants
// - Names are ours: what an archive calls its parts is read from its manifest and never used as a path.
// - No more bytes are written than may be sent, compressed or not.
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { ByteStream } from '@larder/plane-domain';
import { formatBytes } from '@larder/shared-std';
import { parseLogManifest } from '../archive/aof-manifest';
import { IntegrityFault } from '../integrity-fault';
import { StorageFault } from '../storage/storage-fault';
import type { ArchiveEntry } from './archive-entry';
import { IntakeFault } from './intake-fault';
import { isTar, readTar } from './tar';
import { isZip, readZip } from './zip';

export type DataLayout = 'snapshot' | 'append-log';
const headBytes = 512;
const manifestBytesMax = 64 * 1024;
const prefix = 'appendonly.aof';
const folder = 'appendonlydir';

/** A plain snapshot needs no directory: it is read as it comes. */
export function isPlainSnapshot(head: Uint8Array, fileName: string): boolean {
  return !/\.(aof|tar|tgz|tar\.gz|zip)$/i.test(fileName) && !isArchive(head) && !isLog(head);
}

function isArchive(head: Uint8Array): boolean {
  return isTar(head) || isGzip(head) || isZip(head);
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** A command or an annotation. */
function isLog(head: Uint8Array): boolean {
  return head[0] === 42 || head[0] === 35;
}

/** The first bytes, and all of it. */
export async function peek(source: ByteStream): Promise<{ readonly head: Uint8Array; readonly body: ByteStream }> {
  const iterator = source[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  for (let bytes = 0; bytes < headBytes;) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    held.push(value);
    bytes += value.length;
  }
  return {
    head: Buffer.concat(held).subarray(0, headBytes),
    body: (async function* all() {
      try {
        yield* held;
        for (;;) {
          const { done, value } = await iterator.next();
          if (done === true) return;
          yield value;
        }
      } finally {
        await iterator.return?.();
      }
    })(),
  };
}

/** Lays the data out in an empty directory; which of its files an engine is to load. */
export async function layOut(directory: string, head: Uint8Array, body: ByteStream, bytesMax: number): Promise<DataLayout> {
  try {
    if (isZip(head)) return await layOutZip(directory, body, bytesMax);
    if (isGzip(head)) {
      const inner = await peek(bounded(unzipped(body), bytesMax));
      if (!isTar(inner.head)) throw new IntegrityFault('what is compressed is no tar');
      return await layOutEntries(directory, readTar(inner.body));
    }
    return isTar(head) ? await layOutEntries(directory, readTar(bounded(body, bytesMax))) : await layOutSingle(directory, body);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw new StorageFault(`write ${directory}`, error);
    if (code?.startsWith('Z_') === true) throw new IntegrityFault(`it cannot be decompressed: ${(error as Error).message}`);
    throw error;
  }
}

/** An append-only file in one part is a base, which may begin with an RDB. */
async function layOutSingle(directory: string, body: ByteStream): Promise<DataLayout> {
  await mkdir(path.join(directory, folder), { mode: 0o700 });
  await write(path.join(directory, folder, `${prefix}.1.base.aof`), body);
  await writeManifest(directory, [`file ${prefix}.1.base.aof seq 1 type b`]);
  return 'append-log';
}

/** What a zip holds stands at its end: it is laid down whole, then read. */
async function layOutZip(directory: string, body: ByteStream, bytesMax: number): Promise<DataLayout> {
  const file = path.join(directory, 'archive');
  await write(file, bounded(body, bytesMax));
  const layout = await layOutEntries(directory, readZip(file, bytesMax));
  await rm(file);
  return layout;
}

interface Part {
  readonly name: string;
  readonly directory: string;
  /** Where it lies, under a name of ours. */
  readonly file: string;
}

async function layOutEntries(directory: string, entries: AsyncIterable<ArchiveEntry>): Promise<DataLayout> {
  const parts: Part[] = [];
  const manifests: (Part & { readonly text: string })[] = [];
  for await (const entry of entries) {
    const [name, place] = [path.posix.basename(entry.path), path.posix.dirname(entry.path)];
    // What macOS packs beside each file begins with "._".
    if (!/\.(aof|rdb|manifest)$/.test(name) || name.startsWith('._')) continue;
    const file = path.join(directory, `part-${parts.length}`);
    if (name.endsWith('.manifest')) {
      if (entry.sizeBytes > manifestBytesMax) throw new IntakeFault('ArchiveUnsafe', `${entry.path} is too large for a manifest`);
      manifests.push({ name, directory: place, file, text: await textOf(entry.body) });
      continue;
    }
    if (parts.some((part) => part.name === name && part.directory === place)) throw new IntegrityFault(`the archive holds ${entry.path} twice`);
    await write(file, entry.body);
    parts.push({ name, directory: place, file });
  }
  if (manifests.length > 1) throw new IntegrityFault(`the archive holds ${manifests.length} manifests: send one data directory`);
  const [manifest] = manifests;
  if (manifest !== undefined) return layOutParts(directory, parts, manifest);
  const logs = parts.filter(({ name }) => name.endsWith('.aof'));
  const snapshots = parts.filter(({ name }) => name.endsWith('.rdb'));
  if (logs.length === 1) {
    await mkdir(path.join(directory, folder), { mode: 0o700 });
    await rename(logs[0]!.file, path.join(directory, folder, `${prefix}.1.base.aof`));
    await writeManifest(directory, [`file ${prefix}.1.base.aof seq 1 type b`]);
    return 'append-log';
  }
  if (logs.length > 1) throw new IntegrityFault('the archive holds parts of an append-only file without their manifest');
  if (snapshots.length !== 1) throw new IntegrityFault(`the archive holds ${snapshots.length === 0 ? 'no' : snapshots.length} RDB files and no append-only file: one data directory is expected`);
  await rename(snapshots[0]!.file, path.join(directory, 'dump.rdb'));
  return 'snapshot';
}

async function layOutParts(directory: string, parts: readonly Part[], manifest: Part & { readonly text: string }): Promise<DataLayout> {
  const { base, increments } = parseLogManifest(manifest.text);
  if (base === undefined && increments.length === 0) throw new IntegrityFault('the manifest names no file');
  await mkdir(path.join(directory, folder), { mode: 0o700 });
  const lines: string[] = [];
  const place = async (name: string, as: string, type: 'b' | 'i', sequence: number): Promise<void> => {
    const part = parts.find((each) => each.name === name && each.directory === manifest.directory);
    if (part === undefined) throw new IntegrityFault(`the manifest names ${name}, which the archive does not hold`);
    await rename(part.file, path.join(directory, folder, as));
    lines.push(`file ${as} seq ${sequence} type ${type}`);
  };
  if (base !== undefined) await place(base.name, `${prefix}.1.base.${base.name.endsWith('.rdb') ? 'rdb' : 'aof'}`, 'b', 1);
  for (const [index, { name }] of increments.entries()) await place(name, `${prefix}.${index + 1}.incr.aof`, 'i', index + 1);
  await writeManifest(directory, lines);
  return 'append-log';
}

async function writeManifest(directory: string, lines: readonly string[]): Promise<void> {
  await writeFile(path.join(directory, folder, `${prefix}.manifest`), `${lines.join('\n')}\n`, { mode: 0o600 });
}

async function write(file: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  await pipeline(Readable.from(body, { objectMode: false }), createWriteStream(file, { mode: 0o600, flags: 'wx' }));
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function* bounded(body: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new IntakeFault('TooLarge', `the data is larger than ${formatBytes(bytesMax)}`);
    yield chunk;
  }
}

async function* unzipped(body: ByteStream): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const input = Readable.from(body, { objectMode: false });
  input.once('error', (error) => gunzip.destroy(error));
  input.pipe(gunzip);
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } finally {
    input.destroy();
    gunzip.destroy();
  }
}
