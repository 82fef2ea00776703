import { SteppedClock } from '@larder/shared-std/testing';
import { KeyedLoop, type KeyedLoopOptions } from './keyed-loop';

function loopOf(change: Partial<KeyedLoopOptions>): { loop: KeyedLoop; clock: SteppedClock } {
  const clock = new SteppedClock();
  const loop = new KeyedLoop({ clock, concurrency: 2, sweepMs: 1000, act: async () => null, sweep: async () => undefined, onSweepFault: (error) => { throw error; }, ...change });
  return { loop, clock };
}

/** Calls that wait until they are let go. */
function gate(): { act: (id: string) => Promise<null>; begun: string[]; letGo: () => void } {
  const begun: string[] = [];
  const held: (() => void)[] = [];
  return {
    begun,
    act: (id) => new Promise((resolve) => { begun.push(id); held.push(() => resolve(null)); }),
    letGo: () => held.shift()!(),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a loop over ids', () => {
  it('works on one id once at a time, and once more for all that asked meanwhile', async () => {
    const { act, begun, letGo } = gate();
    const { loop } = loopOf({ act });
    const first = loop.wake('a');
    await turn();
    const ended = [first, loop.wake('a'), loop.wake('a')];
    await turn();
    expect(begun).toEqual(['a']);
    letGo();
    await turn();
    expect(begun).toEqual(['a', 'a']);
    letGo();
    await Promise.all(ended);
    expect(loop.activeCount).toBe(0);
  });

  it('has no more in hand than there are seats, first come first served', async () => {
    const { act, begun, letGo } = gate();
    const { loop } = loopOf({ act });
    for (const id of ['a', 'b', 'c', 'd']) void loop.wake(id);
    await turn();
    expect(begun).toEqual(['a', 'b']);
    letGo();
    await turn();
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('calls again after the time that was answered, and a wake before that takes its place', async () => {
    let calls = 0;
    const { loop, clock } = loopOf({ act: async () => { calls += 1; return calls < 3 ? 500 : null; } });
    await loop.wake('a');
    expect(loop.isInHand('a')).toBe(true);
    clock.step(499);
    expect(calls).toBe(1);
    await loop.wake('a');
    clock.step(1);
    await turn();
    expect(calls).toBe(2);
    clock.step(499);
    await turn();
    expect([calls, loop.isInHand('a')]).toEqual([3, false]);
  });

  it('goes on sweeping after a sweep that failed, and sweeps no more once it is stopped', async () => {
    const faults: string[] = [];
    let sweeps = 0;
    const { loop, clock } = loopOf({
      sweep: async () => { if ((sweeps += 1) === 1) throw new Error('no database'); }, onSweepFault: (error) => faults.push((error as Error).message),
    });
    loop.start();
    await turn();
    expect([loop.hasSwept, faults]).toEqual([false, ['no database']]);
    clock.step(1000);
    await turn();
    expect([loop.hasSwept, sweeps]).toEqual([true, 2]);
    await loop.stop();
    clock.step(5000);
    await turn();
    expect(sweeps).toBe(2);
  });

  it('waits at its stop for what runs, takes nothing up after it, and arms no retry', async () => {
    const { act, begun, letGo } = gate();
    const { loop } = loopOf({ act: async (id) => { await act(id); return 5; } });
    void loop.wake('a');
    await turn();
    let isStopped = false;
    const stopping = loop.stop().then(() => { isStopped = true; });
    await turn();
    expect(isStopped).toBe(false);
    await loop.wake('b');
    letGo();
    await stopping;
    expect([begun, loop.isInHand('a')]).toEqual([['a'], false]);
  });
});
