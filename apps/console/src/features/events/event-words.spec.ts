import { availabilityReasons, byDay, reasonWords, topicOf, topics } from './event-words';

test('a reason is words, and stands under one heading', () => {
  expect(reasonWords('FailedOver')).toBe('Failed over');
  expect(reasonWords('PreviousPasswordEnded')).toBe('Previous password ended');
  expect([topicOf('LinkDown'), topicOf('StoreLost'), topicOf('NeverHeardOf')]).toEqual(['LINKS', 'MEMBERS', 'ALL']);
  const all = Object.values(topics).flatMap(({ reasons }) => reasons ?? []);
  expect(new Set(all).size).toBe(all.length);
  expect(availabilityReasons.every((reason) => all.includes(reason))).toBe(true);
});

test('events of a day stand together, in the order they come', () => {
  const events = ['2026-11-22T10:00', '2026-11-22T09:00', '2026-11-21T23:00', '2026-11-22T01:00'].map((lastAt) => ({ lastAt }));
  expect(byDay(events, (at) => at.slice(0, 10)).map(({ day, events: of }) => [day, of.length])).toEqual([['2026-11-22', 2], ['2026-11-21', 1], ['2026-11-22', 1]]);
});
