import type { Primary, Replica } from './instance';
import { selectReplica } from './selection';
import type { Sentinel } from './sentinel';
import { RecordingHands } from './testing/recording-hands';

function watched(): { sentinel: Sentinel; primary: Primary; a: Replica; b: Replica; hands: RecordingHands } {
  const hands = new RecordingHands();
  const sentinel = hands.sentinel();
  const primary = sentinel.addPrimary('main', '10.0.0.1', 6379, 1) as Primary;
  const replica = (host: string, runId: string): Replica => {
    const made = sentinel.insertReplica(primary, host, 6379) as Replica;
    made.link.commands = made.link.messages = 1;
    made.infoAt = sentinel.now();
    made.runId = runId;
    made.offset = 10_000;
    made.replicationId = 'history';
    return made;
  };
  const world = { sentinel, primary, hands, a: replica('10.0.0.2', 'aa'), b: replica('10.0.0.3', 'bb') };
  primary.offset = 10_000;
  primary.replicationId = 'history';
  return world;
}

test('the lowest priority wins, then the greatest offset, then the smallest run id', () => {
  const { sentinel, primary, a, b } = watched();
  expect(selectReplica(sentinel, primary)).toBe(a);
  b.offset = 10_001;
  expect(selectReplica(sentinel, primary)).toBe(b);
  a.priority = 50;
  expect(selectReplica(sentinel, primary)).toBe(a);
  a.priority = 100;
  b.offset = 10_000;
  a.runId = undefined;
  expect(selectReplica(sentinel, primary)).toBe(b);
});

test.each<[string, (world: ReturnType<typeof watched>) => void]>([
  ['is down', ({ a }) => (a.isSubjectivelyDown = true)],
  ['has lost a connection', ({ a }) => (a.link.messages = 0)],
  ['has not answered for five pings', ({ a }) => (a.link.workedAt -= 5001)],
  ['has priority 0', ({ a }) => (a.priority = 0)],
  ['told of itself too long ago', ({ a, sentinel }) => (a.infoAt = sentinel.now() - 30_001)],
  ['told of itself too long ago for a primary that is down', ({ a, primary, sentinel }) => {
    primary.isSubjectivelyDown = true;
    primary.subjectivelyDownSince = sentinel.now();
    a.infoAt = sentinel.now() - 5001;
  }],
  ['was without its primary for ten times as long as makes one down', ({ a, primary }) => (a.linkDownMs = primary.downAfterMs * 10 + 1)],
  ['has nothing, while the primary had something', ({ a }) => (a.offset = 0)],
  ['has nothing yet as redis-server counts', ({ a }) => (a.offset = 1)],
  ['is far behind the primary', ({ primary, a, b }) => {
    primary.offset = 1e9;
    b.offset = 1e9 - 1000;
    a.offset = 1e8;
    a.priority = 1;
  }],
])('a replica that %s is no candidate', (_, spoil) => {
  const world = watched();
  spoil(world);
  expect(selectReplica(world.sentinel, world.primary)).toBe(world.b);
});

test('a good copy that is away keeps an empty one from being promoted, though the primary was never heard of', () => {
  const { sentinel, primary, a, b } = watched();
  primary.offset = 0;
  a.offset = 0;
  b.isSubjectivelyDown = true;
  expect(selectReplica(sentinel, primary)).toBeUndefined();
  primary.promoteLagBytesMax = -1;
  expect(selectReplica(sentinel, primary)).toBe(a);
});

test('where there was nothing to lose an empty replica is promoted', () => {
  const { sentinel, primary, a, b } = watched();
  primary.offset = 140;
  a.offset = b.offset = 0;
  expect(selectReplica(sentinel, primary)).toBe(a);
});
