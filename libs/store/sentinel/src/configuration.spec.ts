import { splitArguments } from '@larder/store-settings';
import { configurationLines, loadDirectives } from './configuration';
import type { Sentinel } from './sentinel';
import { RecordingHands } from './testing/recording-hands';

const directives = (lines: readonly string[]) => lines.map((line, at) => ({ args: splitArguments(line)!.slice(1), line, lineNumber: at + 1 }));
const written = (sentinel: Sentinel) => configurationLines(sentinel).flatMap(({ lines, isForced }) => (isForced ? lines : []));

function load(lines: readonly string[]): { sentinel: Sentinel; refused: string | undefined } {
  const hands = new RecordingHands();
  hands.executables.add('/bin/told');
  const sentinel = hands.sentinel();
  return { sentinel, refused: loadDirectives(sentinel, directives(lines))?.reason };
}

const ALL = [
  `sentinel myid ${'a'.repeat(40)}`,
  'sentinel deny-scripts-reconfig no',
  'sentinel resolve-hostnames yes',
  'sentinel announce-hostnames yes',
  'sentinel monitor main 10.0.0.1 6379 2',
  'sentinel monitor other 10.0.0.9 6380 1',
  'sentinel down-after-milliseconds main 500',
  'sentinel failover-timeout main 1000',
  'sentinel parallel-syncs main 3',
  'sentinel notification-script main /bin/told',
  'sentinel client-reconfig-script main /bin/told',
  'sentinel auth-pass main "with space"',
  'sentinel auth-user main me',
  'sentinel master-reboot-down-after-period main 100',
  'sentinel promote-lag-max-bytes main -1',
  'sentinel config-epoch main 4',
  'sentinel config-epoch other 0',
  'sentinel leader-epoch main 5',
  'sentinel leader-epoch other 0',
  'sentinel known-replica main 10.0.0.2 6379',
  `sentinel known-sentinel main 10.0.0.3 26379 ${'b'.repeat(40)}`,
  'sentinel rename-command main CONFIG guessed',
  'sentinel current-epoch 6',
  'sentinel announce-ip 10.0.0.8',
  'sentinel announce-port 1234',
  'sentinel sentinel-user peer',
  'sentinel sentinel-pass "a\\"b"',
];

test('what is read is written, and read again means the same', () => {
  const { sentinel, refused } = load(ALL);
  expect(refused).toBeUndefined();
  expect(written(sentinel).sort()).toEqual([...ALL].sort());
});

test('the order of lines does not matter', () => {
  expect(written(load([...ALL].reverse()).sentinel).sort()).toEqual([...ALL].sort());
});

test('defaults are not written, and nothing that redis-sentinel does not know', () => {
  const { sentinel } = load([`sentinel myid ${'a'.repeat(40)}`, 'sentinel monitor main 10.0.0.1 6379 2']);
  expect(written(sentinel)).toEqual([
    `sentinel myid ${'a'.repeat(40)}`, 'sentinel monitor main 10.0.0.1 6379 2', 'sentinel config-epoch main 0', 'sentinel leader-epoch main 0', 'sentinel current-epoch 0',
  ]);
});

test('a promoted replica is the primary of the file before the switch is complete, and its predecessor a replica', () => {
  const { sentinel } = load(ALL);
  const primary = sentinel.primaries.get('main')!;
  primary.isFailingOver = true;
  primary.failoverState = 'reconfigure';
  primary.promoted = [...primary.replicas.values()][0];
  expect(written(sentinel)).toEqual(expect.arrayContaining(['sentinel monitor main 10.0.0.2 6379 2', 'sentinel known-replica main 10.0.0.1 6379']));
});

test('words that every object knows are no directives', () => {
  for (const word of ['constructor', 'toString', '__proto__']) expect(load([`sentinel ${word} main`]).refused).toBe('Unrecognized sentinel configuration statement.');
});

test('an epoch that was seen is never less than a configuration’s', () => {
  expect(load(['sentinel monitor main 10.0.0.1 6379 2', 'sentinel config-epoch main 9', 'sentinel current-epoch 3']).sentinel.currentEpoch).toBe(9);
});
