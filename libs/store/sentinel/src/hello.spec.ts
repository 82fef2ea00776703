import { receiveHello } from './hello';
import type { Primary } from './instance';
import { RecordingHands } from './testing/recording-hands';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

function world() {
  const hands = new RecordingHands();
  const sentinel = hands.sentinel();
  sentinel.id = 'f'.repeat(40);
  const primary = sentinel.addPrimary('main', '10.0.0.1', 6379, 2) as Primary;
  const other = sentinel.addPrimary('other', '10.0.0.5', 6379, 2) as Primary;
  const hear = (host: string, port: number, id: string, rest = '0,main,10.0.0.1,6379,0') => receiveHello(sentinel, `${host},${port},${id},${rest}`);
  return { hands, sentinel, primary, other, hear };
}

const eventNames = (hands: RecordingHands) => hands.events.map((event) => event.split(' ')[0]);

test('a Sentinel is met once, and its link is shared by all primaries', () => {
  const { hands, primary, other, hear } = world();
  hear('10.1.0.1', 26379, A);
  hear('10.1.0.1', 26379, A);
  hear('10.1.0.1', 26379, A, '0,other,10.0.0.5,6379,0');
  expect(hands.events).toEqual([`+sentinel sentinel ${A} 10.1.0.1 26379 @ main 10.0.0.1 6379`, `+sentinel sentinel ${A} 10.1.0.1 26379 @ other 10.0.0.5 6379`]);
  expect(primary.peers.get(A)!.link).toBe(other.peers.get(A)!.link);
  expect(primary.peers.get(A)!.link.refCount).toBe(2);
});

test('one that moved is moved for all primaries, and one whose address another has is forgotten', () => {
  const { hands, primary, other, hear } = world();
  hear('10.1.0.1', 26379, A);
  hear('10.1.0.1', 26379, A, '0,other,10.0.0.5,6379,0');
  hear('10.1.0.2', 26380, A);
  expect(other.peers.get(A)!.address).toMatchObject({ ip: '10.1.0.2', port: 26380 });
  hear('10.1.0.2', 26380, B);
  expect([[...primary.peers.keys()], [...other.peers.keys()]]).toEqual([[B], []]);
  expect(eventNames(hands)).toEqual(['+sentinel', '+sentinel', '+sentinel-address-switch', '+sentinel-address-update', '+sentinel-invalid-addr', '+sentinel']);
});

test('a newer configuration is taken over, an older one is not', () => {
  const { hands, primary, hear } = world();
  hear('10.1.0.1', 26379, A, '3,main,10.0.0.2,6379,3');
  expect([primary.address.ip, primary.configEpoch, [...primary.replicas.keys()]]).toEqual(['10.0.0.2', 3, ['10.0.0.1:6379']]);
  expect(eventNames(hands)).toEqual(['+sentinel', '+new-epoch', '+config-update-from', '+switch-master', '+slave']);
  hear('10.1.0.1', 26379, A, '3,main,10.0.0.1,6379,2');
  expect(primary.address.ip).toBe('10.0.0.2');
});

test('its own hellos, those about others’ primaries and what is no hello change nothing', () => {
  const { hands, sentinel } = world();
  for (const text of [`10.1.0.1,26379,${'f'.repeat(40)},9,main,10.0.0.1,6379,9`, `10.1.0.1,26379,${A},9,unknown,10.0.0.1,6379,9`, 'hello', '', `,,,,,,,`, `h,1,${A},99999999999999999999,main,10.0.0.1,6379,0`, `h,1,${A},${Number.MAX_SAFE_INTEGER},main,10.0.0.1,6379,0`]) receiveHello(sentinel, text);
  expect([hands.events, sentinel.currentEpoch]).toEqual([[], 0]);
});
