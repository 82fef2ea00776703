import { judgeChannel } from './channel-order.ts';
import type { Published } from './channel-order.ts';

const sent = (message: string, calledAt: number, returnedAt: number, receivers = 2): Published => ({ message, calledAt, returnedAt, receivers });

describe('a judge of channels', () => {
  const together = [sent('a', 0, 9), sent('b', 1, 8)];

  it('accepts either order of messages that were sent at once, if all see the same', () => {
    for (const order of [['a', 'b'], ['b', 'a']]) expect(judgeChannel(together, [order, order])).toEqual([]);
  });

  it('refuses subscribers who see different orders', () => {
    expect(judgeChannel(together, [['a', 'b'], ['b', 'a']])).toEqual([expect.stringMatching(/^subscriber 1 got b where subscriber 0 got a/)]);
  });

  it('refuses a message that comes before one that was answered earlier', () => {
    const order = ['b', 'a'];
    expect(judgeChannel([sent('a', 0, 1), sent('b', 2, 3)], [order, order]).join()).toMatch(/subscriber 0 got a after b/);
  });

  it('refuses what is lost, doubled or made up, and a wrong count of receivers', () => {
    expect(judgeChannel(together, [['a', 'b'], ['a']]).join()).toMatch(/subscriber 1 did not get b/);
    expect(judgeChannel(together, [['a', 'b', 'b'], ['a', 'b', 'b']]).join()).toMatch(/got a message twice/);
    expect(judgeChannel(together, [['a', 'b', 'x'], ['a', 'b', 'x']]).join()).toMatch(/got x, which nobody sent/);
    expect(judgeChannel([sent('a', 0, 1, 1)], [['a'], ['a']]).join()).toMatch(/told of 1 receivers, there were 2/);
  });
});
