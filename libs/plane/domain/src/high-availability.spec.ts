import { backupSourceName, builtInPlans, draftInstance, memoryOf, plannedStepsOf, roleOf, wishedMembersOf, wishedStores, type Availability, type InstanceWish } from './index';

const seen = (primary: string, linked: readonly string[], all: readonly string[] = [primary, ...linked]): Availability => ({
  at: '', primary, configEpoch: 1, sentinelsUp: 3, givenUpId: null,
  stores: all.map((name) => ({ name, role: name === primary ? 'PRIMARY' : 'REPLICA', isLinkUp: linked.includes(name), lagBytes: name === primary ? null : name.charCodeAt(0) })),
});
const draft = (wish: Partial<InstanceWish>) => draftInstance({ name: 'cart', planId: 'small', ...wish }, builtInPlans);

describe('a wish for high availability', () => {
  it('has one replica unless told otherwise, five at most, and none where it stands alone', () => {
    const replicas = (wish: Partial<InstanceWish>): unknown => {
      const drafted = draft(wish);
      return drafted.ok ? drafted.value.replicas : drafted.error.message;
    };
    expect([replicas({}), replicas({ topology: 'HA' }), replicas({ topology: 'HA', replicas: 5 })]).toEqual([0, 1, 5]);
    expect(replicas({ topology: 'HA', replicas: 6 })).toBe('replicas: must be from 1 to 5');
    expect(replicas({ topology: 'HA', replicas: 0 })).toBe('replicas: must be from 1 to 5');
    expect(replicas({ replicas: 1 })).toBe('replicas: have no meaning with STANDALONE');
  });
  it('has Sentinels of its own unless told otherwise', () => {
    const sentinels = (wish: Partial<InstanceWish>): unknown => {
      const drafted = draft({ topology: 'HA', ...wish });
      return drafted.ok ? [drafted.value.sentinels, wishedMembersOf(drafted.value, [], null)] : drafted.error.message;
    };
    expect(sentinels({})).toEqual(['DEDICATED', ['a', 'b', 'sentinel-1', 'sentinel-2', 'sentinel-3', 'gate', 'reads']]);
    expect(sentinels({ sentinels: 'ORGANIZATION' })).toEqual(['ORGANIZATION', ['a', 'b', 'gate', 'reads']]);
  });
  it('may have its log archived', () => {
    expect(draft({ topology: 'HA', archive: { intervalSeconds: 60, retentionHours: 24 }, persistence: 'AOF' })).toMatchObject({ ok: true });
  });
  it('counts the memory of every store', () => {
    expect(memoryOf({ memoryBytes: 10 }, { replicas: 2 })).toBe(30);
  });
  it('is made in more steps than a standalone one', () => {
    expect(plannedStepsOf('CREATE_INSTANCE', 'HA').map(({ name }) => name)).toEqual(['storage', 'processes', 'settings', 'users', 'endpoint', 'replication', 'sentinels']);
  });
});

describe('the stores of an instance', () => {
  it('are named in order, and a name that is free again is given again', () => {
    expect(wishedStores(2, [], null)).toEqual(['a', 'b', 'c']);
    expect(wishedStores(2, ['a', 'c', 'gate', 'sentinel-1'], seen('c', ['a']))).toEqual(['c', 'a', 'b']);
  });
  it('shrink by who hears nobody, then by the last name, never by the primary', () => {
    expect(wishedStores(1, ['a', 'b', 'c'], seen('c', ['b'], ['a', 'b', 'c']))).toEqual(['c', 'b']);
    expect(wishedStores(1, ['a', 'b', 'c'], seen('c', ['a', 'b']))).toEqual(['c', 'a']);
  });
  it('are backed up from the replica that has most, and from the primary while there is none', () => {
    expect(backupSourceName(seen('b', ['a', 'c']))).toBe('a');
    expect(backupSourceName(seen('b', [], ['a', 'b']))).toBe('b');
    expect(backupSourceName(null)).toBeUndefined();
  });
  it('have the role that was seen', () => {
    expect(['a', 'b', 'x', 'sentinel-2', 'reads'].map((name) => roleOf(name, seen('b', ['a'])))).toEqual(['REPLICA', 'PRIMARY', 'UNKNOWN', 'SENTINEL', 'GATE']);
    expect(roleOf('a', null)).toBe('PRIMARY');
  });
});
