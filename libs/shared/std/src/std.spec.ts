import { parseBytes, formatBytes, uuidV7 } from './index';
import { SteppedClock, seededRandom } from './testing';

describe('stepped clock', () => {
  it('fires timers in order of their time, then of their setting, and shows their time meanwhile', () => {
    const clock = new SteppedClock(1000);
    const seen: string[] = [];
    clock.setTimer(20, () => seen.push(`b@${clock.now()}`));
    clock.setTimer(10, () => {
      seen.push(`a@${clock.now()}`);
      clock.setTimer(10, () => seen.push(`c@${clock.now()}`));
    });
    clock.setTimer(5, () => seen.push('never')).cancel();
    clock.step(25);
    expect(seen).toEqual(['a@1010', 'b@1020', 'c@1020']);
    expect(clock.now()).toBe(1025);
    expect(clock.armedCount).toBe(0);
  });

  it('lets promises settle between timers when stepped asynchronously', async () => {
    const clock = new SteppedClock();
    let rounds = 0;
    const loop = async (): Promise<void> => {
      while (rounds < 3) {
        await new Promise<void>((wake) => void clock.setTimer(100, wake));
        rounds += 1;
      }
    };
    const done = loop();
    await clock.stepAsync(300);
    expect(rounds).toBe(3);
    await done;
  });
});

describe('ids', () => {
  it('are version 7 and strictly increasing, also when the wall clock steps back', () => {
    const clock = new SteppedClock();
    const ids = uuidV7(clock, seededRandom(7));
    const made: string[] = [];
    for (let round = 0; round < 5000; round += 1) made.push(ids.next());
    clock.jumpWall(-60_000);
    made.push(ids.next());
    clock.step(120_000);
    made.push(ids.next());
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
    for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('units', () => {
  it('reads sizes as redis.conf spells them', () => {
    expect(['100', '1k', '1kb', '2MB', '1gb', '1x', '', '-1'].map(parseBytes)).toEqual(
      [100, 1000, 1024, 2_097_152, 1_073_741_824, undefined, undefined, undefined]);
    expect(formatBytes(1536 * 1024)).toBe('1.5 MiB');
  });
});
