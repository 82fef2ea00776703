import type { Instance } from '@/data/instance/instance-query';
import { deedWords, lagWords } from './words';

const format = (bytes: number): string => `${bytes} B`;
const member = (change: object): Instance['members'][number] =>
  ({ name: 'b', role: 'REPLICA', port: 1, pid: 1, isRunning: true, isLinkUp: true, lagBytes: 0, runId: null, startedAt: null, ...change });

test('a replica says whether it is linked and how far behind', () => {
  expect(lagWords(member({}), format)).toBe('linked, has everything');
  expect(lagWords(member({ lagBytes: 12 }), format)).toBe('linked, 12 B behind');
  expect(lagWords(member({ isLinkUp: false }), format)).toBe('does not hear its primary');
  expect(lagWords(member({ role: 'SENTINEL', isLinkUp: null }), format)).toBe('–');
});

test('a failover names what it would cost now', () => {
  const cost = (members: Instance['members']): string => deedWords.failover.cost({ members } as unknown as Instance, format);
  expect(cost([member({ lagBytes: 30 }), member({ lagBytes: 20 }), member({ isLinkUp: false, lagBytes: 0 })])).toContain('20 B when it was last looked at');
  expect(cost([member({})])).toContain('Writes of the last moment may be lost.');
});
