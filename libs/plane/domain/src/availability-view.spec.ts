import { forecastHandover, memberSeenOf, type Availability, type StoreSeen } from './index';

it('forecasts whom the Sentinels would choose: of those that hear the primary the one that has most, then the smallest run id', () => {
  const replica = (name: string, change: Partial<StoreSeen>): StoreSeen => ({ name, role: 'REPLICA', isLinkUp: true, lagBytes: 0, lagSeconds: 1, runId: name, ...change });
  const stores = [replica('b', { lagBytes: 90 }), replica('c', { lagBytes: 10, runId: 'z' }), replica('d', { lagBytes: 10, runId: 'y' }), replica('e', { isLinkUp: false })];
  expect(forecastHandover('FAILOVER', { stores })).toMatchObject({ candidate: 'd', lostBytes: 10, lostSeconds: 1 });
  expect(forecastHandover('SWITCHOVER', { stores })).toMatchObject({ candidate: 'd', lostBytes: 0, lostSeconds: 0 });
  expect(forecastHandover('SWITCHOVER', { stores: [replica('b', { isLinkUp: false })] })).toMatchObject({ candidate: null, lostBytes: null });
});

it('shows of a member what its role has, also where an older release wrote the status', () => {
  const old: Availability = { at: '', primary: 'a', configEpoch: 2, sentinelsUp: 1, givenUpId: null, stores: [
    { name: 'a', role: 'PRIMARY', isLinkUp: false, lagBytes: null }, { name: 'b', role: 'UNKNOWN', isLinkUp: false, lagBytes: null }] };
  expect(memberSeenOf('a', old)).toMatchObject({ isAnswering: true, isLinkUp: null, offset: null, follows: null });
  expect(memberSeenOf('b', old)).toMatchObject({ isAnswering: false, isLinkUp: null });
  expect(memberSeenOf('sentinel-1', old).isAnswering).toBe(null);
  const seen = { ...old, sentinels: [{ name: 'sentinel-1', configEpoch: 2, primary: 'a' }] };
  expect(memberSeenOf('sentinel-1', seen)).toMatchObject({ isAnswering: true, configEpoch: 2, follows: 'a' });
  expect(memberSeenOf('sentinel-2', seen)).toMatchObject({ isAnswering: false, configEpoch: null });
  expect(memberSeenOf('gate', seen).isAnswering).toBe(null);
});
