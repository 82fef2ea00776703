import { orderFailover } from './failover';
import { receiveHello } from './hello';
import type { FakeSentinel } from './testing/fake-deployment';
import { FakeDeployment } from './testing/fake-deployment';

const primaryOf = ({ sentinel }: FakeSentinel) => sentinel.primaries.get('main')!;

/** Epochs with more than one elected leader. */
function doubleLeaders(world: FakeDeployment): number[] {
  const leaders = new Map<number, Set<number>>();
  for (const { epoch, node } of world.seen('+elected-leader')) leaders.set(epoch, (leaders.get(epoch) ?? new Set()).add(node.index));
  return [...leaders].filter(([, nodes]) => nodes.size > 1).map(([epoch]) => epoch);
}

function allAgree(world: FakeDeployment): boolean {
  const [first, ...others] = world.sentinels.filter(({ isUp }) => isUp);
  const place = (node: FakeSentinel) => `${primaryOf(node).address.ip}/${primaryOf(node).configEpoch}`;
  return others.every((node) => place(node) === place(first!));
}

describe('three Sentinels and a primary with two replicas', () => {
  test('find each other and all replicas by INFO and hellos', () => {
    const world = new FakeDeployment({ seed: 1, sentinels: 3, replicas: 2 });
    world.settle();
    expect(world.seen('+sentinel')).toHaveLength(6);
    expect(world.seen('+slave')).toHaveLength(6);
  });

  test('rest while all is well, and not while somebody is silent', () => {
    const world = new FakeDeployment({ seed: 31, sentinels: 3, replicas: 2 });
    world.settle();
    const { sentinel } = world.sentinels[0]!;
    let ticks = 0;
    const tick = sentinel.tick.bind(sentinel);
    sentinel.tick = () => {
      ticks++;
      tick();
    };
    const ticksIn = (ms: number) => {
      ticks = 0;
      world.step(ms);
      return ticks;
    };
    const quiet = ticksIn(10_000);
    expect(quiet).toBeGreaterThan(20);
    expect(quiet).toBeLessThan(80);
    world.kill(world.servers[2]!);
    expect(ticksIn(10_000)).toBeGreaterThan(100);
  });

  test('replace a dead primary by the replica with most data, and make the old one follow it when it is back', () => {
    const world = new FakeDeployment({ seed: 2, sentinels: 3, replicas: 2 });
    world.servers[2]!.offset = 6000;
    world.settle();
    const [old, , best] = world.servers;
    const killedAt = world.clock.monotonic();
    world.kill(old!);
    expect(world.until(() => best!.follows === null, 10_000)).toBe(true);
    expect(world.clock.monotonic() - killedAt).toBeLessThan(2500);
    expect(best!.commands.slice(0, 6)).toEqual(['MULTI', 'SLAVEOF NO ONE', 'CONFIG REWRITE', 'EXEC']);
    expect(world.until(() => world.sentinels.every((node) => primaryOf(node).address.ip === best!.host))).toBe(true);
    expect(world.until(() => world.servers[1]!.follows === best)).toBe(true);
    expect(allAgree(world)).toBe(true);
    expect(world.seen('+elected-leader')).toHaveLength(1);
    old!.isUp = true;
    expect(world.until(() => old!.follows === best, 60_000)).toBe(true);
    expect(world.seen('+convert-to-slave').length).toBeGreaterThan(0);
    expect(world.seen('+switch-master')).toHaveLength(3);
  });

  test('count a primary that hangs up as down so long after it did, and need no tick more than that', () => {
    for (let seed = 100; seed < 120; seed++) {
      const world = new FakeDeployment({ seed, sentinels: 3, replicas: 2 });
      world.settle();
      world.step(seed * 7);
      const killedAt = world.clock.monotonic();
      world.kill(world.servers[0]!);
      expect(world.until(() => world.seen('+promoted-slave').length > 0, 10_000)).toBe(true);
      expect(world.seen('+promoted-slave')[0]!.atMs - killedAt).toBeLessThan(1000 + 2 * 100 + 50);
    }
  });

  test('leave alone a primary that hangs up and is back in time', () => {
    const world = new FakeDeployment({ seed: 30, sentinels: 3, replicas: 2 });
    world.settle();
    for (let round = 0; round < 10; round++) {
      world.kill(world.servers[0]!);
      world.step(600);
      world.servers[0]!.isUp = true;
      world.step(3000 + round * 37);
    }
    expect(world.seen('+odown')).toEqual([]);
  });

  test('tell their subscribers the steps of a failover in Redis’ order', () => {
    const world = new FakeDeployment({ seed: 3, sentinels: 3, replicas: 2 });
    world.settle();
    world.kill(world.servers[0]!);
    world.until(() => world.sentinels.every((node) => primaryOf(node).address.ip !== world.servers[0]!.host));
    const leader = world.seen('+elected-leader')[0]!.node;
    const channels = world.events.filter(({ node }) => node === leader).map(({ channel }) => channel);
    expect(channels.slice(channels.indexOf('+sdown')).filter((channel) => !/role-change/.test(channel))).toEqual([
      '+sdown', '+odown', '+new-epoch', '+try-failover', '+vote-for-leader', '+elected-leader', '+failover-state-select-slave', '+selected-slave',
      '+failover-state-send-slaveof-noone', '+failover-state-wait-promotion', '+promoted-slave', '+failover-state-reconf-slaves', '+slave-reconf-sent',
      '+slave-reconf-inprog', '+slave-reconf-done', '+failover-end', '+switch-master', '+slave', '+slave',
    ]);
  });

  test('do nothing while too few of them see it down', () => {
    const world = new FakeDeployment({ seed: 4, sentinels: 3, replicas: 1 });
    world.settle();
    for (const way of [`${world.sentinels[0]!.host}>10.0.1.0`, `10.0.1.0>${world.sentinels[0]!.host}`]) world.blocked.add(way);
    expect(world.until(() => world.seen('+sdown').length > 0)).toBe(true);
    world.step(20_000);
    expect(world.seen('+odown')).toEqual([]);
    expect(world.servers[1]!.follows).toBe(world.servers[0]);
  });

  test('without the majority of Sentinels nobody is elected, and the attempt is given up', () => {
    const world = new FakeDeployment({ seed: 5, sentinels: 3, replicas: 1, quorum: 1 });
    world.settle();
    world.sentinels[1]!.stop();
    world.sentinels[2]!.stop();
    world.kill(world.servers[0]!);
    expect(world.until(() => world.seen('-failover-abort-not-elected').length > 0)).toBe(true);
    expect(world.seen('+elected-leader')).toEqual([]);
  });

  test('an empty replica waits for the one with the data, unless Redis’ behaviour is asked for', () => {
    for (const limit of [undefined, -1]) {
      const world = new FakeDeployment({ seed: 6, sentinels: 3, replicas: 1, failoverTimeoutMs: 2000 });
      world.servers[1]!.offset = 0;
      world.settle();
      if (limit !== undefined) for (const node of world.sentinels) primaryOf(node).promoteLagBytesMax = limit;
      world.kill(world.servers[0]!);
      if (limit === undefined) {
        expect(world.until(() => world.seen('-failover-abort-no-good-slave').length > 0)).toBe(true);
        expect(world.servers[1]!.follows).not.toBeNull();
      } else expect(world.until(() => world.servers[1]!.follows === null)).toBe(true);
    }
  });

  test('a Sentinel that was stopped for long only looks for a while', () => {
    const world = new FakeDeployment({ seed: 7, sentinels: 1, replicas: 1, quorum: 1 });
    world.settle();
    world.clock.jumpWall(5000);
    expect(world.until(() => world.seen('+tilt').length === 1, 1000)).toBe(true);
    world.kill(world.servers[0]!);
    world.step(25_000);
    expect(world.seen('+sdown')).toEqual([]);
    expect(world.until(() => world.seen('+promoted-slave').length === 1, 15_000)).toBe(true);
  });

  test('a leader that dies after its election is replaced in a later epoch', () => {
    const world = new FakeDeployment({ seed: 8, sentinels: 3, replicas: 2, failoverTimeoutMs: 3000 });
    world.settle();
    for (const { sentinel } of world.sentinels) sentinel.crashesAfterElection = true;
    world.kill(world.servers[0]!);
    expect(world.until(() => world.sentinels.some(({ isUp }) => !isUp))).toBe(true);
    for (const { sentinel } of world.sentinels) sentinel.crashesAfterElection = false;
    expect(world.until(() => world.servers.slice(1).some(({ follows }) => follows === null), 60_000)).toBe(true);
    expect(doubleLeaders(world)).toEqual([]);
  });
});

test('a primary that still answers follows its successor at once', () => {
  const world = new FakeDeployment({ seed: 11, sentinels: 3, replicas: 2 });
  world.settle();
  const [old] = world.servers;
  const leader = world.sentinels[1]!;
  const askedAt = world.clock.monotonic();
  orderFailover(leader.sentinel, primaryOf(leader));
  expect(world.until(() => old!.follows !== null, 1000)).toBe(true);
  // As long as the messages take: no tick is waited for.
  expect(world.seen('+promoted-slave')[0]!.atMs - askedAt).toBeLessThan(20);
  expect(world.servers.filter((server) => server.follows === null)).toEqual([old!.follows]);
  expect(world.until(() => world.sentinels.every((node) => primaryOf(node).address.ip === old!.follows!.host), 5000)).toBe(true);
  world.step(20_000);
  expect(world.servers.filter((server) => server.follows === null)).toHaveLength(1);
  expect(world.seen('+convert-to-slave')).toEqual([]);
});

describe('votes', () => {
  test('a vote is on disk before it is told, and holds after a crash', () => {
    const world = new FakeDeployment({ seed: 9, sentinels: 3, replicas: 1 });
    world.settle();
    const node = world.sentinels[0]!;
    const ask = (epoch: string, id: string) => node.answer(undefined as never, ['SENTINEL', 'is-master-down-by-addr', '10.0.1.0', '6379', epoch, id]);
    node.canWrite = false;
    expect(ask('7', 'b'.repeat(40))).toMatchObject({ items: [{}, { text: '*' }, {}] });
    node.canWrite = true;
    expect(ask('8', 'b'.repeat(40))).toMatchObject({ items: [{}, { text: 'b'.repeat(40) }, { value: 8 }] });
    node.stop();
    node.restart();
    expect(ask('8', 'c'.repeat(40))).toMatchObject({ items: [{}, { text: '*' }, { value: 8 }] });
    expect(ask('9', 'c'.repeat(40))).toMatchObject({ items: [{}, { text: 'c'.repeat(40) }, { value: 9 }] });
  });

  /** Primaries die and come back, Sentinels crash and start again, all messages are late. */
  function play(seed: number, forgetsVotes: boolean): FakeDeployment {
    const world = new FakeDeployment({ seed, sentinels: 5, replicas: 2, delayMsMax: 400, failoverTimeoutMs: 2000, forgetsVotes });
    world.until(() => world.sentinels.every((node) => primaryOf(node).peers.size === 4 && primaryOf(node).replicas.size === 2));
    for (let round = 0; round < 3; round++) {
      const dead = world.at(primaryOf(world.sentinels[0]!).address.ip) as FakeDeployment['servers'][number];
      world.kill(dead);
      world.step(700 + (seed % 7) * 100);
      const crashed = world.sentinels[(seed + round) % 5]!;
      crashed.stop();
      world.step(300);
      crashed.restart();
      world.until(() => world.servers.some((server) => server.isUp && server.follows === null), 30_000);
      dead.isUp = true;
      world.step(2000);
    }
    return world;
  }

  test('never elect two leaders in one epoch, however messages are delayed and Sentinels crash', () => {
    let elections = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const world = play(seed, false);
      elections += world.seen('+elected-leader').length;
      expect([seed, doubleLeaders(world)]).toEqual([seed, []]);
    }
    expect(elections).toBeGreaterThan(60);
  });

  test('the property sees Sentinels that vote twice', () => {
    const caught = Array.from({ length: 40 }, (_, at) => at + 1).some((seed) => doubleLeaders(play(seed, true)).length > 0);
    expect(caught).toBe(true);
  });
});

test('a primary that took over is asked at once, however short ago its predecessor was tried', () => {
  const world = new FakeDeployment({ seed: 10, sentinels: 3, replicas: 2 });
  world.settle();
  const [node, other] = world.sentinels;
  const { link } = primaryOf(node!);
  link.triedAt = node!.sentinel.now();
  receiveHello(node!.sentinel, `10.0.2.1,26379,${other!.sentinel.id},5,main,10.0.1.1,6379,5`);
  expect([primaryOf(node!).address.ip, link.isDisconnected]).toEqual(['10.0.1.1', true]);
  world.step(200);
  expect(link.isDisconnected).toBe(false);
});
