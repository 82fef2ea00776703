/**
 * Size classes of the arena, in units of 8 bytes.
 *
 *   units     1 … 16   one class per unit                (8 … 128 B, no waste)
 *            17 … 2048 eight classes per doubling        (≤ 12.5 % waste)
 *          2049 … 8192 a half, a third or all of a page  (up to 64 KiB)
 *             > 8192   whole pages, not a class
 *
 * A class carves one page of 64 KiB into equal blocks.
 */
export const UNIT_BYTES = 8;
export const PAGE_UNITS = 8192;
export const PAGE_BYTES = PAGE_UNITS * UNIT_BYTES;

function buildClasses(): number[] {
  const units = [0];
  for (let u = 1; u <= 16; u++) units.push(u);
  for (let base = 16; base < 2048; base *= 2) {
    for (let step = 1; step <= 8; step++) units.push(base + (base / 8) * step);
  }
  units.push(2730, 4096, 8192);
  return units;
}

const classes = buildClasses();

/** Block size of each class in units; index 0 is no class. */
export const CLASS_UNITS = Int32Array.from(classes);
export const CLASS_COUNT = classes.length;
/** Blocks a page of each class holds. */
export const CLASS_CAPACITY = Int32Array.from(classes, (u) => (u === 0 ? 0 : Math.floor(PAGE_UNITS / u)));

const CLASS_OF = new Uint8Array(PAGE_UNITS + 1);
for (let u = 1, c = 1; u <= PAGE_UNITS; u++) {
  if (u > CLASS_UNITS[c]!) c++;
  CLASS_OF[u] = c;
}

/** The smallest class that holds `units` (1 … PAGE_UNITS). */
export function classOf(units: number): number {
  return CLASS_OF[units]!;
}
