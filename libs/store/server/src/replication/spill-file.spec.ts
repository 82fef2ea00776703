import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpillFile } from './spill-file';

const SEGMENT = 64 << 20;
const folder = mkdtempSync(join(tmpdir(), 'spill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7) & 255));

/** Two threads of one process. */
function pair(): [SpillFile, SpillFile] {
  const shared = SpillFile.reserve();
  return [new SpillFile(shared, () => folder), new SpillFile(shared, () => folder)];
}

test('what one thread spills another reads, across the border of two files, and nothing of it has a name', () => {
  const [one, other] = pair();
  const from = 5 * SEGMENT - 400;
  one.write(bytes, 0, 1000, from);
  const into = Buffer.alloc(900);
  other.read(into, 900, from + 50);
  expect(into.equals(bytes.subarray(50, 950))).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

test('a file that is dropped serves a later part, and is never read for the earlier one', () => {
  const [one, other] = pair();
  one.write(bytes, 0, 1000, SEGMENT - 500);
  one.drop(SEGMENT + 100);
  expect(() => other.read(Buffer.alloc(10), 10, SEGMENT - 500)).toThrow();
  one.write(bytes, 0, 1000, 7 * SEGMENT);
  expect(() => other.read(Buffer.alloc(10), 10, 0)).toThrow();
  const into = Buffer.alloc(500);
  other.read(into, 500, SEGMENT);
  expect(into.equals(bytes.subarray(500))).toBe(true);
  one.drop(Infinity);
  expect(() => other.read(into, 500, SEGMENT)).toThrow();
});
