// Tar archives (ustar), as streams: reading what strangers send, writing what they can unpack.
//
// Invariants
// - A path that is absolute, climbs, or names anything but a plain file is refused, and so is an archive with too many entries: nothing
//   outside of what the reader chooses can be named by an archive.
// - The reader hands out an entry's bytes before it goes on; what is not read is stepped over.
import { IntegrityFault } from '../integrity-fault';
import { checkPath, entriesMax, type ArchiveEntry } from './archive-entry';
import { IntakeFault } from './intake-fault';

const block = 512;
const sizeMax = 2 ** 33;

export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const bytes = new Bytes(source);
  let longName: string | undefined;
  for (let count = 0; ; count += 1) {
    const head = await bytes.exactly(block);
    if (head === undefined || head.every((byte) => byte === 0)) return;
    if (count >= entriesMax) throw new IntakeFault('ArchiveUnsafe', `the archive has more than ${entriesMax} entries`);
    const { name, size, type } = headerOf(head);
    const padding = (block - (size % block)) % block;
    // A long name comes as an entry of its own, in front of the one that it names.
    if (type === 'L' || type === 'x' || type === 'g') {
      if (size > 64 * block) throw new IntakeFault('ArchiveUnsafe', 'the archive has a name that is too long');
      const text = ((await bytes.exactly(size + padding)) ?? new Uint8Array(0)).subarray(0, size);
      if (type !== 'g') longName = nameIn(Buffer.from(text), type) ?? longName;
      continue;
    }
    const path = checkPath(longName ?? name);
    longName = undefined;
    if (type === '5') continue;
    if (type !== '0' && type !== '\0' && type !== '7') throw new IntakeFault('ArchiveUnsafe', `the archive holds ${path}, which is no plain file: links and devices are not taken`);
    const body = bytes.take(size);
    yield { path, sizeBytes: size, body };
    for await (const _rest of body) void _rest;
    if (padding > 0 && (await bytes.exactly(padding)) === undefined) throw new IntegrityFault('the archive ends too early');
  }
}

export function isTar(head: Uint8Array): boolean {
  return head.length >= block && Buffer.from(head).toString('latin1', 257, 262) === 'ustar';
}

/** Each body must have the bytes that its size says. */
export async function* writeTar(entries: readonly { readonly path: string; readonly sizeBytes: number; readonly body: AsyncIterable<Uint8Array> }[], modifiedAtMs: number): AsyncGenerator<Uint8Array> {
  for (const { path, sizeBytes, body } of entries) {
    yield header(path, sizeBytes, modifiedAtMs);
    let seen = 0;
    for await (const chunk of body) {
      seen += chunk.length;
      yield chunk;
    }
    if (seen !== sizeBytes) throw new IntegrityFault(`${path} has ${seen} bytes where ${sizeBytes} were announced`);
    yield new Uint8Array((block - (sizeBytes % block)) % block);
  }
  yield new Uint8Array(2 * block);
}

export function tarBytes(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + block + Math.ceil(size / block) * block, 2 * block);
}

function header(path: string, size: number, modifiedAtMs: number): Uint8Array {
  const head = Buffer.alloc(block);
  const octal = (value: number, at: number, digits: number): void => void head.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  head.write(path, 0, 'utf8');
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  if (size < 8 ** 11) octal(size, 124, 11);
  else {
    head[124] = 0x80;
    head.writeBigUInt64BE(BigInt(size), 128);
  }
  octal(Math.floor(modifiedAtMs / 1000), 136, 11);
  head.fill(' ', 148, 156);
  head.write('0', 156, 'latin1');
  head.write('ustar\x0000', 257, 'latin1');
  octal(head.reduce((sum, byte) => sum + byte, 0), 148, 6);
  head[154] = 0;
  return head;
}

function headerOf(head: Buffer): { readonly name: string; readonly size: number; readonly type: string } {
  const text = (from: number, to: number): string => head.toString('utf8', from, to).split('\0')[0]!;
  const told = parseInt(text(148, 156).trim(), 8);
  const sum = head.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (told !== sum) throw new IntegrityFault('the archive is damaged: a header does not add up');
  const size = (head[124]! & 0x80) !== 0 ? Number(head.readBigUInt64BE(128)) : parseInt(text(124, 136).trim() || '0', 8);
  if (!Number.isSafeInteger(size) || size < 0 || size > sizeMax) throw new IntegrityFault('the archive names a size that is none');
  const prefix = text(345, 500);
  const isUstar = head.toString('latin1', 257, 263) === 'ustar\0';
  return { name: isUstar && prefix !== '' ? `${prefix}/${text(0, 100)}` : text(0, 100), size, type: String.fromCharCode(head[156]!) };
}

function nameIn(text: Buffer, type: string): string | undefined {
  if (type === 'L') return text.toString('utf8').split('\0')[0];
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text.toString('utf8'))?.[1];
}

class Bytes {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Undefined where the source ends before. */
  async exactly(count: number): Promise<Buffer | undefined> {
    const parts: Uint8Array[] = [];
    for await (const part of this.take(count, true)) parts.push(part);
    const whole = Buffer.concat(parts);
    return whole.length < count ? undefined : whole;
  }

  async *take(count: number, mayEnd = false): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0;) {
      if (this.#held.length === 0) {
        const { done, value } = await this.#source.next();
        if (done === true) {
          if (mayEnd) return;
          throw new IntegrityFault('the archive ends too early');
        }
        this.#held = value;
        continue;
      }
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
}
