import { Arena, SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { Dice } from './dice.testing';
import { BODY, RecordView, TYPE_ELEMENT, createRecord } from './record';
import { AT_END, AT_START, ScoreTree } from './score-tree';

interface Member {
  address: number;
  score: number;
  member: string;
}

const inOrder = (a: Member, b: Member): number => a.score - b.score || (a.member < b.member ? -1 : a.member > b.member ? 1 : 0);

class World {
  readonly arena = new Arena({ shards: 2, segments: 1, segmentBytes: 128 << 20 });
  readonly tree = new ScoreTree(this.arena);
  readonly view = new RecordView(this.arena);
  readonly used = this.arena.used;
  top = 0;
  /** The naive model: sorted after each change. */
  members: Member[] = [];

  add(member: string, score: number, where?: number): void {
    const bytes = Buffer.from(member, 'latin1');
    const address = createRecord(this.view, 1, TYPE_ELEMENT, BODY, bytes, 0, bytes.length, 0);
    this.view.score = score;
    this.top = this.tree.insert(this.top, 1, address, where);
    const entry = { address, score, member };
    this.members.splice(this.rankFor(entry), 0, entry);
  }

  rankFor(entry: Member): number {
    let low = 0;
    let high = this.members.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (inOrder(this.members[middle]!, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  remove(rank: number): void {
    const [gone] = this.members.splice(rank, 1);
    this.top = this.tree.remove(this.top, gone!.address);
    this.arena.free(gone!.address);
  }

  removeRank(rank: number): void {
    const [gone] = this.members.splice(rank, 1);
    this.top = this.tree.removeRank(this.top, rank);
    if (this.tree.removed !== (gone!.address | 0)) throw new Error(`rank ${rank} is another record`);
    this.arena.free(gone!.address);
  }

  rescore(rank: number, score: number): void {
    const [entry] = this.members.splice(rank, 1);
    this.view.at(entry!.address);
    this.top = this.tree.rescore(this.top, 1, entry!.address, this.view.bodyOffset >> 3, score);
    if (!Object.is(this.view.score, score)) throw new Error(`rank ${rank} has kept its score`);
    entry!.score = score;
    this.members.splice(this.rankFor(entry!), 0, entry!);
  }

  order(): number[] {
    const found: number[] = [];
    for (let at = this.members.length === 0 ? 0 : this.tree.seek(this.top, 0); at !== 0; at = this.tree.forward()) found.push(at);
    return found;
  }

  compare(): void {
    const { tree, top, members } = this;
    tree.check(top);
    expect(tree.count(top)).toBe(members.length);
    expect(this.order()).toEqual(members.map(({ address }) => address | 0));
  }

  empty(): void {
    while (this.members.length > 0) this.removeRank(this.members.length - 1);
    expect(this.top).toBe(0);
    expect(this.arena.used).toBe(this.used);
  }
}

function memberOf(dice: Dice, size: number): string {
  const n = dice.below(size);
  const long = n % 17 === 0 ? 'x'.repeat(n % 300) : '';
  return `${long}${String.fromCharCode(dice.below(256))}${n}`;
}

test.each([
  ['many scores', 1, (dice: Dice) => dice.below(100000) / 8],
  ['few scores', 2, (dice: Dice) => dice.below(4)],
  ['one score', 3, () => 0],
  ['odd scores', 4, (dice: Dice) => dice.pick([-Infinity, Infinity, -0, 0, 1e300, -1e-300, 0.1])],
])('agrees with a sorted array: %s', (_, seed, scoreOf) => {
  const dice = new Dice(seed);
  const world = new World();
  const { tree } = world;
  for (let phase = 0; phase < 8; phase++) {
    const grows = phase % 2 === 0;
    for (let i = 0; i < 2500; i++) {
      const { members } = world;
      const what = dice.below(10);
      if (what < (grows ? 7 : 2) || members.length === 0) {
        const entry = { address: 0, score: scoreOf(dice), member: memberOf(dice, 1e6) };
        const rank = world.rankFor(entry);
        if (members[rank] === undefined || inOrder(members[rank], entry) !== 0) world.add(entry.member, entry.score);
      } else if (what < 8) {
        const rank = dice.pick([0, members.length - 1, dice.below(members.length)]);
        if (dice.below(2) === 0) world.remove(rank);
        else world.removeRank(rank);
      } else {
        const rank = dice.below(members.length);
        const moved = { ...members[rank]!, score: what === 8 ? members[rank]!.score : scoreOf(dice) };
        const at = world.rankFor(moved);
        if (members[at] === undefined || members[at] === members[rank] || inOrder(members[at], moved) !== 0) world.rescore(rank, moved.score);
      }
      if (members.length > 0) {
        const rank = dice.below(members.length);
        const { address, score } = members[rank]!;
        if (tree.rankOf(world.top, address) !== rank || tree.seek(world.top, rank) !== (address | 0)) throw new Error(`phase ${phase}, step ${i}: rank ${rank}`);
        if (i % 50 === 0) {
          expect(tree.rankOfScore(world.top, score, false)).toBe(members.filter((m) => m.score < score).length);
          expect(tree.rankOfScore(world.top, score, true)).toBe(members.filter((m) => m.score <= score).length);
        }
      }
    }
    world.compare();
  }
  world.empty();
});

test('finds members where all scores are equal', () => {
  const dice = new Dice(9);
  const world = new World();
  const words = [...new Set(Array.from({ length: 5000 }, () => memberOf(dice, 4000)))];
  for (const word of words) world.add(word, 1);
  for (let i = 0; i < 500; i++) {
    const member = dice.below(2) === 0 ? dice.pick(words) : memberOf(dice, 4000);
    const bytes = Buffer.from(`>${member}`, 'latin1');
    expect(world.tree.rankOfMember(world.top, bytes, 1, bytes.length - 1, false)).toBe(words.filter((word) => word < member).length);
    expect(world.tree.rankOfMember(world.top, bytes, 1, bytes.length - 1, true)).toBe(words.filter((word) => word <= member).length);
  }
  world.empty();
});

test('loading in order or backwards packs the leaves', () => {
  for (const where of [AT_END, AT_START]) {
    const world = new World();
    for (let i = 0; i < 20000; i++) world.add(`m${i}`, i * where, where);
    world.compare();
    expect(world.tree.bytes(world.top) / 20000).toBeLessThan(5);
    for (let at = world.tree.seek(world.top, 19999), rank = 19999; at !== 0; at = world.tree.backward(), rank--) {
      if (world.members[rank]!.address !== (at >>> 0) && (world.members[rank]!.address | 0) !== at) throw new Error(`rank ${rank}`);
    }
    world.empty();
  }
});

test('a full arena changes nothing', () => {
  const world = new World();
  for (let i = 0; i < 61; i++) world.add(`m${String(i).padStart(2, '0')}`, i);
  const bytes = Buffer.from('m30x');
  const address = createRecord(world.view, 1, TYPE_ELEMENT, BODY, bytes, 0, 4, 0);
  world.view.score = 30;
  const { arena } = world;
  const full = { alloc: arena.alloc.bind(arena), left: 1 };
  arena.alloc = (shard, size) => {
    if (full.left-- === 0) throw new Error('full');
    return full.alloc(shard, size);
  };
  const used = arena.used;
  expect(() => world.tree.insert(world.top, 1, address)).toThrow('full');
  expect(arena.used).toBe(used);
  arena.alloc = full.alloc;
  world.compare();
  expect(arena.i32[address >>> SEGMENT_SHIFT]![(address & SEGMENT_UNIT_MASK) << 1]).toBe(TYPE_ELEMENT);
  arena.free(address);
  world.empty();
});
