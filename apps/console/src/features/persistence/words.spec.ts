import { parseSavePoints, printEffort, printSavePoints, savePointsDefault } from './words';

test('save points are read as they are printed, and nothing else is', () => {
  expect(parseSavePoints(printSavePoints(savePointsDefault))).toEqual(savePointsDefault);
  expect(parseSavePoints(' 900  1 ')).toEqual([{ seconds: 900, changes: 1 }]);
  for (const text of ['', '300', '300 1,', '300 one', '1 2 3']) expect(parseSavePoints(text)).toBeUndefined();
});

test('a save is told by its bytes and its seconds, as far as they are known', () => {
  expect(printEffort(52_428_800, 2)).toBe('50 MiB, took 2 s');
  expect(printEffort(null, 0)).toBe('took 0 s');
  expect(printEffort(512, undefined)).toBe('512 B');
});
