/** Seeded dice for the fuzz tests here: the same seed gives the same test. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  /** 0 ≤ n < limit, an integer. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  bytes(length: number, alphabet = 256): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(alphabet));
  }

  /** Any int64, all widths equally likely, limits often. */
  int64(): bigint {
    const width = this.below(64);
    const any = (BigInt(this.below(4294967296)) << 32n) | BigInt(this.below(4294967296));
    const limit = 1n << BigInt(width);
    const size = this.below(3) === 0 ? limit - 2n + BigInt(this.below(3)) : BigInt.asUintN(width, any);
    return BigInt.asIntN(64, this.below(2) === 0 ? size : -size);
  }
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

export function toText(u8: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...u8.subarray(from, to));
}
