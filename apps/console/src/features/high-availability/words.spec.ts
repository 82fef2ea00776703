import type { Instance } from '@/data/instance/instance-query';
import { faceOf, forecastRows, lagWords, type Forecast } from './words';

type Member = Instance['members'][number];
const member = (change: Partial<Member>): Member => ({
  name: 'b', role: 'REPLICA', port: 1, pid: 1, isRunning: true, isAnswering: true, isLinkUp: true, isSyncing: false, lagBytes: 0, lagSeconds: 0, linkDownSeconds: null, offset: 5,
  follows: 'a', configEpoch: null, runId: null, startedAt: null, ...change,
});
const words = (change: Partial<Member>): string => faceOf(member(change), 'a')[1];

test('a member says how it stands: the process first, then the answer, then the link', () => {
  expect(words({})).toBe('Linked');
  expect(words({ isRunning: false, isAnswering: false })).toBe('Not running');
  expect(words({ role: 'UNKNOWN', isAnswering: false })).toBe('Does not answer');
  expect(words({ isLinkUp: false, linkDownSeconds: 42 })).toBe('Not linked for 42 s');
  expect(words({ isLinkUp: false, linkDownSeconds: 61 })).toBe('Not linked for 1 min 1 s');
  expect(words({ isLinkUp: false, isSyncing: true })).toBe('Copies everything');
  expect(words({ name: 'sentinel-1', role: 'SENTINEL', follows: 'a', configEpoch: 3 })).toBe('Sees a, epoch 3');
  expect(words({ name: 'sentinel-1', role: 'SENTINEL', follows: 'b' })).toBe('Still sees b');
});

test('lag is told in bytes and seconds of a linked replica alone', () => {
  expect(lagWords(member({ lagBytes: 12, lagSeconds: 1 }))).toBe('12 B, 1 s behind');
  expect(lagWords(member({ lagBytes: 12, lagSeconds: null }))).toBe('12 B behind');
  expect(lagWords(member({ isLinkUp: false }))).toBe(undefined);
});

test('a change of primary names whom it would choose, for how long writes stand still, and what is lost', () => {
  const forecast: Forecast = { mode: 'FAILOVER', candidate: 'c', lostBytes: 2048, lostSeconds: 1, pauseMs: 200 };
  const values = (change: Partial<Forecast>): string[] => forecastRows({ ...forecast, ...change }).map(([, value]) => value);
  expect(values({})).toEqual(['Store c', 'about 200 ms', '2 KiB of writes, those of the last 1 s']);
  expect(values({ lostBytes: 0, lostSeconds: 0 })[2]).toBe('Writes of the last moment at most');
  expect(values({ mode: 'SWITCHOVER', lostBytes: 0, lostSeconds: 0 })[2]).toBe('Nothing');
  expect(values({ candidate: null, lostBytes: null })[0]).toBe('None: no replica hears the primary');
});
