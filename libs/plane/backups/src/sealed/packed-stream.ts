// From a plain RDB to what lies in storage, and back: zstd, then seal. Compressing first, since what is sealed does not compress.
import { Readable, type Transform } from 'node:stream';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { kibibyte } from '@larder/shared-std';
import type { ByteStream } from '@larder/plane-domain';
import { IntegrityFault } from '../integrity-fault';
import { seal, unseal } from './sealed-stream';

/** Level 3 on one core keeps up with a store that is writing its RDB; more gains little on LZF-compressed values. */
const level = 3;
/** What comes out at once: every piece costs a write and a turn of each stream behind it, and the default is 16 KiB. */
const chunkSize = 256 * kibibyte;

export function pack(rdb: ByteStream, key: Uint8Array, boundTo: string): ByteStream {
  // ZSTD_c_checksumFlag: a fault of ours between here and the seal would show, too.
  const options = { chunkSize, params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 } };
  return seal(through(rdb, createZstdCompress(options)), key, boundTo);
}

export async function* unpack(stored: ByteStream, key: Uint8Array, boundTo: string): AsyncGenerator<Uint8Array> {
  try {
    yield* through(unseal(stored, key, boundTo), createZstdDecompress({ chunkSize }));
  } catch (error) {
    // Unsealed pieces are what we wrote, so a fault of zstd means that we wrote something wrong: no second try mends it either.
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw /^(ZSTD|Z)_/.test(code) ? new IntegrityFault(`the stored object cannot be decompressed: ${(error as Error).message}`) : error;
  }
}

/** A fault of the source or of the transform rejects the reader; a reader that stops closes both. */
async function* through(source: ByteStream, transform: Transform): AsyncGenerator<Uint8Array> {
  const input = Readable.from(source, { objectMode: false });
  input.once('error', (error) => transform.destroy(error));
  input.pipe(transform);
  try {
    yield* transform as AsyncIterable<Uint8Array>;
  } finally {
    input.destroy();
    transform.destroy();
  }
}
