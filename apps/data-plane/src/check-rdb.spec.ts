/**
 * `larder-check-rdb` beside redis-check-rdb, on the same damaged files: the same words, offsets and exit codes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Crc64 } from '@larder/store-datatypes';
import { Keyspace } from '@larder/store-keyspace';
import { Arena } from '@larder/store-memory';
import { checkRdb } from '@larder/store-persistence';
import { seededRandom } from '@larder/shared-std/testing';
import { describeNeeding } from '@larder/shared-testing';
import { REDIS_DUMPS } from './redis-dumps.testing';
import { codecs, kinds } from './wire';

const ROUNDS = Number(process.env['LARDER_CHECK_ROUNDS'] ?? 120);

/** A file as redis-server would write it: every value of the corpus that it knows, some with times, in two databases. */
function wholeFile(hasChecksum: boolean): Buffer {
  const string = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
  const parts = [Buffer.from('REDIS0010'), Buffer.from([0xfa]), string('redis-ver'), string('7.0.15'), Buffer.from([0xfa]), string('redis-bits'), Buffer.from([0xc0, 64, 0xfe, 0, 0xfb, 30, 2])];
  for (const [index, [name, base64]] of Object.entries(REDIS_DUMPS).filter(([of]) => !of.endsWith('_times')).entries()) {
    const dump = Buffer.from(base64, 'base64');
    if (index === 5) parts.push(Buffer.from([0xfc, 0, 0x10, 0x20, 0x30, 0xff, 3, 0, 0]));
    if (index === 9) parts.push(Buffer.from([0xfc, 1, 0, 0, 0, 0, 0, 0, 0]), Buffer.from([0xf9, 7]));
    if (index === 12) parts.push(Buffer.from([0xfe, 3, 0xf8, 0x41, 0x10]));
    parts.push(dump.subarray(0, 1), string(name), dump.subarray(1, dump.length - 10));
  }
  const body = Buffer.concat([...parts, Buffer.from([0xff])]);
  return Buffer.concat([body, hasChecksum ? checksum(body) : Buffer.alloc(8)]);
}

function checksum(body: Buffer): Buffer {
  const crc = new Crc64();
  crc.update(body, 0, body.length);
  const out = Buffer.alloc(8);
  crc.write(out, 0);
  return out;
}

describeNeeding(['redis-check-rdb'], 'a damaged RDB file', () => {
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'larder-check-'));
    file = join(folder, 'dump.rdb');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  interface Said {
    status: number | null;
    text: string;
    offset: number;
  }

  /**
   * Reasons that redis-check-rdb has from the loading code name a line of its source; where a part of a stream is cut off, they name the part
   * and not that the file ends.
   */
  function inPlainWords(status: number | null, text: string): Said {
    const plain = text
      .replace(/Internal error in RDB reading offset \d+, function at rdb\.c:\d+ -> /, '')
      .replace(/^.*# Terminating server after rdb file reading failure\.\n/m, '')
      .replace(/\] (Stream|Error|Short)[^\n]*(loading failed|I\/O error|reading|failed reading)[^\n]*/, '] Unexpected EOF reading RDB file')
      .replace(' in rdbLoadLen()', '')
      .replace('Hash with dup elements', 'Duplicate hash fields detected')
      .replace('Unknown length encoding 3', 'Quicklist integrity check failed')
      .replace(/integrity check failed\.*$/m, 'integrity check failed');
    return { status, text: plain, offset: Number(/ERROR DETECTED ---\n\[offset (\d+)/.exec(plain)?.[1] ?? Infinity) };
  }

  function theirs(bytes: Buffer): Said {
    writeFileSync(file, bytes);
    const { status, stdout } = spawnSync('redis-check-rdb', [file], { encoding: 'latin1' });
    return inPlainWords(status, stdout);
  }

  function ours(keyspace: Keyspace, bytes: Buffer): Said {
    let text = '';
    let at = 0;
    const source = {
      read(into: Buffer): number {
        const read = bytes.copy(into, 0, at);
        at += read;
        return read;
      },
    };
    const good = checkRdb(source, file, { print: (part) => (text += part), now: () => Date.now(), codecs, keyspace, checks: true });
    for (let database = 0; database < 4; database++) keyspace.flush(database);
    return inPlainWords(good === undefined ? 1 : 0, text);
  }

  const whole = wholeFile(true);
  const cut = [whole, wholeFile(false), Buffer.from('REDIS0099'), Buffer.from('NOTREDIS9')];
  for (let length = 0; length < whole.length; length += 1 + Math.floor(length / 25)) cut.push(whole.subarray(0, length));
  const random = seededRandom(1);
  const changed = Array.from({ length: ROUNDS }, () => {
    const damaged = Buffer.from(whole);
    const at = random.int(whole.length);
    damaged[at] = whole[at]! ^ (1 + random.int(255));
    return damaged;
  });

  // A small arena, and redis-check-rdb goes first: who has as much mapped as the machine has memory cannot start a process.
  let references: Map<Buffer, Said>;
  let keyspace: Keyspace;
  beforeAll(() => {
    references = new Map([...cut, ...changed].map((bytes) => [bytes, theirs(bytes)]));
    keyspace = new Keyspace({ arena: new Arena({ shards: 1, segments: 1, segmentBytes: 128 << 20 }), databases: 1 << 14, hashSeed: [1, 2, 3], kinds });
  });

  it('cut off anywhere, is told of in the words of redis-check-rdb, with the same offset', () => {
    for (const bytes of cut) expect(ours(keyspace, bytes)).toEqual(references.get(bytes));
  });

  it('with a byte that is another, is told of in the words of redis-check-rdb, with the same offset or an earlier one', () => {
    const pairs = changed.map((bytes) => [ours(keyspace, bytes), references.get(bytes)!] as const);
    for (const [own, reference] of pairs) {
      // What a listpack holds is looked into here, there not; 244 means something to a newer Redis.
      if (own.offset < reference.offset || reference.text.includes('Invalid object type: 244')) expect([own.status, reference.status]).toEqual([1, 1]);
      else expect(own).toEqual(reference);
    }
    expect(pairs.filter(([own, reference]) => own.offset === reference.offset).length).toBeGreaterThan(ROUNDS * 0.8);
  });
});
