/** Ways to send a pipeline other than whole. */
import type { Send } from '../compare.ts';
import { seededRandom } from '../random.ts';

/** Every byte a write of its own. */
export const byteByByte: Send = (client, bytes) => client.writePieces(bytes, () => 1);

/** Pieces of random lengths, so that cuts fall everywhere. */
export function inPieces(seed: number): Send {
  const random = seededRandom(seed);
  return (client, bytes) => client.writePieces(bytes, () => random.between(1, random.pick([2, 7, 40, 300])));
}
