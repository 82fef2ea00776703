import { mayChooseAtOnce } from './decide-death';
import type { StoreSeen } from '@larder/plane-domain';
import type { SentinelView, StoreView } from './decide-roles';

const seen = (name: string, isLinkUp = true): StoreSeen => ({ name, role: 'REPLICA', isLinkUp, lagBytes: 0 });
const death = { primary: { name: 'a', port: 1 }, goneForMs: 20, downAfterMs: 1000, sentinelsTotal: 3, before: [seen('b'), seen('c')] };
const dead: StoreView = { name: 'a', port: 1, role: null, followsPort: null, isLinkUp: false, offset: null };
const replica = (name: string, change: Partial<StoreView> = {}): StoreView => ({ name, port: name.charCodeAt(0) - 96, role: 'REPLICA', followsPort: 1, isLinkUp: false, offset: 9, ...change });
const sentinel = (change: Partial<SentinelView> = {}): SentinelView => ({
  name: 's', primaryPort: 1, configEpoch: 3, isFailingOver: false, isPrimaryDown: false, downAfterMs: 1000, othersCount: 2, replicaPorts: [2], ...change,
});
const three = (change: Partial<SentinelView> = {}): SentinelView[] => [sentinel(), sentinel(change), sentinel()];

it('the Sentinels may choose at once where every replica has read the dead primary to its end and they all stand for it still', () => {
  expect(mayChooseAtOnce(death, [dead, replica('b'), replica('c')], three())).toBe(true);
});

it.each<[why: string, change: Partial<typeof death>, stores: StoreView[], sentinels: SentinelView[]]>([
  ['a replica may still have something to read', {}, [dead, replica('b'), replica('c', { isLinkUp: true })], three()],
  ['a replica does not answer, and may have most', {}, [dead, replica('b'), replica('c', { role: null, followsPort: null })], three()],
  ['a replica did not hear the primary before', { before: [seen('b'), seen('c', false)] }, [dead, replica('b'), replica('c')], three()],
  ['a replica was not there before', { before: [seen('b')] }, [dead, replica('b'), replica('c')], three()],
  ['a replica followed somebody else', {}, [dead, replica('b', { followsPort: 9 })], three()],
  ['somebody is primary already', {}, [dead, replica('b', { role: 'PRIMARY', followsPort: null })], three()],
  ['there is no replica', {}, [dead], three()],
  ['a Sentinel was not heard', {}, [dead, replica('b')], three().slice(1)],
  ['a Sentinel stands for another', {}, [dead, replica('b')], three({ primaryPort: 2 })],
  ['a Sentinel is at it', {}, [dead, replica('b')], three({ isFailingOver: true })],
  ['a Sentinel doubts the primary by itself and may be at it in a moment', {}, [dead, replica('b')], three({ isPrimaryDown: true })],
  ['they have had their time', { goneForMs: 1000 }, [dead, replica('b')], three()],
])('they are left alone where %s', (_, change, stores, sentinels) => {
  expect(mayChooseAtOnce({ ...death, ...change }, stores, sentinels)).toBe(false);
});
