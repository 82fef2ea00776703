import type { Availability } from '@larder/plane-domain';
import { decideReturn, decideRoles, seenOf, type SentinelView, type StoreView } from './decide-roles';

const primary = (name: string, port: number, offset = 100): StoreView => ({ name, port, role: 'PRIMARY', followsPort: null, isLinkUp: false, offset });
const replica = (name: string, port: number, followsPort: number, offset = 90): StoreView => ({ name, port, role: 'REPLICA', followsPort, isLinkUp: true, offset });
const gone = (name: string, port: number): StoreView => ({ name, port, role: null, followsPort: null, isLinkUp: false, offset: null });
const word = (primaryPort: number, configEpoch: number, more: Partial<SentinelView> = {}): SentinelView =>
  ({ name: 's', primaryPort, configEpoch, isFailingOver: false, isPrimaryDown: false, downAfterMs: 1000, othersCount: 2, replicaPorts: [], ...more });
const known = (name: string, configEpoch: number): Availability => ({ at: '', primary: name, configEpoch, stores: [], sentinelsUp: 3, givenUpId: null });

describe('who is primary', () => {
  it('is what the Sentinels say, the newest epoch before the others', () => {
    const stores = [gone('a', 1), primary('b', 2)];
    expect(decideRoles(stores, [word(1, 0), word(2, 1)], known('a', 0))).toMatchObject({ primary: 'b', configEpoch: 1, isPrimaryUp: true });
  });
  it('is not moved back by a Sentinel that has slept', () => {
    const stores = [primary('a', 1), primary('b', 2)];
    const roles = decideRoles(stores, [word(1, 3)], known('b', 5));
    expect(roles).toMatchObject({ primary: 'b', configEpoch: 5 });
    expect(roles.followers).toEqual([{ name: 'a', port: 2 }]);
  });
  it('is the first store where nobody has said anything yet', () => {
    expect(decideRoles([gone('b', 2), gone('a', 1)], [], null)).toMatchObject({ primary: 'a', configEpoch: 0, isPrimaryUp: false, followers: [] });
  });
});

describe('whom the others follow', () => {
  it('is changed for one that is its own primary or another one’s replica, and for nobody else', () => {
    const stores = [primary('a', 1), primary('b', 2), replica('c', 3, 1), replica('d', 4, 2), gone('e', 5)];
    expect(decideRoles(stores, [word(2, 1)], known('b', 1)).followers).toEqual([{ name: 'a', port: 2 }, { name: 'c', port: 2 }]);
  });
  it('is left alone while the Sentinels choose, and while the primary does not say that it is one', () => {
    const stores = [primary('a', 1), primary('b', 2)];
    expect(decideRoles(stores, [word(1, 1, { isFailingOver: true })], known('a', 1)).followers).toEqual([]);
    expect(decideRoles([replica('a', 1, 2), primary('b', 2)], [word(1, 1)], known('a', 1)).followers).toEqual([]);
    expect(decideRoles([gone('a', 1), primary('b', 2)], [word(1, 1)], known('a', 1)).followers).toEqual([]);
  });
});

it('nobody is told to follow while a Sentinel was not heard, or they contradict each other: it may have promoted somebody a moment ago', () => {
  const stores = [primary('a', 1), primary('b', 2)];
  expect(decideRoles(stores, [word(1, 1), word(1, 1)], known('a', 1), 3).followers).toEqual([]);
  expect(decideRoles(stores, [word(1, 1), word(1, 1), word(1, 1)], known('a', 1), 3).followers).toEqual([{ name: 'b', port: 1 }]);
  expect(decideRoles(stores, [word(1, 1), word(1, 1), word(2, 2)], known('a', 1), 3).followers).toEqual([]);
  // Before there are any it is what is known.
  expect(decideRoles(stores, [], known('a', 0), 0).followers).toEqual([{ name: 'b', port: 1 }]);
});

describe('a store that does not run', () => {
  const lost = { isPrimary: true, hasRun: true, othersRunning: 1, goneForMs: 0, patienceMs: 1000, isBehindAfterStart: false };
  it('waits for the Sentinels where it was primary and somebody else can be', () => {
    expect(decideReturn(lost)).toBe('wait');
    expect(decideReturn({ ...lost, goneForMs: 1001 })).toBe('as-primary');
    expect(decideReturn({ ...lost, goneForMs: 1001, isBehindAfterStart: true })).toBe('wait');
    expect(decideReturn({ ...lost, goneForMs: 4001, isBehindAfterStart: true })).toBe('as-primary');
  });
  it('starts as what it is otherwise', () => {
    expect(decideReturn({ ...lost, isPrimary: false })).toBe('as-replica');
    expect(decideReturn({ ...lost, othersRunning: 0 })).toBe('as-primary');
    expect(decideReturn({ ...lost, hasRun: false })).toBe('as-primary');
  });
});

it('lag is told of replicas alone, and of none while the primary does not answer', () => {
  expect(seenOf([primary('a', 1), replica('b', 2, 1)], 'a')).toEqual([
    { name: 'a', role: 'PRIMARY', isLinkUp: false, lagBytes: null }, { name: 'b', role: 'REPLICA', isLinkUp: true, lagBytes: 10 },
  ]);
  expect(seenOf([gone('a', 1), replica('b', 2, 1)], 'a')[1]).toMatchObject({ lagBytes: null });
});
