// A stream of bytes as authenticated pieces, so that a reader may use each piece as soon as it is checked and still notices anything
// that was changed, cut off, repeated, put in another order or taken from another backup.
//
//   "LRDS" | version 1 | 7 zero bytes | piece 0 | piece 1 | … | last piece
//   piece = ciphertext (64 KiB; the last: 0 to 64 KiB) ‖ tag (16)                     AES-256-GCM
//   nonce = 4 zero bytes ‖ index (64 bits, big endian)
//   AAD   = the 12 bytes of the head ‖ index (8) ‖ 1 where last else 0 ‖ what the object is (UTF-8)
//
// Invariants
// - A data key seals one object once: every attempt has a key of its own, so a counter is a safe nonce.
// - The reader hands out no byte of a piece before its tag was right, and ends well only after a piece whose AAD says "last".
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { kibibyte } from '@larder/shared-std';
import type { ByteStream } from '@larder/plane-domain';
import { inPieces } from '../byte-streams';
import { IntegrityFault } from '../integrity-fault';

export const pieceBytes = 64 * kibibyte;
const tagBytes = 16;
const head = Buffer.from([...Buffer.from('LRDS'), 1, 0, 0, 0, 0, 0, 0, 0]);

export async function* seal(plain: ByteStream, key: Uint8Array, boundTo: string): AsyncGenerator<Uint8Array> {
  yield head;
  let index = 0;
  for await (const { bytes, isLast } of inPieces(plain, pieceBytes)) {
    yield sealPiece(bytes, key, index, isLast, boundTo);
    index += 1;
  }
  if (index === 0) yield sealPiece(new Uint8Array(0), key, 0, true, boundTo);
}

export async function* unseal(sealed: ByteStream, key: Uint8Array, boundTo: string): AsyncGenerator<Uint8Array> {
  let index = 0;
  for await (const { bytes, isLast } of inPieces(withoutHead(sealed), pieceBytes + tagBytes)) {
    if (bytes.length < tagBytes) break;
    const plain = unsealPiece(bytes, key, index, isLast, boundTo);
    index += 1;
    if (plain.length > 0) yield plain;
    if (isLast) return;
  }
  throw new IntegrityFault(`the stored object ends too early, in piece ${index}`);
}

function sealPiece(plain: Uint8Array, key: Uint8Array, index: number, isLast: boolean, boundTo: string): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index)).setAAD(contextOf(index, isLast, boundTo));
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function unsealPiece(piece: Uint8Array, key: Uint8Array, index: number, isLast: boolean, boundTo: string): Uint8Array {
  const split = piece.length - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index)).setAAD(contextOf(index, isLast, boundTo)).setAuthTag(piece.subarray(split));
  const plain = decipher.update(piece.subarray(0, split));
  try {
    decipher.final();
  } catch {
    throw new IntegrityFault(`the stored object is damaged in piece ${index} (bytes ${head.length + index * (pieceBytes + tagBytes)} and following)`);
  }
  return plain;
}

async function* withoutHead(sealed: ByteStream): AsyncGenerator<Uint8Array> {
  let held: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of sealed) {
    if (held === undefined) {
      yield chunk;
      continue;
    }
    held = Buffer.concat([held, chunk]);
    if (held.length < head.length) continue;
    if (!head.equals(held.subarray(0, head.length))) throw new IntegrityFault('the stored object does not begin as a sealed stream of version 1 does');
    if (held.length > head.length) yield held.subarray(head.length);
    held = undefined;
  }
}

function nonceOf(index: number): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(index), 4);
  return nonce;
}

function contextOf(index: number, isLast: boolean, boundTo: string): Uint8Array {
  const context = Buffer.alloc(head.length + 9 + Buffer.byteLength(boundTo));
  head.copy(context);
  context.writeBigUInt64BE(BigInt(index), head.length);
  context[head.length + 8] = isLast ? 1 : 0;
  context.write(boundTo, head.length + 9);
  return context;
}
