import { layoutTopology, type Box, type Member } from './topology-layout';

const member = (name: string, role: Member['role'], change: Partial<Member> = {}): Member => ({
  name, role, port: 1, pid: 1, isRunning: true, isAnswering: true, isLinkUp: role === 'REPLICA' ? true : null, isSyncing: null, lagBytes: 0, lagSeconds: 0, linkDownSeconds: null,
  offset: 1, follows: role === 'REPLICA' ? 'a' : null, configEpoch: null, runId: null, startedAt: null, ...change,
});
const rest = [member('gate', 'GATE'), member('reads', 'GATE'), ...[1, 2, 3].map((number) => member(`sentinel-${number}`, 'SENTINEL'))];
const overlap = (left: Box, right: Box): boolean =>
  left.x < right.x + right.width && right.x < left.x + left.width && left.y < right.y + right.height && right.y < left.y + left.height;

test.each([320, 500, 759, 760, 980, 1600])('at %d px every member has a box within the width, and none lies over another', (width) => {
  for (let replicas = 0; replicas <= 5; replicas++) {
    const members = [member('a', 'PRIMARY'), ...[...'bcdef'].slice(0, replicas).map((name) => member(name, 'REPLICA')), ...rest];
    const { boxes, lines, height } = layoutTopology(members, 'a', width);
    expect(boxes.map((box) => box.member.name).sort()).toEqual(members.map(({ name }) => name).sort());
    for (const box of boxes) {
      expect(box.x >= 0 && box.x + box.width <= width + 0.01 && box.y + box.height <= height + 0.01).toBe(true);
      expect(boxes.filter((other) => other !== box && overlap(box, other))).toEqual([]);
    }
    expect(lines.filter(({ kind }) => kind === 'replication')).toHaveLength(replicas);
  }
});

test('a link is drawn from whom the replica follows; one that has lost its primary keeps its line, and reads do not lead to it', () => {
  const members = [member('a', 'UNKNOWN'), member('b', 'REPLICA'), member('c', 'REPLICA', { follows: 'b' }), member('d', 'REPLICA', { isLinkUp: false }), ...rest];
  const keys = layoutTopology(members, 'a', 1000).lines.map(({ key }) => key);
  expect(keys).toEqual(['route/gate/a', 'replication/a/b', 'replication/b/c', 'replication/a/d', 'route/reads/b', 'route/reads/c']);
});
