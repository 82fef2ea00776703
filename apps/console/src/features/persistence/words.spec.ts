import { parseSavePoints, printSavePoints, savePointsDefault } from './words';

test('save points are read as they are printed, and nothing else is', () => {
  expect(parseSavePoints(printSavePoints(savePointsDefault))).toEqual(savePointsDefault);
  expect(parseSavePoints(' 900  1 ')).toEqual([{ seconds: 900, changes: 1 }]);
  for (const text of ['', '300', '300 1,', '300 one', '1 2 3']) expect(parseSavePoints(text)).toBeUndefined();
});
