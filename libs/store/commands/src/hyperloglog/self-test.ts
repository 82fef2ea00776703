/**
 * PFSELFTEST: do registers keep what is put into them, do both encodings count alike, is the estimate as near as it should be?
 */
import {
  CORRUPT,
  DENSE,
  DENSE_BYTES,
  EMPTY_SPARSE_BYTES,
  PLANNED,
  REGISTERS,
  carryOut,
  denseRegister,
  estimate,
  locate,
  place,
  planRaise,
  raiseDense,
  setDenseRegister,
  setEncoding,
  writeEmpty,
} from './sketch';

const CYCLES = 20;
/** Up to here the sparse sketch is kept beside the dense one. */
const SPARSE_ELEMENTS = 1000;
const STANDARD_ERROR = 1.04 / Math.sqrt(REGISTERS);

/** What is wrong, or undefined. */
export function selfTest(random: () => number, elements = 1_000_000): string | undefined {
  return testRegisters(random) ?? testEstimates(random, elements);
}

function testRegisters(random: () => number): string | undefined {
  const sketch = Buffer.alloc(DENSE_BYTES);
  const wanted = new Uint8Array(REGISTERS);
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    for (let r = 0; r < REGISTERS; r++) setDenseRegister(sketch, 0, r, (wanted[r] = random() & 63));
    for (let r = 0; r < REGISTERS; r++) {
      const found = denseRegister(sketch, 0, r);
      if (found !== wanted[r]) return `Register ${r} should be ${wanted[r]!} but is ${found}`;
    }
  }
  return undefined;
}

function testEstimates(random: () => number, elements: number): string | undefined {
  const dense = Buffer.alloc(DENSE_BYTES);
  writeEmpty(dense, 0);
  dense.fill(0, EMPTY_SPARSE_BYTES - 2);
  setEncoding(dense, 0, DENSE);
  const sparse = Buffer.alloc(SPARSE_ELEMENTS * 4 + 64);
  writeEmpty(sparse, 0);
  let sparseLength = EMPTY_SPARSE_BYTES;
  const element = Buffer.alloc(8);
  const seed = random();
  element.writeInt32LE(random(), 4);
  let checkpoint = 1;
  for (let n = 1; n <= elements; n++) {
    element.writeInt32LE(n ^ seed, 0);
    locate(element, 0, 8);
    raiseDense(dense, 0, place.register, place.rank);
    if (n <= SPARSE_ELEMENTS) {
      const outcome = planRaise(sparse, 0, sparseLength, place.register, place.rank);
      if (outcome === CORRUPT) return 'sparse encoding damaged';
      if (outcome === PLANNED) sparseLength = carryOut(sparse, 0, sparseLength);
    }
    if (n !== checkpoint) continue;
    const counted = Number(estimate(dense, 0, DENSE_BYTES));
    if (n <= SPARSE_ELEMENTS && Number(estimate(sparse, 0, sparseLength)) !== counted) return 'dense/sparse disagree';
    // Few elements may well meet in one register.
    const tolerance = n === 10 ? 1 : Math.ceil(STANDARD_ERROR * 6 * n);
    const error = Math.abs(n - counted);
    if (error > tolerance) return `Too big error. card:${n} abserr:${error}`;
    checkpoint *= 10;
  }
  return undefined;
}
