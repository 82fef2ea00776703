/** What can be seen of threads from one: two of them in turns, over the same shared memory. Real ones are the judge's matter. */
import { Arena } from '@larder/store-memory';
import { FIRST_KIND } from './mail';
import { BUSY, NOT_BUSY, Threads } from './threads';

function world(count = 2) {
  const arena = new Arena({ shards: 4, segments: 1, segmentBytes: 16 << 20 });
  const shared = Threads.reserve(count, 4);
  const threads = Array.from({ length: count }, (_, i) => new Threads(shared, i, new Arena(arena.share()), () => 0));
  return { arena, threads };
}

describe('mail', () => {
  it('comes in the order of posting, whoever posted', () => {
    const { threads, arena } = world(3);
    const read: string[] = [];
    threads[2]!.mail.on(FIRST_KIND, (bytes, off, length, from) => read.push(`${from}:${bytes.toString('latin1', off, off + length)}`));
    for (const word of ['a', 'b']) for (const t of [0, 1]) threads[t]!.mail.post(2, FIRST_KIND, Buffer.from(word));
    expect(threads[2]!.mail.hasMail).toBe(true);
    threads[2]!.mail.read();
    expect(read).toEqual(['0:a', '1:a', '0:b', '1:b']);
    expect(threads[2]!.mail.hasMail).toBe(false);
    expect(arena.used).toBe(0);
  });

  it('posts to several at once, itself in its place: after what was posted before', () => {
    const { threads } = world(3);
    const read: string[][] = [[], [], []];
    threads.forEach(({ mail }, i) => mail.on(FIRST_KIND, (bytes, off, length) => read[i]!.push(bytes.toString('latin1', off, off + length))));
    threads[0]!.mail.together(0b110, FIRST_KIND, Buffer.from('first'), () => undefined);
    threads[1]!.mail.together(0b111, FIRST_KIND, Buffer.from('second'), () => read[1]!.push('second'));
    threads[0]!.mail.read();
    threads[2]!.mail.read();
    expect(read).toEqual([['second'], ['first', 'second'], ['first', 'second']]);
  });

  it('keeps that order also for what a reader posts to itself while it reads', () => {
    const { threads } = world();
    const read: string[] = [];
    const { mail } = threads[1]!;
    mail.on(FIRST_KIND, (bytes, off, length) => {
      const word = bytes.toString('latin1', off, off + length);
      read.push(word);
      if (word === 'a') mail.together(0b10, FIRST_KIND, Buffer.from('c'), () => read.push('c'));
    });
    for (const word of ['a', 'b']) threads[0]!.mail.post(1, FIRST_KIND, Buffer.from(word));
    mail.read();
    mail.read();
    expect(read).toEqual(['a', 'b', 'c']);
  });

  it('does not ask a thread that does not read yet', () => {
    const { threads } = world();
    expect(threads[0]!.mail.ask(1, 'anything', null)).toBeUndefined();
  });
});

describe('the gate', () => {
  it('lets all in, and one alone when the others are out', () => {
    const { threads } = world();
    const [a, b] = threads.map(({ gate }) => gate);
    expect(a!.enter()).toBe(true);
    expect(b!.enter()).toBe(true);
    b!.leave();
    expect(a!.exclusive()).toBe(true);
    expect(a!.isAlone).toBe(true);
    expect(b!.isStopping).toBe(true);
    a!.endExclusive();
    expect(b!.isStopping).toBe(false);
    expect(b!.enter()).toBe(true);
  });

  it('keeps those out who find a busy script, and tells them so', () => {
    const { threads } = world();
    const [a, b] = threads;
    a!.gate.enter();
    a!.gate.exclusive();
    a!.setBusy(BUSY);
    expect(b!.gate.enter()).toBe(false);
    expect(b!.gate.isInside).toBe(false);
    a!.setBusy(NOT_BUSY);
    a!.gate.endExclusive();
    expect(b!.gate.enter()).toBe(true);
  });
});

describe('shard locks', () => {
  it('are given up by who waits when somebody wants to be alone, and all of them', () => {
    const { threads } = world();
    const [a, b] = threads;
    expect(a!.locks.take(0b1000)).toBe('held');
    a!.gate.enter();
    a!.gate.escalate(); // nobody else is inside
    expect(b!.locks.take(0b1011)).toBe('stop');
    expect(b!.locks.held).toBe(0);
    expect(a!.locks.take(0b0011)).toBe('held'); // b holds none of them any more
    a!.locks.give(0b1011);
    a!.gate.endExclusive();
    expect(b!.locks.take(0b1011)).toBe('held');
  });

  it('are kept by who had to wait for one: within a turn, and over turns of many units for a while', () => {
    const { threads } = world();
    const [a, b] = threads;
    const isFree = () => a!.locks.take(0b10) === 'held' && (a!.locks.give(0b10), true);
    a!.setBusy(BUSY); // nobody waits for long
    expect(a!.locks.take(0b10)).toBe('held');
    expect(b!.locks.take(0b10)).toBe('busy'); // b has seen the crowd
    a!.locks.give(0b10);
    const run = (units: number): void => {
      for (let unit = 0; unit < units; unit++) {
        expect(b!.locks.take(0b10)).toBe('held');
        b!.locks.release(0b10);
      }
    };
    run(3);
    expect([isFree(), b!.locks.held]).toEqual([false, 0]);
    expect(b!.locks.stays(1000)).toBe(false); // a short turn
    run(30);
    expect(b!.locks.stays(1000)).toBe(true);
    run(30);
    expect(b!.locks.stays(1000.5)).toBe(true);
    run(30);
    expect(b!.locks.stays(1005)).toBe(false); // long enough
    b!.locks.drop();
    expect(isFree()).toBe(true);
    run(1);
    expect(isFree()).toBe(true); // no crowd any more
  });
});
