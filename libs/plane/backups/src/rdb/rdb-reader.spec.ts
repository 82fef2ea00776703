// The walk over files that Debian's redis-server wrote, whole, byte by byte and damaged.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { RdbFault, RdbReader } from './rdb-reader';

let home: string;
let file: Buffer;
let server: ChildProcess;

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'larder-rdb-'));
  server = spawn('redis-server', ['--port', '0', '--unixsocket', path.join(home, 's'), '--dir', home, '--save', '', '--list-max-listpack-size', '4',
    '--hash-max-listpack-entries', '4', '--zset-max-listpack-entries', '4', '--set-max-intset-entries', '4'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((ready) => server.stdout!.on('data', (text: Buffer) => { if (text.includes('eady to accept')) ready(); }));
  const redis = new Redis({ path: path.join(home, 's') });
  const lines = [
    'SET plain value', 'SET number 12345', 'SET far soon PX 60000', 'SET later x PX 90000000', 'RPUSH list a b c', 'SADD small 1 2 3', 'SADD words a b c',
    'HSET hash f v', 'ZADD board 1 a 2.5 b', 'XADD stream * f v', 'XGROUP CREATE stream g 0', 'XREADGROUP GROUP g me COUNT 1 STREAMS stream >',
    'PFADD hll a b', 'FUNCTION LOAD lib',
  ];
  for (const line of lines) {
    await redis.call(...(line.startsWith('FUNCTION')
      ? ['FUNCTION', 'LOAD', "#!lua name=l\nredis.register_function('f', function() return 1 end)"] : line.split(' ')) as [string, ...string[]]);
  }
  await redis.set('long', 'abc'.repeat(30_000)); // compressed
  await redis.set('random', Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7919 + (index >> 3)) & 255)));
  await redis.select(3);
  for (let index = 0; index < 30; index += 1) {
    await redis.rpush('long list', `${index}`.repeat(200));
    await redis.hset('long hash', `f${index}`, index);
    await redis.zadd('long board', index * 1.1, `m${index}`);
    await redis.sadd('long set', `m${index}`);
    await redis.set(`key ${index}`, index);
  }
  await redis.rpush('long list', 'x'.repeat(20_000));
  await redis.call('SAVE');
  file = readFileSync(path.join(home, 'dump.rdb'));
  await redis.quit();
});
afterAll(() => {
  server?.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

function read(bytes: Uint8Array, piece = bytes.length): RdbReader {
  const reader = new RdbReader();
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece));
  reader.finish();
  return reader;
}

const expected = [
  { database: 0, type: 'hash', keys: 1 }, { database: 0, type: 'list', keys: 1 }, { database: 0, type: 'set', keys: 2 },
  { database: 0, type: 'stream', keys: 1 }, { database: 0, type: 'string', keys: 7 }, { database: 0, type: 'zset', keys: 1 },
  { database: 3, type: 'hash', keys: 1 }, { database: 3, type: 'list', keys: 1 }, { database: 3, type: 'set', keys: 1 },
  { database: 3, type: 'string', keys: 30 }, { database: 3, type: 'zset', keys: 1 },
];

describe('an RDB of redis-server', () => {
  it('is counted alike whole and in pieces of any size', () => {
    for (const piece of [1, 2, 7, 63, 64, 1000, file.length]) {
      const reader = read(file, piece);
      expect(reader.keyCounts).toEqual(expected);
      expect(reader.engineVersion).toMatch(/^7\.0\./);
    }
  });

  it('tells when it holds other keys than its writer counted at the cut', () => {
    expect(read(file).shortfall).toBeUndefined();
    const announcing = Buffer.from([0xfe, 3, 0xfb, 34]); // select database 3, 34 keys
    const other = Buffer.from(file);
    other[other.indexOf(announcing) + 3] = 35;
    other.fill(0, other.length - 8); // no checksum
    expect(read(other).shortfall).toBe('The store held 35 keys in database 3 at the cut, the file holds 34.');
  });

  it('tells which keys will have expired at a later moment', () => {
    const strings = (atMs: number): number | undefined => read(file).aliveAt(atMs).find(({ database, type }) => database === 0 && type === 'string')?.keys;
    expect([strings(Date.now()), strings(Date.now() + 100_000), strings(Date.now() + 100_000_000)]).toEqual([7, 6, 5]);
  });

  it('is refused wherever it is cut, with the offset', () => {
    for (let cut = 0; cut < file.length; cut += cut < 500 ? 1 : 97) {
      expect(() => read(file.subarray(0, cut))).toThrow(RdbFault);
    }
    expect(() => read(file.subarray(0, file.length - 3))).toThrow(`the file ends too early (at byte ${file.length - 3})`);
    expect(() => read(Buffer.concat([file, Buffer.from('x')]))).toThrow(`there are bytes behind the end of the file (at byte ${file.length})`);
  });

  it('is refused with any byte changed', () => {
    for (let at = 0; at < file.length; at += at < 500 ? 1 : 97) {
      const damaged = Buffer.from(file);
      damaged[at]! ^= 0x10;
      expect(() => read(damaged)).toThrow(RdbFault);
    }
  });

  it('counts hashes whose fields have times, which Redis 7.0 does not write', () => {
    // As DUMP has them: type and value, and 10 bytes that a file has not.
    const dumps = ['GQBAlFKjAwAAwzQ6GzoAAAAMAIFiAhYB9ABAlFKjAwAACYFkAvFcEQPgAhASYQIBAQABgWMChXRocmVlBgAB/woAqnGqeUZRcCM=', 'GABAlFKjAwAABAABYwV0aHJlZQEBYsAWQ+gBYcABAQFkwwlAZAF2duBXAAF2dgoA0Zqd7qPscjI='];
    const entries = dumps.map((text, index) => {
      const dump = Buffer.from(text, 'base64');
      return Buffer.concat([dump.subarray(0, 1), Buffer.from([1, 0x61 + index]), dump.subarray(1, -10)]);
    });
    const timed = Buffer.concat([Buffer.from('REDIS0010\u00fe\u0000', 'latin1'), ...entries, Buffer.from([0xff]), Buffer.alloc(8)]);
    for (const piece of [1, 7, timed.length]) expect(read(timed, piece).keyCounts).toEqual([{ database: 0, type: 'hash', keys: 2 }]);
  });

  it('is told from a file that is none, and from a version that is too new', () => {
    expect(() => read(Buffer.from('PK\u0003\u0004 this is a zip'))).toThrow('this is not an RDB file: it does not begin with REDIS and a version (at byte 0)');
    expect(() => read(Buffer.from('REDIS0013\u00ff'))).toThrow('version 13 of the format is not supported; 1 to 12 are (at byte 5)');
    expect(() => read(Buffer.alloc(0))).toThrow(RdbFault);
  });
});
