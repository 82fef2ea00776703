/**
 * RESTORE payloads and RDB files that were made to do harm: real ones, changed at random, with a checksum that fits.
 *
 * Whatever comes, the store answers, does not hang, is whole afterwards and has its memory back. `LARDER_FUZZ_ROUNDS=100000`
 * runs longer; a failure names the seed and the payload.
 */
import {
  databaseCommands,
  expiryCommands,
  hashCommands,
  keyCommands,
  listCommands,
  setCommands,
  streamCommands,
  stringCommands,
  zsetCommands,
} from '@larder/store-commands';
import { Crc64 } from '@larder/store-datatypes';
import { TestStore } from '@larder/store-dispatch/testing';
import { DamagedValue } from '@larder/store-keyspace';
import { RdbEncoder, RdbFault, RdbReader, Snapshot, dumpCommands } from '@larder/store-persistence';
import { seededRandom } from '@larder/shared-std/testing';
import { REDIS_DUMPS } from './redis-dumps.testing';
import { codecs, kinds } from './wire';

const ROUNDS = Number(process.env['LARDER_FUZZ_ROUNDS'] ?? 2000);
const HANG_MS = 1000; // of CPU shared with other tests; the longest seen alone is far below 100 ms

const rows = [
  ...stringCommands,
  ...keyCommands,
  ...expiryCommands,
  ...databaseCommands,
  ...hashCommands,
  ...listCommands,
  ...setCommands,
  ...zsetCommands,
  ...streamCommands,
  ...dumpCommands(codecs),
];

type Dice = ReturnType<typeof seededRandom>;
const pick = <T>(dice: Dice, list: readonly T[]): T => list[dice.int(list.length)]!;

/** Bytes that mean something to readers of lengths, encodings and ends. */
const TELLING = [0, 1, 0x7f, 0x80, 0x81, 0xbf, 0xc0, 0xc1, 0xc2, 0xc3, 0xdf, 0xe0, 0xef, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xfe, 0xff];

function mutate(dice: Dice, original: Buffer, others: readonly Buffer[]): Buffer {
  let bytes: Buffer = Buffer.from(original);
  for (let changes = 1 + dice.int(4); changes > 0; changes--) {
    const at = dice.int(bytes.length + 1);
    // Headers are near the start, and what is wrong there leads furthest.
    const near = dice.int(Math.min(bytes.length, 24) + 1);
    switch (dice.int(9)) {
      case 0: case 1: if (at < bytes.length) bytes[at] = pick(dice, TELLING); break;
      case 2: case 3: if (near < bytes.length) bytes[near] = pick(dice, TELLING); break;
      case 4: if (at < bytes.length) bytes[at]! ^= 1 << dice.int(8); break;
      case 5: bytes = Buffer.concat([bytes.subarray(0, at), dice.bytes(1 + dice.int(6)), bytes.subarray(at)]); break;
      case 6: bytes = Buffer.concat([bytes.subarray(0, near), Buffer.from([pick(dice, [0x80, 0x81, 0xc3]), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff].slice(0, 1 + dice.int(9))), bytes.subarray(near)]); break;
      case 7: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + dice.int(8)))]); break;
      default: {
        const other = pick(dice, others);
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(dice.int(other.length + 1))]);
      }
    }
  }
  return bytes;
}

/** The payload with a version and checksum that RESTORE accepts. */
function sealed(body: Buffer): Buffer {
  const payload = Buffer.concat([body, Buffer.from([10, 0]), Buffer.alloc(8)]);
  const crc = new Crc64();
  crc.update(payload, 0, payload.length - 8);
  crc.write(payload, payload.length - 8);
  return payload;
}

const corpus = Object.values(REDIS_DUMPS).map((text) => Buffer.from(text, 'base64'));
/** Forms that Redis up to 6.2 wrote, without a trailer: zipmap, ziplists of a list, a sorted set and a hash, of a list's nodes, scores as text. */
const OLD_FORMS = [
  'CRECAmYxAgF2MQABZwMAYmJi/w==',
  'CiAgAAAAHAAAAAYAAAFhA/YC/oADwAECBNABAgMEBgFi/w==',
  'DB4eAAAAGgAAAAYAAAFhA/ICAWIDAzIuNQUBYwP+Y/8=',
  'DSEhAAAAFgAAAAQAAAJmMQQCdjEEAmYyBOABAgMEBQYHCP8=',
  'DgIREQAAAA0AAAACAAABYQMBYv8SEgAAAAwAAAACAADxAvABAgP/',
  'AwIBYQExAWL+',
].map((text) => Buffer.from(text, 'base64'));
const bodies = [...corpus.map((payload) => payload.subarray(0, payload.length - 10)), ...OLD_FORMS];

/** Everything a curious client would do to a key of any type. */
const USES: readonly string[][] = [
  ['TYPE'], ['OBJECT', 'ENCODING'], ['DUMP'], ['STRLEN'], ['GETRANGE', '0', '-1'], ['APPEND', 'x'],
  ['LRANGE', '0', '-1'], ['LPOS', 'b'], ['LINDEX', '-1'], ['LPUSH', 'new'], ['RPOP'], ['LREM', '0', 'a'],
  ['HGETALL'], ['HGET', 'f1'], ['HSET', 'f1', 'changed'], ['HDEL', 'f2'], ['HRANDFIELD', '3'],
  ['SMEMBERS'], ['SISMEMBER', 'a'], ['SADD', 'new'], ['SREM', '1'], ['SRANDMEMBER', '3'],
  ['ZRANGE', '0', '-1', 'WITHSCORES'], ['ZSCORE', 'a'], ['ZADD', '3', 'new'], ['ZREM', 'b'], ['ZRANK', 'c'], ['ZPOPMAX'],
  ['HPTTL', 'FIELDS', '2', 'a', 'b'], ['HPEXPIRE', '1000', 'FIELDS', '2', 'b', 'c'], ['HSETEX', 'EX', '9', 'FIELDS', '1', 'd', 'v'], ['HGETDEL', 'FIELDS', '1', 'a'], ['HLEN'], ['HKEYS'],
  ['XAUTOCLAIM', 'g1', 'bob', '0', '-'], ['XPENDING', 'g1', '-', '+', '100'], ['XACK', 'g1', '1000-0', '1001-0'],
  ['XLEN'], ['XRANGE', '-', '+'], ['XREVRANGE', '+', '-'], ['XADD', '*', 'f', 'v'], ['XTRIM', 'MAXLEN', '3'], ['XDEL', '1000-0'],
];

function words(use: readonly string[], key: string): string[] {
  return use[0] === 'OBJECT' ? ['OBJECT', use[1]!, key] : [use[0]!, key, ...use.slice(1)];
}

describe('a payload made to do harm', () => {
  it.each(Object.entries(REDIS_DUMPS))('(the corpus itself is taken: %s)', (_, text) => {
    const store = new TestStore(rows, kinds);
    expect(store.run(['RESTORE', 'k', '0', Buffer.from(text, 'base64')])).toBe('+OK\r\n');
    for (const use of USES) expect(store.run(words(use, 'k'))).not.toBe('');
  });

  it.each(OLD_FORMS)('(and so are old forms: %#)', (body) => {
    expect(new TestStore(rows, kinds).run(['RESTORE', 'k', '0', sealed(body)])).toBe('+OK\r\n');
  });

  it.each([1, 2, 3, 4])('is refused or is a value like others (RESTORE, seed %i)', (seed) => {
    const dice = seededRandom(seed);
    const store = new TestStore(rows, kinds);
    store.run('FLUSHALL');
    const clean = store.arena.used;
    const witness = 'w'.repeat(100);
    let taken = 0;
    for (let round = 0; round < ROUNDS / 4; round++) {
      const payload = sealed(mutate(dice, pick(dice, bodies), bodies));
      const told = `seed ${seed}, round ${round}: ${payload.toString('base64')}`;
      store.run(['SET', 'witness', witness]);
      const existed = dice.int(2) === 0;
      if (existed) store.run(['RPUSH', 'k', 'old']);
      const startedAt = process.cpuUsage();
      try {
        const reply = store.run(['RESTORE', 'k', '0', payload, 'REPLACE']);
        if (reply === '+OK\r\n') {
          taken++;
          for (const use of USES) store.run(words(use, 'k'));
          const copy = store.run(['DUMP', 'k']);
          if (copy !== '$-1\r\n') {
            const again = Buffer.from(copy.slice(copy.indexOf('\n') + 1, -2), 'latin1');
            expect(store.run(['RESTORE', 'copy', '0', again])).toBe('+OK\r\n');
          }
        } else {
          expect(reply).toMatch(/^-(ERR Bad data format|OOM )/);
          expect(store.run('EXISTS k')).toBe(existed ? ':1\r\n' : ':0\r\n');
        }
        expect(store.run('GET witness')).toBe(`$100\r\n${witness}\r\n`);
        store.run('FLUSHALL');
        expect(store.arena.used).toBe(clean);
      } catch (error) {
        throw new Error(told, { cause: error });
      }
      const { user, system } = process.cpuUsage(startedAt);
      if ((user + system) / 1000 > HANG_MS) throw new Error(`hangs: ${told}`);
    }
    // Else the mutations are so wild that nothing but the first check is tested.
    expect(taken).toBeGreaterThan(ROUNDS / 100);
  });

  it.each([11, 12])('is refused or loaded as a file (seed %i)', (seed) => {
    const dice = seededRandom(seed);
    const full = new TestStore(rows, kinds);
    Object.values(REDIS_DUMPS).forEach((text, i) => full.run(['RESTORE', `key${i}`, i % 3 === 0 ? '100000' : '0', Buffer.from(text, 'base64')]));
    const parts: Buffer[] = [];
    const encoder = new RdbEncoder({ compresses: true, checks: true });
    const snapshot = new Snapshot(full.keyspace, { codecs, aux: [['redis-ver', '7.0.15']], emit: (chunk, length) => parts.push(Buffer.from(encoder.encode(chunk, length))) });
    while (!snapshot.isDone) snapshot.walk(() => false);
    const file = Buffer.concat([...parts, encoder.trailer()]);
    const emptyStore = () => new TestStore(rows, kinds);
    let store = emptyStore();
    const clean = store.arena.used;
    let loaded = 0;
    for (let round = 0; round < ROUNDS / 8; round++) {
      const bytes = mutate(dice, file, bodies);
      const told = `seed ${seed}, round ${round}: ${bytes.toString('base64')}`;
      // Without `sanitize-dump-payload` blobs are trusted: then nothing may crash, but what they hold may be nonsense.
      const isDeep = dice.int(4) > 0;
      let at = 0;
      const read = (into: Buffer): number => {
        const copied = bytes.copy(into, 0, at);
        at += copied;
        return copied;
      };
      try {
        new RdbReader({ read }, { codecs, checks: false, isDeep }).readInto(store.keyspace);
        loaded++;
      } catch (error) {
        if (!(error instanceof RdbFault) && !(error instanceof DamagedValue)) throw new Error(told, { cause: error });
      }
      store.run('FLUSHALL');
      if (isDeep && store.arena.used !== clean) throw new Error(`memory is lost: ${told}`);
      if (store.arena.used !== clean) store = emptyStore();
    }
    expect(loaded).toBeGreaterThan(0);
  });

  // Found by long runs.
  it.each([
    ['a hash listpack with a field twice', 'EMMhQEMLQwAAAAYAgmYzA4J2IAMKZjIDAgGCZjMDqHjgHgABKf8KADPRtOR3uz3W'],
  ])('that is %s is refused', (_, text) => {
    expect(new TestStore(rows, kinds).run(['RESTORE', 'k', '0', Buffer.from(text, 'base64')])).toBe('-ERR Bad data format\r\n');
  });

  it('(taken on trust) whose listpack claims more pairs than it has ends with those it has', () => {
    const store = new TestStore(rows, kinds);
    store.run(['ZADD', 'z', '1', 'a', '2', 'b'.repeat(60)]);
    const dump = store.run('DUMP z');
    const body = Buffer.from(dump.slice(dump.indexOf('\n') + 1, -12), 'latin1');
    // type, length of the string, bytes of the listpack, its count
    body.writeUInt16LE(40_000, body.indexOf(Buffer.from([4, 0])));
    let at = 0;
    const read = (into: Buffer): number => {
      const copied = body.copy(into, 0, at);
      at += copied;
      return copied;
    };
    store.keyspace.lookupWrite(0, Buffer.from('k'), 0, 1);
    new RdbReader({ read }, { codecs, checks: false, isDeep: false }).readObject(store.keyspace);
    expect(store.run('ZRANGE k 0 -1')).toMatch(/^\*(2|40000|20000)\r\n/);
    expect(store.run('EXISTS k')).toBe(':1\r\n');
  });

  it.each([
    ['a string of 4 GB', [0, 0x80, 0xff, 0xff, 0xff, 0xff]],
    ['a string of 2^63 bytes', [0, 0x81, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['a compressed string that claims 512 MB', [0, 0xc3, 4, 0x80, 0x1f, 0xff, 0xff, 0xff, 1, 2, 3, 4]],
    ['a list of 2^32 ziplists', [14, 0x80, 0xff, 0xff, 0xff, 0xff, 1, 7]],
    ['a list of 2^32 nodes', [18, 0x80, 0xff, 0xff, 0xff, 0xff, 2, 7]],
    ['a set of 2^50 members', [2, 0x81, 0, 4, 0, 0, 0, 0, 0, 0, 1, 97]],
    ['a hash of 2^40 fields', [4, 0x81, 0, 0, 1, 0, 0, 0, 0, 0, 1, 97, 1, 98]],
    ['a sorted set of 2^40 members', [5, 0x81, 0, 0, 1, 0, 0, 0, 0, 0, 1, 97]],
    ['a stream of 2^40 nodes', [19, 0x81, 0, 0, 1, 0, 0, 0, 0, 0, 16]],
  ])('that announces %s costs nothing', (_, bytes) => {
    const store = new TestStore(rows, kinds);
    const { used } = store.arena;
    const before = process.memoryUsage().arrayBuffers;
    const startedAt = process.cpuUsage();
    expect(store.run(['RESTORE', 'k', '0', sealed(Buffer.from(bytes))])).toBe('-ERR Bad data format\r\n');
    expect(process.cpuUsage(startedAt).user / 1000).toBeLessThan(HANG_MS);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
    expect(store.run('DBSIZE')).toBe(':0\r\n');
    expect(store.arena.used).toBe(used);
  });
});
