// What FUNCTION DUMP answers: libraries as RDB writes them, with the trailer of DUMP.
//
//   { 245 | string: the library's text } …  [ RDB version, 2 bytes LE | CRC-64 LE of all before ]
import { Crc64, lzfCompress, lzfDecompress } from '@larder/store-datatypes';

const function2 = 245;
const functionBeforeGa = 246;
const rdbVersion = 10;
const rdbVersionMax = 12;
const trailerBytes = 10;
const compressedString = 0xc3;
const compressedFrom = 20;

export function encodeLibraries(codes: Iterable<Buffer>, compresses: boolean): Buffer {
  const parts: Buffer[] = [];
  for (const code of codes) parts.push(Buffer.of(function2), ...encodeString(code, compresses));
  const version = Buffer.alloc(2);
  version.writeUInt16LE(rdbVersion);
  const payload = Buffer.concat([...parts, version, Buffer.alloc(8)]);
  const crc = new Crc64();
  crc.update(payload, 0, payload.length - 8);
  crc.write(payload, payload.length - 8);
  return payload;
}

/** The texts in a payload, or why it is none. */
export function decodeLibraries(payload: Buffer): Buffer[] | string {
  const end = payload.length - trailerBytes;
  const crc = new Crc64();
  if (end >= 0) crc.update(payload, 0, payload.length - 8);
  if (end < 0 || payload.readUInt16LE(end) > rdbVersionMax || !crc.equals(payload, payload.length - 8)) {
    return 'DUMP payload version or checksum are wrong';
  }
  const codes: Buffer[] = [];
  const reader = new StringReader(payload, end);
  while (reader.at < end) {
    const opcode = payload[reader.at++];
    if (opcode === functionBeforeGa) return 'Pre-GA function format not supported';
    if (opcode !== function2) return 'given type is not a function';
    const code = reader.string();
    if (code === undefined) return 'failed loading the given functions payload';
    codes.push(code);
  }
  return codes;
}

function encodeString(bytes: Buffer, compresses: boolean): Buffer[] {
  if (compresses && bytes.length > compressedFrom) {
    const room = Buffer.allocUnsafe(bytes.length);
    const length = lzfCompress(bytes, 0, bytes.length, room, 0, bytes.length - 4);
    if (length > 0) return [Buffer.of(compressedString), encodeLength(length), encodeLength(bytes.length), room.subarray(0, length)];
  }
  return [encodeLength(bytes.length), bytes];
}

function encodeLength(length: number): Buffer {
  if (length < 64) return Buffer.of(length);
  if (length < 16384) return Buffer.of(0x40 | (length >> 8), length & 0xff);
  const long = Buffer.alloc(5, 0x80);
  long.writeUInt32BE(length, 1);
  return long;
}

class StringReader {
  at = 0;
  readonly #bytes: Buffer;
  readonly #end: number;

  constructor(bytes: Buffer, end: number) {
    this.#bytes = bytes;
    this.#end = end;
  }

  /** undefined when it does not fit or is none. */
  string(): Buffer | undefined {
    if (this.#bytes[this.at] !== compressedString) return this.#take(this.#length());
    this.at++;
    const packed = this.#length();
    const length = this.#length();
    const bytes = this.#take(packed);
    if (bytes === undefined || length < 0 || length > 512 * 2 ** 20) return undefined;
    const out = Buffer.allocUnsafe(length);
    return lzfDecompress(bytes, 0, bytes.length, out, 0, length) ? out : undefined;
  }

  #take(length: number): Buffer | undefined {
    if (length < 0 || this.at + length > this.#end) return undefined;
    const bytes = Buffer.from(this.#bytes.subarray(this.at, this.at + length));
    this.at += length;
    return bytes;
  }

  /** -1: none. */
  #length(): number {
    const bytes = this.#bytes;
    const first = this.at < this.#end ? bytes[this.at++]! : 0xff;
    const kind = first >> 6;
    if (kind === 0) return first;
    if (kind === 1 && this.at < this.#end) return ((first & 63) << 8) | bytes[this.at++]!;
    if (first !== 0x80 || this.at + 4 > this.#end) return -1;
    this.at += 4;
    return bytes.readUInt32BE(this.at - 4);
  }
}
