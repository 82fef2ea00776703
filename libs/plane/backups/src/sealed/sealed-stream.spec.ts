// What is stored comes back as it was, or not at all.
import { randomBytes } from 'node:crypto';
import type { ByteStream } from '@larder/plane-domain';
import { seededRandom } from '@larder/shared-std/testing';
import { IntegrityFault } from '../integrity-fault';
import { pack, unpack } from './packed-stream';
import { pieceBytes, seal, unseal } from './sealed-stream';

const key = randomBytes(32);

async function gather(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* inChunks(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('a sealed stream', () => {
  it('comes back whatever its length and however it arrives', async () => {
    for (const length of [0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 3 * pieceBytes, 3 * pieceBytes + 5]) {
      const plain = randomBytes(length);
      const sealed = await gather(seal(inChunks(plain), key, 'backup:1'));
      for (const size of [1000, pieceBytes + 16, 1_000_000]) expect((await gather(unseal(inChunks(sealed, size), key, 'backup:1'))).equals(plain)).toBe(true);
    }
  });

  it('does not open cut short, also between two pieces, nor reordered, nor under another name or key', async () => {
    const sealed = await gather(seal(inChunks(randomBytes(3 * pieceBytes)), key, 'backup:1'));
    const [piece, head] = [pieceBytes + 16, 12];
    const part = (index: number): Buffer => sealed.subarray(head + index * piece, head + (index + 1) * piece);
    const refused = [
      sealed.subarray(0, 0), sealed.subarray(0, 5), sealed.subarray(0, head), sealed.subarray(0, head + piece), sealed.subarray(0, head + 2 * piece),
      sealed.subarray(0, sealed.length - 1), Buffer.concat([sealed, Buffer.from([0])]), Buffer.concat([sealed, part(2)]),
      Buffer.concat([sealed.subarray(0, head), part(1), part(0), part(2)]),
      Buffer.concat([sealed.subarray(0, head), part(0), part(2)]),
    ];
    for (const bytes of refused) await expect(gather(unseal(inChunks(bytes), key, 'backup:1'))).rejects.toThrow(IntegrityFault);
    await expect(gather(unseal(inChunks(sealed), key, 'backup:2'))).rejects.toThrow('the stored object is damaged in piece 0');
    await expect(gather(unseal(inChunks(sealed), randomBytes(32), 'backup:1'))).rejects.toThrow(IntegrityFault);
  });

  it('catches 100 of 100 random flips and 100 of 100 random cuts of a packed backup', async () => {
    const random = seededRandom(20_261_122);
    const plain = Buffer.concat([Buffer.alloc(100_000, 'compressible '), randomBytes(150_000)]);
    const stored = await gather(pack(inChunks(plain), key, 'backup:1'));
    expect((await gather(unpack(inChunks(stored), key, 'backup:1'))).equals(plain)).toBe(true);
    for (let round = 0; round < 100; round += 1) {
      const damaged = Buffer.from(stored);
      damaged[random.int(stored.length)]! ^= 1 << random.int(8);
      await expect(gather(unpack(inChunks(damaged), key, 'backup:1'))).rejects.toThrow(IntegrityFault);
      await expect(gather(unpack(inChunks(stored.subarray(0, random.int(stored.length))), key, 'backup:1'))).rejects.toThrow(IntegrityFault);
    }
  });

  it('passes a fault of its source on, and stops the source when its reader stops', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield randomBytes(100_000);
      throw new Error('the store went away');
    }
    await expect(gather(pack(failing(), key, 'backup:1'))).rejects.toThrow('the store went away');
    let stopped: () => void;
    const isStopped = new Promise<void>((resolve) => { stopped = resolve; });
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield randomBytes(100_000);
      } finally {
        stopped();
      }
    }
    let pieces = 0;
    for await (const _ of pack(endless(), key, 'backup:1')) if ((pieces += 1) === 3) break;
    await isStopped;
  });
});
