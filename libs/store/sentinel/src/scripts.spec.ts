import { RecordingHands } from './testing/recording-hands';

function world() {
  const hands = new RecordingHands();
  hands.executables.add('/told');
  const sentinel = hands.sentinel();
  const { scripts } = sentinel;
  return { hands, sentinel, scripts, step: (ms: number) => (hands.clock.step(ms), scripts.tick()) };
}

test('a script that ends with 1, or by a signal, runs again, each time twice as late', () => {
  const { hands, scripts, step } = world();
  scripts.schedule(['/told', '+odown', 'x']);
  step(0);
  for (const [delayMs, code, signal] of [[30_000, 1, 0], [60_000, 0, 9]] as const) {
    scripts.ended(1, code, signal);
    step(delayMs - 1);
    const before = hands.scripts.length;
    step(1);
    expect(hands.scripts.length).toBe(before + 1);
  }
  scripts.ended(1, 0, 0);
  expect([scripts.jobs, hands.scripts.length]).toEqual([[], 3]);
});

test('any other end is final, and told when it is a bad one', () => {
  const { hands, scripts, step } = world();
  scripts.schedule(['/told']);
  scripts.schedule(['/gone']);
  step(0);
  scripts.ended(1, 3, 0);
  expect(scripts.jobs).toEqual([]);
  expect(hands.events.filter((event) => event.startsWith('-script-error'))).toEqual(['-script-error /gone 0 2', '-script-error /told 0 3']);
});

test('sixteen run at a time, and one that takes a minute is killed', () => {
  const { hands, scripts, step } = world();
  for (let i = 0; i < 20; i++) scripts.schedule(['/told', String(i)]);
  step(0);
  expect(hands.scripts.map(({ argv }) => argv[1])).toEqual(Array.from({ length: 16 }, (_, i) => String(i)));
  step(60_001);
  expect(hands.done.filter((line) => line.startsWith('kill'))).toHaveLength(16);
  scripts.ended(3, 0, 9);
  step(0);
  expect(hands.scripts).toHaveLength(17);
});

test('of more than 256 the oldest that waits is dropped', () => {
  const { scripts } = world();
  for (let i = 0; i < 260; i++) scripts.schedule(['/told', String(i)]);
  expect([scripts.jobs.length, scripts.jobs[0]!.argv[1]]).toEqual([256, '4']);
});
