// Identifiers: UUID version 7 (RFC 9562), so that ids made later sort later and an index on them grows at its right edge.
//
//   |  48 bits: milliseconds  | 4: 7 | 12 bits: counter | 2: 10 | 62 bits: random |
//
// Invariant: ids of one source are strictly increasing, also within a millisecond and when the wall clock steps back.
import type { Clock } from './clock';
import type { Random } from './random';

export interface Ids {
  next(): string;
}

const counterMax = 0xfff;

export function uuidV7(clock: Clock, random: Random): Ids {
  let lastMs = -1;
  let counter = 0;
  return {
    next() {
      const nowMs = clock.now();
      if (nowMs > lastMs) {
        lastMs = nowMs;
        counter = random.int(0x400); // leaves room to count up within the same millisecond
      } else if (++counter > counterMax) {
        lastMs += 1;
        counter = 0;
      }
      return format(lastMs, counter, random.bytes(8));
    },
  };
}

function format(timeMs: number, counter: number, tail: Uint8Array): string {
  const time = hex(timeMs, 12);
  tail[0] = (tail[0]! & 0x3f) | 0x80;
  let rest = '';
  for (const byte of tail) rest += hex(byte, 2);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(counter, 3)}-${rest.slice(0, 4)}-${rest.slice(4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
