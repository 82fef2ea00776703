import { listNodesMerge, listNodeTakes } from './list-node';

test.each([
  [-1, 4096],
  [-2, 8192],
  [-3, 16384],
  [-4, 32768],
  [-5, 65536],
  [-9, 65536],
])('limit %i keeps a node within %i bytes, an entry being its text and eight more', (limit, bytes) => {
  expect(listNodeTakes(bytes - 108, 5000, 100, limit)).toBe(true);
  expect(listNodeTakes(bytes - 107, 1, 100, limit)).toBe(false);
  expect(listNodesMerge(bytes / 2, 3000, bytes / 2 + 7, 3000, limit)).toBe(true);
  expect(listNodesMerge(bytes / 2, 1, bytes / 2 + 8, 1, limit)).toBe(false);
});

test('a limit by count still keeps a node within 8 KiB', () => {
  expect(listNodeTakes(100, 127, 10, 128)).toBe(true);
  expect(listNodeTakes(100, 128, 10, 128)).toBe(false);
  expect(listNodeTakes(8192 - 18, 1, 10, 128)).toBe(true);
  expect(listNodeTakes(8192 - 17, 1, 10, 128)).toBe(false);
  expect(listNodesMerge(100, 64, 100, 64, 128)).toBe(true);
  expect(listNodesMerge(100, 64, 100, 65, 128)).toBe(false);
  expect(listNodeTakes(7, 0, 10, 0)).toBe(false);
});
