// Zip archives, read from a file: what strangers send, so nothing in it is believed before it was checked.
//
//   [local header, bytes] [local header, bytes] … │ central directory │ (zip64: record, locator) │ end record
//
// Invariants
// - All entries are checked before the first is unpacked: how many, how large in all, where they lie. Two that share bytes are refused: such
//   archives unpack to petabytes.
// - An entry gives exactly the bytes that it announces, with their CRC; one more, and it is refused before that is written.
// - Only plain files, stored or deflated; names as in a tar (archive-path.ts).
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { formatBytes, kibibyte, mebibyte } from '@larder/shared-std';
import { IntegrityFault } from '../integrity-fault';
import { checkPath, entriesMax, type ArchiveEntry } from './archive-entry';
import { IntakeFault } from './intake-fault';

const endBytes = 22;
const commentBytesMax = 65_535;
const directoryBytesMax = mebibyte;
const localBytes = 30;
const signature = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 } as const;
const method = { stored: 0, deflated: 8 } as const;
const fileType = { mask: 0xf000, plain: 0x8000, directory: 0x4000 } as const;
const unix = 3;
const slash = 47;

interface Entry {
  readonly path: string;
  readonly name: Buffer;
  readonly isDirectory: boolean;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly at: number;
}

/** `bytesMax`: of all entries, unpacked. */
export async function* readZip(file: string, bytesMax: number): AsyncGenerator<ArchiveEntry> {
  const handle = await open(file, 'r');
  try {
    const entries = await directoryOf(handle);
    const total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (total > bytesMax) throw new IntakeFault('TooLarge', `the data is larger than ${formatBytes(bytesMax)}`);
    const begins = await placesOf(handle, entries);
    for (const [index, entry] of entries.entries()) {
      if (!entry.isDirectory) yield { path: entry.path, sizeBytes: entry.sizeBytes, body: unpacked(file, entry, begins[index]!) };
    }
  } finally {
    await handle.close();
  }
}

/** A zip may also begin with its end: an empty one. */
export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

// ── what it says it holds ───────────────────────────────────────────────────────────────────────────────────────────────

async function directoryOf(handle: FileHandle): Promise<Entry[]> {
  const { size } = await handle.stat();
  const { count, bytes, at, endsAt } = await endOf(handle, size);
  if (count > entriesMax) throw new IntakeFault('ArchiveUnsafe', `the archive has more than ${entriesMax} entries`);
  if (bytes > directoryBytesMax) throw new IntakeFault('ArchiveUnsafe', 'the archive has a directory that is too large');
  if (at + bytes > endsAt) throw new IntegrityFault('the archive is damaged: its directory does not lie where it should');
  const directory = await readAt(handle, at, bytes);
  const entries: Entry[] = [];
  let next = 0;
  while (entries.length < count) {
    const [entry, length] = entryAt(directory, next);
    if (entry.at + localBytes + entry.packedBytes > at) throw new IntegrityFault(`the archive is damaged: ${entry.path} does not lie in it`);
    entries.push(entry);
    next += length;
  }
  return entries;
}

async function endOf(handle: FileHandle, size: number): Promise<{ readonly count: number; readonly bytes: number; readonly at: number; readonly endsAt: number }> {
  const tailBytes = Math.min(size, endBytes + commentBytesMax);
  const tail = await readAt(handle, size - tailBytes, tailBytes);
  let end = tail.length - endBytes;
  while (end >= 0 && (tail.readUInt32LE(end) !== signature.end || tail.readUInt16LE(end + 20) !== tail.length - end - endBytes)) end -= 1;
  if (end < 0) throw new IntegrityFault('the archive ends too early');
  const endsAt = size - tailBytes + end;
  if (tail.readUInt16LE(end + 4) !== tail.readUInt16LE(end + 6)) throw new IntakeFault('NotSupported', 'the archive is one part of several');
  const [count, bytes, at] = [tail.readUInt16LE(end + 10), tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (count !== 0xffff && bytes !== 0xffffffff && at !== 0xffffffff) return { count, bytes, at, endsAt };
  const locator = endsAt >= 20 ? await readAt(handle, endsAt - 20, 20) : Buffer.alloc(20);
  if (locator.readUInt32LE(0) !== signature.locator64) return { count, bytes, at, endsAt };
  const place = number64(locator, 8);
  const record = place + 56 <= endsAt ? await readAt(handle, place, 56) : Buffer.alloc(56);
  if (record.readUInt32LE(0) !== signature.end64) throw new IntegrityFault('the archive is damaged: its end is none');
  return { count: number64(record, 32), bytes: number64(record, 40), at: number64(record, 48), endsAt: place };
}

/** And how many bytes it takes in the directory. */
function entryAt(directory: Buffer, at: number): [Entry, number] {
  if (at + 46 > directory.length || directory.readUInt32LE(at) !== signature.central) throw new IntegrityFault('the archive is damaged: its directory has an entry that is none');
  const u16 = (place: number): number => directory.readUInt16LE(at + place);
  const u32 = (place: number): number => directory.readUInt32LE(at + place);
  const [nameBytes, extraBytes, commentBytes] = [u16(28), u16(30), u16(32)];
  const length = 46 + nameBytes + extraBytes + commentBytes;
  if (at + length > directory.length) throw new IntegrityFault('the archive is damaged: its directory ends too early');
  const name = directory.subarray(at + 46, at + 46 + nameBytes);
  const path = checkPath(name.toString('utf8'));
  const [flags, packing, madeBy, mode] = [u16(8), u16(10), u16(4) >> 8, u32(38) >>> 16];
  if ((flags & 0x2041) !== 0) throw new IntakeFault('NotSupported', `${path} is encrypted in the archive`);
  if (packing !== method.stored && packing !== method.deflated) throw new IntakeFault('NotSupported', `${path} is compressed in a way that is not taken: only deflate is`);
  const type = madeBy === unix ? mode & fileType.mask : 0;
  if (type !== 0 && type !== fileType.plain && type !== fileType.directory) throw new IntakeFault('ArchiveUnsafe', `the archive holds ${path}, which is no plain file: links and devices are not taken`);
  const sizes = wide(directory.subarray(at + 46 + nameBytes, at + 46 + nameBytes + extraBytes), u32(24), u32(20), u32(42));
  return [{ path, name, isDirectory: name.at(-1) === slash || type === fileType.directory, method: packing, crc: u32(16), ...sizes }, length];
}

/** Numbers that do not fit into 32 bits stand in an extra field, in this order. */
function wide(extra: Buffer, size: number, packed: number, place: number): Pick<Entry, 'sizeBytes' | 'packedBytes' | 'at'> {
  const numbers = [size, packed, place];
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let from = at + 4;
    for (const [index, value] of numbers.entries()) {
      if (value !== 0xffffffff || from + 8 > Math.min(extra.length, at + 4 + extra.readUInt16LE(at + 2))) continue;
      numbers[index] = number64(extra, from);
      from += 8;
    }
  }
  return { sizeBytes: numbers[0]!, packedBytes: numbers[1]!, at: numbers[2]! };
}

function number64(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigUInt64LE(at));
  if (!Number.isSafeInteger(value)) throw new IntegrityFault('the archive names a size that is none');
  return value;
}

// ── where it lies ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Of each entry's bytes. */
async function placesOf(handle: FileHandle, entries: readonly Entry[]): Promise<number[]> {
  const begins: number[] = [];
  for (const { at, path, name, method: packing } of entries) {
    const head = await readAt(handle, at, localBytes + name.length);
    // Both must say the same: other programs may go by what stands here.
    const isSame = head.readUInt32LE(0) === signature.local && head.readUInt16LE(8) === packing && head.readUInt16LE(26) === name.length && name.equals(head.subarray(localBytes));
    if (!isSame) throw new IntegrityFault(`the archive is damaged: ${path} does not begin where it should`);
    begins.push(at + localBytes + head.readUInt16LE(26) + head.readUInt16LE(28));
  }
  const order = entries.map((entry, index) => ({ from: entry.at, to: begins[index]! + entry.packedBytes, path: entry.path })).sort((left, right) => left.from - right.from);
  for (const [index, { from, path }] of order.entries()) {
    const before = order[index - 1];
    if (before !== undefined && from < before.to) throw new IntakeFault('ArchiveUnsafe', `${before.path} and ${path} share bytes of the archive`);
  }
  return begins;
}

async function* unpacked(file: string, { path, method: packing, crc, packedBytes, sizeBytes }: Entry, begin: number): AsyncGenerator<Uint8Array> {
  let [seen, sum] = [0, 0];
  for await (const chunk of packedBytes === 0 ? [] : plain(file, packing, begin, packedBytes)) {
    seen += chunk.length;
    if (seen > sizeBytes) throw new IntakeFault('ArchiveUnsafe', `${path} is larger than the archive says`);
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (seen !== sizeBytes || sum !== crc) throw new IntegrityFault(`the archive is damaged: ${path} is not what was packed`);
}

async function* plain(file: string, packing: number, begin: number, bytes: number): AsyncGenerator<Uint8Array> {
  const source = createReadStream(file, { start: begin, end: begin + bytes - 1, highWaterMark: 256 * kibibyte });
  if (packing === method.stored) return yield* source as AsyncIterable<Uint8Array>;
  const inflate = createInflateRaw({ chunkSize: 64 * kibibyte });
  source.once('error', (error) => inflate.destroy(error));
  source.pipe(inflate);
  try {
    yield* inflate as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
    inflate.destroy();
  }
}

async function readAt(handle: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  let seen = 0;
  while (seen < bytes) {
    const { bytesRead } = await handle.read(buffer, seen, bytes - seen, at + seen);
    if (bytesRead === 0) throw new IntegrityFault('the archive ends too early');
    seen += bytesRead;
  }
  return buffer;
}
