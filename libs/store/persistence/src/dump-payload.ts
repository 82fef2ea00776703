/**
 * One value as DUMP shows it:
 *
 *   [ type | value | RDB version, 2 bytes LE | CRC-64 LE of all before ]
 */
import { Crc64 } from '@larder/store-datatypes';
import type { RecordView } from '@larder/store-datatypes';
import type { ValueCodec } from '@larder/store-keyspace';
import { RdbEncoder } from './rdb-encoder';
import { RDB_VERSION } from './rdb-format';
import { RdbFrames } from './rdb-frames';

export function dumpPayload(view: RecordView, codecs: readonly ValueCodec[], compresses: boolean): Buffer {
  const parts: Buffer[] = [];
  const encoder = new RdbEncoder({ compresses, checks: false });
  const frames = new RdbFrames(codecs, (chunk, length) => parts.push(Buffer.from(encoder.encode(chunk, length))));
  frames.object(view);
  frames.flush();
  const version = Buffer.alloc(2);
  version.writeUInt16LE(RDB_VERSION);
  const payload = Buffer.concat([...parts, version, Buffer.alloc(8)]);
  const crc = new Crc64();
  crc.update(payload, 0, payload.length - 8);
  crc.write(payload, payload.length - 8);
  return payload;
}
