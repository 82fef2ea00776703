import { Arena } from '@larder/store-memory';
import { Dice } from './dice.testing';
import { StreamLog } from './stream-log';
import { StreamId } from './stream-id';

interface Pending {
  owner: string;
  time: number;
  count: number;
}

const utf8 = (text: string): Buffer => Buffer.from(text, 'latin1');

function idOf(ms: bigint, seq: bigint): StreamId {
  const word = (n: bigint): number => Number(BigInt.asIntN(32, n));
  return new StreamId().set(word(ms >> 32n), word(ms), word(seq >> 32n), word(seq));
}

/** Ids as numbers that order as they do. */
function orderOf(text: string): bigint {
  const [ms, seq] = text.split('-').map(BigInt);
  return (ms! << 64n) | seq!;
}

/** What a group holds, told in full. */
function tell(stream: StreamLog): string {
  const { groups } = stream;
  const id = new StreamId();
  const lines: string[] = [];
  const entries = (ofConsumer: boolean): string => {
    const out: string[] = [];
    for (let found = groups.seekPending(new StreamId(), ofConsumer); found; found = groups.nextPending()) {
      out.push(`${groups.pendingId(id).text()}@${groups.deliveredLo}x${groups.deliveriesLo}`);
    }
    return out.join(' ');
  };
  for (let i = 0; i < groups.count; i++) {
    groups.open(i);
    lines.push(`${groups.nameU8.toString('latin1', groups.nameOffset, groups.nameOffset + groups.nameLength)}: ${groups.pendingCount} ${entries(false)}`);
    for (let k = 0; k < groups.consumerCount; k++) {
      groups.openConsumer(k);
      const name = groups.consumerU8.toString('latin1', groups.consumerOffset, groups.consumerOffset + groups.consumerLength);
      lines.push(`  ${name}: ${groups.consumerPendingCount} ${entries(true)}`);
    }
  }
  return lines.join('\n');
}

function tellModel(model: Map<string, Map<string, Pending>>, consumers: readonly string[]): string {
  const lines: string[] = [];
  for (const name of [...model.keys()].sort()) {
    const sorted = [...model.get(name)!].sort(([a], [b]) => (orderOf(a) < orderOf(b) ? -1 : 1));
    const text = (list: [string, Pending][]): string => list.map(([id, { time, count }]) => `${id}@${time}x${count}`).join(' ');
    lines.push(`${name}: ${sorted.length} ${text(sorted)}`);
    for (const consumer of consumers) {
      const own = sorted.filter(([, { owner }]) => owner === consumer);
      lines.push(`  ${consumer}: ${own.length} ${text(own)}`);
    }
  }
  return lines.join('\n');
}

describe('consumer groups', () => {
  const HUGE = [0xffffffffffffffffn, 9007199254740993n, 9007199254740992n, 9007199254740991n, 1n << 63n];

  it.each([1, 2, 3])('hold what a model holds, in the order of ids, and give all memory back (seed %i)', (seed) => {
    const arena = new Arena({ shards: 2, segments: 1, segmentBytes: 64 << 20 });
    const before = arena.used;
    const stream = new StreamLog(arena);
    stream.create(1);
    const { groups } = stream;
    const dice = new Dice(seed);
    const names = ['b', 'a', 'ab', ''];
    const consumers = ['y', 'x'];
    const model = new Map<string, Map<string, Pending>>();
    for (const name of names) {
      groups.create(utf8(name), 0, name.length, new StreamId(), -1, -1);
      for (const consumer of consumers) groups.createConsumer(utf8(consumer), 0, 1, 0, 0);
      model.set(name, new Map());
    }
    const range = seed === 1 ? 40 : 4000;
    for (let step = 0; step < 5000; step++) {
      const name = dice.pick(names);
      const consumer = dice.pick(consumers);
      const own = model.get(name)!;
      expect(groups.find(utf8(name), 0, name.length)).toBe(true);
      expect(groups.findConsumer(utf8(consumer), 0, 1)).toBe(true);
      const id = idOf(dice.below(20) === 0 ? dice.pick(HUGE) : BigInt(dice.below(range)), BigInt(dice.below(3)) << BigInt(dice.below(2) * 40));
      const text = id.text();
      const known = own.get(text);
      expect(groups.findPending(id)).toBe(known !== undefined);
      if (known === undefined) {
        if (dice.below(step < 3500 ? 8 : 2) === 0) continue;
        groups.addPending(id, 0, step, 0, 1);
        own.set(text, { owner: consumer, time: step, count: 1 });
      } else if (dice.below(3) > 0) {
        groups.adopt();
        groups.setDelivered(0, step);
        groups.countDelivery();
        own.set(text, { owner: consumer, time: step, count: known.count + 1 });
      } else {
        groups.removePending();
        own.delete(text);
      }
    }
    expect(tell(stream)).toBe(tellModel(model, [...consumers].sort()));
    const copy = new StreamLog(arena);
    stream.copyTo(copy, 0);
    expect(tell(copy)).toBe(tell(stream));
    expect(copy.bytes()).toBeGreaterThan(1000);
    copy.dispose();
    groups.find(utf8('a'), 0, 1);
    groups.findConsumer(utf8('x'), 0, 1);
    const gone = [...model.get('a')!].filter(([, { owner }]) => owner === 'x');
    expect(groups.deleteConsumer()).toBe(gone.length);
    for (const [id] of gone) model.get('a')!.delete(id);
    groups.find(utf8('b'), 0, 1);
    groups.destroy();
    model.delete('b');
    expect(tell(stream).split('\n').filter((line) => !line.startsWith(' '))).toEqual(tellModel(model, consumers).split('\n').filter((line) => !line.startsWith(' ')));
    stream.dispose();
    expect(arena.used).toBe(before);
  });

  it('takes less than 60 bytes for a pending entry', () => {
    const arena = new Arena({ shards: 1, segments: 1, segmentBytes: 64 << 20 });
    const stream = new StreamLog(arena);
    stream.create(0);
    const { groups } = stream;
    groups.create(utf8('g'), 0, 1, new StreamId(), 0, 0);
    groups.createConsumer(utf8('c'), 0, 1, 0, 0);
    const before = arena.used;
    for (let i = 0; i < 100_000; i++) groups.addPending(idOf(1_700_000_000_000n + BigInt(i >> 2), BigInt(i & 3)), 0, 1, 0, 1);
    const bytes = (arena.used - before) / 100_000;
    expect(bytes).toBeLessThan(60);
    expect(groups.pendingCount).toBe(100_000);
  });

  it('is as it was when there is no memory for a pending entry', () => {
    const arena = new Arena({ shards: 1, segments: 1, segmentBytes: 1 << 20 });
    const stream = new StreamLog(arena);
    stream.create(0);
    const { groups } = stream;
    groups.create(utf8('g'), 0, 1, new StreamId(), 0, 0);
    groups.createConsumer(utf8('c'), 0, 1, 0, 0);
    let added = 0;
    try {
      for (;;) {
        groups.addPending(idOf(BigInt((added * 7919) % 1_000_003), 0n), 0, 1, 0, 1);
        added++;
      }
    } catch {
      expect(groups.pendingCount).toBe(added);
      expect(groups.consumerPendingCount).toBe(added);
      expect(groups.findPending(idOf(BigInt((added * 7919) % 1_000_003), 0n))).toBe(false);
    }
    expect(added).toBeGreaterThan(1000);
    stream.dispose();
  });
});
