/**
 * A fingerprint of values and of whole data sets, the same as Redis' DEBUG DIGEST: two servers hold the same data when
 * their digests are equal, whatever the order of their hash tables and whatever the encodings.
 *
 *   xor(data)   digest ^= SHA1(data)              for what has no order: members, fields, keys
 *   mix(data)   digest  = SHA1(digest ^ SHA1(data))   for what has: list elements, stream entries, key before value
 *
 *   value   mix(type, 4 bytes BE) · contents · xor("!!expire!!") when it has a time to live
 *   all     per database that holds keys: mix(number, 4 bytes BE), then xor of each key's digest: mix(key) · value
 *
 * A score is text here as printf's %.17g writes it. When a key expires is not part of the digest, only that it does.
 */
import { hash } from 'node:crypto';
import { ZsetContent, hashesOf, listOfRecord, setsOf, streamOfRecord, zsetsOf, SetContent } from '@larder/store-commands';
import { StreamId, TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STREAM, TYPE_STRING, TYPE_ZSET, int64ToBigInt, listpack } from '@larder/store-datatypes';
import type { RecordView } from '@larder/store-datatypes';
import type { Keyspace } from '@larder/store-keyspace';

const DIGEST_BYTES = 20;
const EXPIRE = Buffer.from('!!expire!!');

/** Bytes wherever they lie, as slices and records show them. */
interface Range {
  readonly bytes: Uint8Array;
  readonly off: number;
  readonly length: number;
}

class Digest {
  bytes: Buffer = Buffer.alloc(DIGEST_BYTES);

  xor(bytes: Uint8Array, off = 0, length = bytes.length): void {
    const sum = sha1(bytes, off, length);
    for (let i = 0; i < DIGEST_BYTES; i++) this.bytes[i]! ^= sum[i]!;
  }

  mix(bytes: Uint8Array, off = 0, length = bytes.length): void {
    this.xor(bytes, off, length);
    this.bytes = sha1(this.bytes, 0, DIGEST_BYTES);
  }

  mixRange(range: Range): void {
    this.mix(range.bytes, range.off, range.length);
  }

  mixNumber(n: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(n);
    this.mix(bytes);
  }

  xorDigest(other: Digest): void {
    this.xor(other.bytes);
  }
}

/** The bytes may be shared memory, which the hash does not take: they are copied. */
function sha1(bytes: Uint8Array, off: number, length: number): Buffer {
  return hash('sha1', Buffer.from(bytes.subarray(off, off + length)), 'buffer');
}

/** Of everything in the keyspace, as 40 hex digits. */
export function datasetDigest(keyspace: Keyspace): string {
  const all = new Digest();
  for (let database = 0; database < keyspace.databases; database++) {
    if (keyspace.size(database) === 0) continue;
    all.mixNumber(database);
    for (let shard = 0; shard < keyspace.shards; shard++) {
      keyspace.table.forEach(keyspace.keysRoot(shard, database), (address) => {
        const view = keyspace.view.at(address);
        const key = new Digest();
        key.mix(view.u8, view.keyOffset, view.keyLength);
        addValue(key, keyspace, view);
        all.xorDigest(key);
      });
    }
  }
  return all.bytes.toString('hex');
}

/** Of the value in a record. */
export function valueDigest(keyspace: Keyspace, view: RecordView): string {
  const digest = new Digest();
  addValue(digest, keyspace, view);
  return digest.bytes.toString('hex');
}

function addValue(digest: Digest, keyspace: Keyspace, view: RecordView): void {
  const expires = view.expireAt >= 0;
  digest.mixNumber(view.type);
  contents[view.type]!(digest, keyspace, view);
  if (expires) digest.xor(EXPIRE);
}

/** The contents of each type, by its number. */
const contents: Record<number, (digest: Digest, keyspace: Keyspace, view: RecordView) => void> = {
  [TYPE_STRING]: (digest, _keyspace, view) => digest.mix(view.u8, view.valueOffset, view.valueLength),

  [TYPE_LIST](digest, _keyspace, view) {
    listOfRecord(view).eachNode((u8, off) => {
      for (let p = listpack.first(u8, off); p >= 0; p = listpack.next(u8, p)) mixEntry(digest, u8, p);
    });
  },

  [TYPE_SET](digest, keyspace, view) {
    const sets = setsOf(keyspace);
    sets.each(sets.load(new SetContent(), view), (member) => digest.xor(member.bytes, member.off, member.length));
  },

  [TYPE_ZSET](digest, keyspace, view) {
    const zsets = zsetsOf(keyspace);
    const content = new ZsetContent();
    content.encoding = view.encoding;
    content.address = view.body;
    content.top = view.aside;
    zsets.walk(content, 0, zsets.count(content), false, (member, score) => {
      const element = new Digest();
      element.mixRange(member);
      element.mix(Buffer.from(scoreText(score), 'latin1'));
      digest.xorDigest(element);
    });
  },

  [TYPE_HASH](digest, keyspace, view) {
    hashesOf(keyspace)
      .load(view)
      .each((field, value) => {
        const element = new Digest();
        element.mixRange(field);
        element.mixRange(value);
        digest.xorDigest(element);
      });
  },

  [TYPE_STREAM](digest, _keyspace, view) {
    const stream = streamOfRecord(view);
    for (let found = stream.seekFrom(new StreamId()); found; found = stream.next()) {
      const { id, u8, isSame } = stream;
      const text = `${unsigned(id.msHi, id.msLo)}.${unsigned(id.seqHi, id.seqLo)}`;
      digest.mix(Buffer.from(text, 'latin1'));
      let field = stream.fieldsAt;
      let value = stream.valuesAt;
      for (let left = stream.fields; left > 0; left--) {
        mixEntry(digest, u8, field);
        if (isSame) field = listpack.after(u8, field);
        else value = listpack.after(u8, field);
        mixEntry(digest, u8, value);
        value = listpack.after(u8, value);
        if (!isSame) field = value;
      }
    }
  },
};

const entry = new listpack.Entry();
const digits = Buffer.alloc(24);

function mixEntry(digest: Digest, u8: Uint8Array, p: number): void {
  listpack.read(u8, p, entry);
  if (entry.isInteger) digest.mix(digits, 0, listpack.writeText(u8, entry, digits, 0));
  else digest.mix(u8, entry.start, entry.length);
}

function unsigned(hi: number, lo: number): bigint {
  return BigInt.asUintN(64, int64ToBigInt(hi, lo));
}

/** As printf's %.17g: 17 significant digits, no trailing zeros, an exponent of at least two digits outside of 1e-4 … 1e17. */
export function scoreText(score: number): string {
  if (score === Infinity) return 'inf';
  if (score === -Infinity) return '-inf';
  if (score === 0) return Object.is(score, -0) ? '-0' : '0';
  const sign = score < 0 ? '-' : '';
  const { digits: text, exponent } = roundedDigits(Math.abs(score));
  const short = text.replace(/0+$/, '');
  if (exponent < -4 || exponent >= SIGNIFICANT) {
    const mantissa = short.length > 1 ? `${short[0]}.${short.slice(1)}` : short;
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${short}`;
  const whole = text.slice(0, exponent + 1);
  const fraction = short.slice(exponent + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

const SIGNIFICANT = 17;

/** JavaScript rounds a tie up, C rounds it to the even digit. */
function roundedDigits(score: number): { digits: string; exponent: number } {
  const parts = (places: number): { digits: string; exponent: number } => {
    const [mantissa, exponent] = score.toExponential(places).split('e') as [string, string];
    return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
  };
  const long = parts(60);
  const kept = long.digits.slice(0, SIGNIFICANT);
  const isTie = /^50*$/.test(long.digits.slice(SIGNIFICANT));
  return isTie && Number(kept.at(-1)) % 2 === 0 ? { digits: kept, exponent: long.exponent } : parts(SIGNIFICANT - 1);
}
