/**
 * `larder-check-rdb`: reads an RDB file value by value, keeps none, and says what is in it or at which byte it is damaged.
 * Output as redis-check-rdb's. Also what looks at the RDB preamble of an append-only file.
 */
import { DamagedValue } from '@larder/store-keyspace';
import type { Keyspace, ValueCodec } from '@larder/store-keyspace';
import { RdbFault, RdbReader } from '../rdb-reader';
import type { RdbEvents, RdbSource } from '../rdb-reader';

export interface CheckRdbPort {
  print(text: string): void;
  now(): number;
  codecs: readonly ValueCodec[];
  /** Empty, to hold one value at a time. */
  keyspace: Keyspace;
  checks: boolean;
}

const TYPE_NAMES = [
  'string', 'list-linked', 'set-hashtable', 'zset-v1', 'hash-hashtable', 'zset-v2', 'module-value', '', '', 'hash-zipmap', 'list-ziplist',
  'set-intset', 'zset-ziplist', 'hash-ziplist', 'quicklist', 'stream', 'hash-listpack', 'zset-listpack', 'quicklist-v2',
];

/** Checks what `source` gives. Returns the bytes it took, or undefined after saying what is wrong. */
export function checkRdb(source: RdbSource, shownName: string, port: CheckRdbPort): number | undefined {
  const { print, keyspace } = port;
  let doing = 'start';
  let key: Buffer | undefined;
  /** As redis-check-rdb shows it: 0 until the first value has been read. */
  let type = 0;
  let keys = 0;
  let expires = 0;
  let expired = 0;
  let reader: RdbReader | undefined = undefined;
  const offset = () => reader?.offset ?? 0;
  const told = (text: string) => print(`[offset ${offset()}] ${text}\n`);
  const figures = () => print(`[info] ${keys} keys read\n[info] ${expires} expires\n[info] ${expired} already expired\n`);
  const now = port.now();
  const events: RdbEvents = {
    doing: (what) => (doing = what),
    aux: (name, value) => told(`AUX FIELD ${name} = '${value}'`),
    database: (number) => told(`Selecting DB ID ${number}`),
    type: (ofType) => (type = ofType),
    key(name) {
      doing = 'read-object-value';
      key = Buffer.from(name);
      keys++;
    },
    entry(_, expireAt) {
      if (expireAt >= 0) expires++;
      if (expireAt >= 0 && expireAt < now) expired++;
      keyspace.remove();
      key = undefined;
      type = -1;
    },
    checksum: (isKept) => told(isKept ? 'Checksum OK' : 'RDB file was saved with checksum disabled: no check performed.'),
  };
  print(`[offset 0] Checking RDB file ${shownName}\n`);
  reader = new RdbReader(source, { codecs: port.codecs, checks: port.checks, isDeep: true, events, library: () => undefined });
  try {
    const { bytes } = reader.readInto(keyspace);
    told('\\o/ RDB looks OK! \\o/');
    figures();
    return bytes;
  } catch (error) {
    if (!(error instanceof RdbFault) && !(error instanceof DamagedValue)) throw error;
    const reason = inTheirWords(error.message);
    // At the end of a file: where the part begins that is cut; the head is read in one piece.
    const isCut = reason === 'Unexpected EOF reading RDB file' || !(error instanceof RdbFault);
    const at = isCut ? offset() : doing === 'start' ? 9 : error.offset;
    print(`--- RDB ERROR DETECTED ---\n[offset ${at}] ${reason}\n[additional info] While doing: ${doing}\n`);
    if (key !== undefined) print(`[additional info] Reading key '${key.toString('latin1').split('\0')[0]}'\n`);
    if (type !== -1) print(`[additional info] Reading type ${type} (${TYPE_NAMES[type] ?? 'unknown'})\n`);
    figures();
    return undefined;
  }
}

/** What the reader says of a file, as redis-check-rdb says it; the key has a line of its own. */
function inTheirWords(reason: string): string {
  return reason
    .replace(/ \(at byte \d+\)$/, '')
    .replace(/, key '[^]*'$/, '')
    .replace(/^Unexpected end of file$/, 'Unexpected EOF reading RDB file')
    .replace(/^RDB CRC error.*/, 'RDB CRC error')
    .replace(/^values of RDB type (\d+) are not supported$/, 'Invalid object type: $1');
}
