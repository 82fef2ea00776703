import { FREE, LINKS_MAX, LinkTable, ONLINE, SENDS_FILE, WAITS_FOR_CUT } from './link-table';

function two() {
  const shared = LinkTable.reserve();
  return [new LinkTable(shared), new LinkTable(shared)] as const;
}

describe('the table of links', () => {
  it('gives every link a slot of its own, and slots back', () => {
    const [table, other] = two();
    const slots = Array.from({ length: LINKS_MAX }, (_, i) => (i % 2 === 0 ? table : other).claim());
    expect(new Set(slots.map((slot) => slot!.index)).size).toBe(LINKS_MAX);
    expect(table.claim()).toBeUndefined();
    other.slots[7]!.state = FREE;
    expect(table.claim()!.index).toBe(7);
  });

  it('shows other threads what a link has', () => {
    const [table, other] = two();
    const slot = table.claim()!;
    slot.address = '10.0.0.7';
    slot.port = 6380;
    slot.position = 2 ** 40 + 1;
    expect([other.slots[slot.index]!.address, other.slots[slot.index]!.port, other.slots[slot.index]!.position]).toEqual(['10.0.0.7', 6380, 2 ** 40 + 1]);
  });

  it('keeps of the backlog what the slowest link needs, and nothing for one that waits for a snapshot', () => {
    const [table] = two();
    expect(table.leastNeeded()).toBe(Infinity);
    for (const [state, position] of [[WAITS_FOR_CUT, 1], [SENDS_FILE, 300], [ONLINE, 500]] as const) {
      const slot = table.claim()!;
      slot.state = state;
      slot.position = position;
    }
    expect(table.leastNeeded()).toBe(300);
  });

  it('counts replicas that have acknowledged an offset, and those heard of lately', () => {
    const [table] = two();
    for (const [state, acknowledged, at] of [[ONLINE, 100, 9_000], [ONLINE, 50, 1_000], [SENDS_FILE, 100, 9_000]] as const) {
      const slot = table.claim()!;
      slot.state = state;
      slot.acknowledged = acknowledged;
      slot.acknowledgedAt = at;
    }
    expect([table.countAcknowledged(50), table.countAcknowledged(51), table.countAcknowledged(101)]).toEqual([2, 1, 0]);
    expect([table.countGood(10_000, 9), table.countGood(10_000, 8)]).toEqual([2, 1]);
  });

  it('tells who appends whom to wake, once', () => {
    const [table, other] = two();
    table.setHungry(0);
    other.setHungry(3);
    expect([table.takeHungry(), other.takeHungry()]).toEqual([0b1001, 0]);
  });
});
