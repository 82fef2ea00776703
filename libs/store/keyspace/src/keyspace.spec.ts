import { BODY, RecordView, TTL, TYPE_HASH, TYPE_STRING, copyBytes } from '@larder/store-datatypes';
import { Arena, ArenaFull } from '@larder/store-memory';
import { seededRandom } from '@larder/shared-std/testing';
import { Keyspace } from './keyspace';
import type { ValueKind } from './value-kind';

const START = 1_700_000_000_000;

/** A keyspace of strings and of a kind whose content is one block. */
function world() {
  const arena = new Arena({ shards: 4, segments: 1 });
  const blockKind: ValueKind = {
    type: TYPE_HASH,
    name: 'block',
    dispose: (view) => arena.free(view.body),
    encodingName: () => 'block',
    copy: (view, shard, out) => {
      out[0] = arena.alloc(shard, view.aside);
      out[1] = view.aside;
    },
    elements: () => 1,
    bytes: (view) => arena.capacity(view.body),
  };
  const keyspace = new Keyspace({ arena, databases: 4, hashSeed: [1, 2, 3], kinds: [blockKind] });
  keyspace.now = START;
  const clean = arena.used;
  const find = (key: string, database = 0) => {
    const bytes = Buffer.from(key, 'latin1');
    return keyspace.lookupWrite(database, bytes, 0, bytes.length);
  };
  const put = (key: string, value: string, database = 0): void => {
    if (find(key, database) === 0) keyspace.create(TYPE_STRING, 0, 0, value.length);
    else keyspace.replace(TYPE_STRING, 0, 0, value.length);
    copyBytes(Buffer.from(value), 0, keyspace.view.u8, keyspace.view.valueOffset, value.length);
  };
  const putBlock = (key: string, bytes: number): void => {
    const found = find(key);
    const body = arena.alloc(keyspace.shard, bytes);
    if (found === 0) keyspace.create(TYPE_HASH, 0, BODY, 0);
    else keyspace.replace(TYPE_HASH, 0, BODY, 0);
    keyspace.view.body = body;
    keyspace.view.aside = bytes;
  };
  const get = (key: string, database = 0): string | undefined => {
    if (find(key, database) === 0) return undefined;
    const { view } = keyspace;
    return view.type === TYPE_STRING ? Buffer.from(view.u8.subarray(view.valueOffset, view.valueOffset + view.valueLength)).toString() : `block ${view.aside}`;
  };
  /** Both tables hold the same records that lookups find, and records know what tables say. */
  const check = (database = 0): void => {
    const view = new RecordView(arena);
    let expiring = 0;
    let keys = 0;
    for (let shard = 0; shard < keyspace.shards; shard++) {
      const listed = new Set<number>();
      keyspace.table.forEach(keyspace.expiresRoot(shard, database), (address) => listed.add(address));
      keyspace.table.forEach(keyspace.keysRoot(shard, database), (address) => {
        keys++;
        view.at(address);
        expect(listed.has(address)).toBe(view.expireAt >= 0);
        if (view.expireAt >= 0) expiring++;
        expect(keyspace.shardOf(view.u8, view.keyOffset, view.keyLength)).toBe(shard);
      });
      expect(keyspace.table.count(keyspace.expiresRoot(shard, database))).toBe(listed.size);
    }
    expect([keyspace.size(database), keyspace.expiresSize(database)]).toEqual([keys, expiring]);
  };
  return { arena, keyspace, clean, find, put, putBlock, get, check };
}

describe('keyspace', () => {
  it('keeps keys and times as a map would, through every change of shape', () => {
    const { arena, keyspace, clean, find, put, putBlock, get, check } = world();
    const random = seededRandom(3);
    const model = new Map<string, { value: string; expireAt: number }>();
    for (let step = 0; step < 12_000; step++) {
      const key = `key:${random.int(300)}`;
      const known = model.get(key);
      switch (random.int(8)) {
        case 0: case 1: {
          const value = 'v'.repeat(random.int(random.int(20) === 0 ? 100_000 : 100));
          put(key, value);
          model.set(key, { value, expireAt: -1 });
          break;
        }
        case 2: {
          const bytes = 1 + random.int(1000);
          putBlock(key, bytes);
          model.set(key, { value: `block ${bytes}`, expireAt: -1 });
          break;
        }
        case 3: case 4:
          if ((find(key) !== 0) !== (known !== undefined)) throw new Error(key);
          if (known === undefined) break;
          known.expireAt = keyspace.now + 1 + random.int(2000);
          keyspace.setExpiry(known.expireAt);
          break;
        case 5:
          if (find(key) !== 0) expect(keyspace.persist()).toBe(known!.expireAt >= 0);
          if (known !== undefined) known.expireAt = -1;
          break;
        case 6:
          if (find(key) !== 0) keyspace.remove();
          model.delete(key);
          break;
        default:
          keyspace.now += random.int(5);
          for (const [name, { expireAt }] of model) if (expireAt >= 0 && expireAt < keyspace.now) model.delete(name);
      }
      if (step % 1500 === 0) check();
    }
    for (let i = 0; i < 300; i++) expect(get(`key:${i}`)).toBe(model.get(`key:${i}`)?.value);
    check();
    expect(keyspace.flush(0)).toBe(model.size);
    expect(arena.used).toBe(clean);
  });

  it('gives everything back when its last key goes, however it goes', () => {
    const { arena, keyspace, clean, find, put, putBlock } = world();
    for (const end of ['remove', 'expire', 'flush', 'replace'] as const) {
      put('k', 'v');
      find('k');
      keyspace.setExpiry(keyspace.now + 5);
      if (end === 'replace') putBlock('k', 500);
      if (end === 'expire') keyspace.now += 6;
      if (end === 'flush') keyspace.flush(0);
      else if (find('k') !== 0) keyspace.remove();
      expect(arena.used).toBe(clean);
    }
  });

  it('never shows a key after its time, keeps it through its last millisecond, and deletes it only where time may', () => {
    const { keyspace, find, put } = world();
    const removed: string[] = [];
    keyspace.journal = { removed: (_, key, off, length, why) => void removed.push(`${Buffer.from(key.subarray(off, off + length)).toString()} ${why}`) };
    put('k', 'v');
    find('k');
    keyspace.setExpiry(START + 10);
    keyspace.now = START + 10;
    expect(find('k')).not.toBe(0);
    keyspace.expires = false;
    keyspace.now = START + 11;
    expect(find('k')).not.toBe(0);
    keyspace.expires = true;
    expect(find('k')).toBe(0);
    expect([keyspace.size(0), keyspace.expiresSize(0), keyspace.expiredKeys]).toEqual([0, 0, 1]);
    expect(removed).toEqual(['k expired']);
    // The place to insert is right after the deletion by the way.
    put('k', 'again');
    expect(find('k')).not.toBe(0);
  });

  it('changes nothing when memory for an expiry is missing', () => {
    const { arena, keyspace, find, put, get, check } = world();
    put('k', 'value');
    const { used } = arena;
    const alloc = arena.alloc.bind(arena);
    for (let allowed = 0; allowed < 2; allowed++) {
      find('k');
      let left = allowed;
      arena.alloc = (shard, bytes) => {
        if (left-- <= 0) throw new ArenaFull(bytes);
        return alloc(shard, bytes);
      };
      expect(() => keyspace.setExpiry(START + 10)).toThrow(ArenaFull);
      arena.alloc = alloc;
      check();
      expect(get('k')).toBe('value');
    }
    expect(arena.used - used).toBeLessThanOrEqual(64); // at most an empty list of times
    find('k');
    keyspace.setExpiry(START + 10);
    check();
  });

  it('exchanges databases by number and tells who listens', () => {
    const { keyspace, put, get } = world();
    const heard: string[] = [];
    keyspace.listener = {
      keyChanged: (database, key, off, length, _, event) => void heard.push(`${database} ${event} ${Buffer.from(key.subarray(off, off + length)).toString()}`),
      databaseChanged: (a, b) => void heard.push(`swap ${a} ${b}`),
    };
    put('k', 'zero', 0);
    put('k', 'one', 1);
    keyspace.swap(0, 1);
    keyspace.swap(2, 2);
    expect([get('k', 0), get('k', 1)]).toEqual(['one', 'zero']);
    expect(keyspace.flush(0)).toBe(1);
    expect([get('k', 0), get('k', 1)]).toEqual([undefined, 'zero']);
    expect([...keyspace.databaseNumbers()]).toEqual([1, 0, 2, 3]);
    expect(heard).toEqual(['0 new k', '1 new k', 'swap 0 1', 'swap 2 2']);
  });

  it('tells of misses, changes, expiry and eviction while somebody listens', () => {
    const { keyspace, find, put } = world();
    const heard: string[] = [];
    keyspace.listener = {
      keyChanged: (_database, key, off, length, _class, event) => void heard.push(`${event} ${Buffer.from(key.subarray(off, off + length)).toString()}`),
      databaseChanged: () => undefined,
    };
    keyspace.lookupRead(0, Buffer.from('none'), 0, 4);
    put('a', '1');
    keyspace.changed(1, 'set');
    find('a');
    keyspace.setExpiry(START + 1);
    keyspace.now += 2;
    find('a');
    put('b', '1');
    find('b');
    keyspace.removeRecord(keyspace.shard, 0, keyspace.hash, keyspace.view.address, 'evicted');
    expect(heard).toEqual(['keymiss none', 'new a', 'set a', 'expired a', 'new b', 'evicted b']);
    expect([keyspace.dirty, keyspace.misses, keyspace.expiredKeys, keyspace.evictedKeys]).toEqual([1, 1, 1, 1]);
  });

  it('scans each key of all shards exactly once', () => {
    const { keyspace, put } = world();
    for (let i = 0; i < 3000; i++) put(`key:${i}`, 'v');
    for (const want of [1, 10, 5000]) {
      const seen: string[] = [];
      let cursor = 0;
      do cursor = keyspace.scan(0, cursor, want, (address) => seen.push(keyspace.other.at(address).keyText()));
      while (cursor !== 0);
      expect([seen.length, new Set(seen).size]).toEqual([3000, 3000]);
    }
  });

  it('draws keys of every shard, and none that has expired', () => {
    const { keyspace, find, put } = world();
    const random = seededRandom(5);
    expect(keyspace.randomRecord(0, () => random.int(2 ** 32) | 0)).toBe(0);
    for (let i = 0; i < 40; i++) {
      put(`key:${i}`, 'v');
      if (i % 2 === 0) continue;
      find(`key:${i}`);
      keyspace.setExpiry(START + 1);
    }
    keyspace.now += 2;
    const drawn = new Set<string>();
    for (let i = 0; i < 2000; i++) {
      keyspace.randomRecord(0, () => random.int(2 ** 32) | 0);
      drawn.add(keyspace.view.keyText());
    }
    expect(drawn.size).toBe(20);
    expect([...drawn].every((key) => Number(key.slice(4)) % 2 === 0)).toBe(true);
    expect(keyspace.size(0)).toBe(20);
    for (let i = 0; i < 40; i += 2) {
      find(`key:${i}`);
      keyspace.setExpiry(START + 3);
    }
    keyspace.now += 2;
    expect(keyspace.randomRecord(0, () => random.int(2 ** 32) | 0)).toBe(0);
    expect(keyspace.size(0)).toBe(0);
  });

  it('leaves the dead to a primary, and draws one where there is nothing else', () => {
    const { keyspace, find, put } = world();
    put('key', 'v');
    find('key');
    keyspace.setExpiry(START + 1);
    keyspace.now += 2;
    keyspace.hides = true;
    const random = seededRandom(6);
    expect(keyspace.randomRecord(0, () => random.int(2 ** 32) | 0)).not.toBe(0);
    expect(keyspace.view.keyText()).toBe('key');
    expect(keyspace.size(0)).toBe(1);
  });

  it('keeps key tables small after many keys have come and gone', () => {
    const { keyspace, find, put } = world();
    for (let i = 0; i < 20_000; i++) {
      put(`key:${i}`, 'v');
      find(`key:${i}`);
      keyspace.setExpiry(START + 10);
    }
    for (let i = 0; i < 19_950; i++) if (find(`key:${i}`) !== 0) keyspace.remove();
    let slots = 0;
    for (let shard = 0; shard < 4; shard++) {
      slots += keyspace.table.capacity(keyspace.keysRoot(shard, 0)) + keyspace.table.capacity(keyspace.expiresRoot(shard, 0));
    }
    expect(slots).toBeLessThan(2000);
  });

  it('makes a record again with a time only when told to keep it', () => {
    const { keyspace, find, put, check } = world();
    put('k', 'v');
    find('k');
    keyspace.setExpiry(START + 100);
    keyspace.replace(TYPE_STRING, 0, TTL, 10);
    expect(keyspace.view.expireAt).toBe(START + 100);
    check();
    find('k');
    keyspace.replace(TYPE_STRING, 0, 0, 300);
    expect(keyspace.view.expireAt).toBe(-1);
    check();
  });
});
