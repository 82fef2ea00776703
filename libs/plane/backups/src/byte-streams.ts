// Small things over streams of bytes: looking at what passes, cutting it into equal pieces.
import { createHash, type Hash } from 'node:crypto';
import type { ByteStream } from '@larder/plane-domain';

/** SHA-256 and length of what has passed. */
export class Meter {
  bytes = 0;
  readonly #hash: Hash = createHash('sha256');

  async *watch(source: ByteStream): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.bytes += chunk.length;
      this.#hash.update(chunk);
      yield chunk;
    }
  }

  /** Hex; once, at the end. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Pieces of exactly `size` bytes; the last has 1 to `size`. None for nothing. */
export async function* inPieces(source: ByteStream, size: number): AsyncGenerator<{ readonly bytes: Uint8Array; readonly isLast: boolean }> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of source) {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes <= size) continue;
    const whole = held.length === 1 ? held[0]! : Buffer.concat(held);
    let at = 0;
    // More than one piece is here, so this one is not the last: the last is known only when the source has ended.
    for (; heldBytes - at > size; at += size) yield { bytes: whole.subarray(at, at + size), isLast: false };
    held = [whole.subarray(at)];
    heldBytes -= at;
  }
  if (heldBytes > 0) yield { bytes: Buffer.concat(held), isLast: true };
}
