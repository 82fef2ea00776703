import type { StoreSeen } from '@larder/plane-domain';
import { seenOf, type StoreView } from './decide-roles';
import { decideViewEvents, describeSentinels, describeStores, readDetails } from './describe-view';

const seen = (name: string, change: Partial<StoreSeen> = {}): StoreSeen => ({ name, role: 'REPLICA', isLinkUp: true, lagBytes: 0, follows: 'a', ...change });
const primary = seen('a', { role: 'PRIMARY', isLinkUp: false, follows: null });

test('a replica is told of with what its primary says of it', () => {
  const views: StoreView[] = [
    { name: 'a', port: 1, role: 'PRIMARY', followsPort: null, isLinkUp: false, offset: 900, details: readDetails('r1', new Map([['slave0', 'ip=::1,port=2,state=online,offset=880,lag=1']])) },
    { name: 'b', port: 2, role: 'REPLICA', followsPort: 1, isLinkUp: true, offset: 880, details: readDetails('r2', new Map()) },
    { name: 'c', port: 3, role: 'REPLICA', followsPort: 1, isLinkUp: false, offset: 100, details: readDetails('r3', new Map([['master_link_down_since_seconds', '7'], ['master_sync_in_progress', '1']])) },
    { name: 'd', port: 4, role: null, followsPort: null, isLinkUp: false, offset: null },
  ];
  const [, b, c, d] = describeStores(seenOf(views, 'a'), views, 'a');
  expect(b).toMatchObject({ follows: 'a', lagBytes: 20, lagSeconds: 1, linkDownSeconds: null, offset: 880, runId: 'r2', isSyncing: false });
  expect(c).toMatchObject({ follows: 'a', isLinkUp: false, lagSeconds: null, linkDownSeconds: 7, isSyncing: true });
  expect(d).toEqual({ name: 'd', role: 'UNKNOWN', isLinkUp: false, lagBytes: null });
  const sentinel = { name: 'sentinel-1', primaryPort: 1, configEpoch: 4, isFailingOver: false, isPrimaryDown: false, downAfterMs: 1, othersCount: 2, replicaPorts: [] };
  expect(describeSentinels([sentinel], views)).toEqual([{ name: 'sentinel-1', configEpoch: 4, primary: 'a' }]);
});

test('what happened between two looks is told once, with why', () => {
  const lost = seen('a', { role: 'UNKNOWN', isLinkUp: false });
  const cut = seen('b', { isLinkUp: false });
  const told = (before: StoreSeen[], now: StoreSeen[]): string[] => decideViewEvents({ primary: 'a', stores: before }, { primary: 'a', stores: now }).map(({ reason, message }) => `${reason}: ${message}`);
  expect(told([primary, seen('b')], [primary, seen('b')])).toEqual([]);
  expect(told([primary, seen('b')], [lost, cut])).toEqual(['StoreLost: Store a, the primary, does not answer.', 'LinkDown: Store b does not hear its primary: store a does not answer.']);
  expect(told([primary, seen('b')], [primary, cut])).toEqual(['LinkDown: Store b does not hear its primary: the link between them is cut.']);
  expect(told([primary, cut], [primary, seen('b')])).toEqual(['LinkUp: Store b hears store a.']);
  expect(told([lost, cut], [primary, cut])).toEqual(['StoreBack: Store a answers.']);
  // One that was never seen has not been lost.
  expect(told([primary], [primary, seen('c', { role: 'UNKNOWN' })])).toEqual([]);
  expect(decideViewEvents(null, { primary: 'a', stores: [lost] })).toEqual([]);
});

test('Sentinels are lost and come back by name; an older release named none', () => {
  const stores = [primary];
  const sentinels = ['sentinel-1', 'sentinel-2', 'sentinel-3'].map((name) => ({ name, configEpoch: 1, primary: 'a' }));
  const reasons = (before: typeof sentinels | undefined, now: typeof sentinels): string[] =>
    decideViewEvents({ primary: 'a', stores, ...(before ? { sentinels: before } : {}) }, { primary: 'a', stores, sentinels: now }).map(({ message }) => message);
  expect(reasons(sentinels, sentinels.slice(1))).toEqual(['sentinel-1 does not answer; 2 Sentinels are left.']);
  expect(reasons(sentinels.slice(1), sentinels)).toEqual(['sentinel-1 answers.']);
  expect(reasons(undefined, sentinels)).toEqual([]);
});
