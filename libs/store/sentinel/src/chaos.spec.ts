/** Deployments in bad weather: one seed each. More by hand: LARDER_SEEDS=2000. */
import { seededRandom } from '@larder/shared-std/testing';
import { FakeDeployment } from './testing/fake-deployment';
import type { FakeSentinel } from './testing/fake-deployment';

const SEEDS = Number(process.env['LARDER_SEEDS'] ?? 60);
const seeds = Array.from({ length: SEEDS }, (_, at) => at + 1);
const primaryOf = ({ sentinel }: FakeSentinel) => sentinel.primaries.get('main')!;

test('a failover takes the time that a silent server is given, and little more', () => {
  const gapMs = (isHang: boolean) =>
    seeds.map((seed) => {
      const world = new FakeDeployment({ seed, sentinels: 3, replicas: 2, downAfterMs: 1000 });
      world.settle();
      world.step(5000 + ((seed * 37) % 2000));
      const startMs = world.clock.monotonic();
      if (isHang) world.servers[0]!.isUp = false;
      else world.kill(world.servers[0]!);
      // What clients are told.
      world.until(() => world.sentinels.some((node) => primaryOf(node).currentAddress.ip !== world.servers[0]!.host));
      return world.clock.monotonic() - startMs;
    });
  expect(Math.max(...gapMs(false))).toBeLessThan(1500);
  expect(Math.max(...gapMs(true))).toBeLessThan(2400); // the ping that is not answered may be sent a second late
});

/** Servers and Sentinels die and come back, ways are cut in one direction or both, all at random; then everything is mended. */
function storm(seed: number): FakeDeployment {
  const random = seededRandom(seed);
  const world = new FakeDeployment({ seed, sentinels: 3 + 2 * random.int(2), replicas: 1 + random.int(3), delayMsMax: 1 + random.int(300), failoverTimeoutMs: 3000, downAfterMs: 1000 });
  world.until(() => world.sentinels.every((node) => primaryOf(node).peers.size === world.sentinels.length - 1 && primaryOf(node).replicas.size === world.servers.length - 1));
  const nodes = [...world.servers, ...world.sentinels];
  const pick = <T>(of: readonly T[]): T => of[random.int(of.length)]!;
  for (let turn = 0; turn < 12; turn++) {
    world.step(200 + random.int(3000));
    const kind = random.int(6);
    if (kind === 0) world.kill(pick(world.servers));
    else if (kind === 1) for (const server of world.servers) server.isUp = true;
    else if (kind === 2) {
      const node = pick(world.sentinels);
      if (node.isUp) node.stop();
      else node.restart();
    } else if (kind === 3) world.blocked.clear();
    else {
      const [one, other] = [pick(nodes), pick(nodes)];
      world.blocked.add(`${one.host}>${other.host}`);
      if (kind === 4) world.blocked.add(`${other.host}>${one.host}`);
    }
  }
  world.blocked.clear();
  for (const server of world.servers) server.isUp = true;
  for (const node of world.sentinels) if (!node.isUp) node.restart();
  return world;
}

test('whatever fails, an epoch has one leader, and once all is mended all agree on one primary that the others follow', () => {
  for (const seed of seeds) {
    const world = storm(seed);
    const isWell = () => {
      const [first] = world.sentinels;
      const place = primaryOf(first!).address.ip;
      const agree = world.sentinels.every((node) => primaryOf(node).address.ip === place && !primaryOf(node).isFailingOver && !primaryOf(node).isSubjectivelyDown);
      return agree && world.servers.every((server) => (server.host === place ? server.follows === null : server.follows?.host === place));
    };
    const ended = world.until(isWell, 180_000);
    const leaders = new Map<number, Set<number>>();
    for (const { epoch, node } of world.seen('+elected-leader')) leaders.set(epoch, (leaders.get(epoch) ?? new Set()).add(node.index));
    expect([seed, 'ends', ended, 'epochs with two leaders', [...leaders].filter(([, nodes]) => nodes.size > 1).length]).toEqual([seed, 'ends', true, 'epochs with two leaders', 0]);
  }
});
