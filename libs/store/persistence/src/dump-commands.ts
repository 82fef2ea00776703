/**
 * DUMP and RESTORE: one value as RDB writes it (dump-payload.ts).
 */
import { Crc64 } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { DamagedValue, NOTIFY_GENERIC } from '@larder/store-keyspace';
import type { ValueCodec } from '@larder/store-keyspace';
import { dumpPayload } from './dump-payload';
import { RDB_VERSION_MAX } from './rdb-format';
import { RdbFault, RdbReader } from './rdb-reader';

const TRAILER_BYTES = 10;

/** `skipsChecksums`: for tests that make payloads by hand (DEBUG). */
export function dumpCommands(codecs: readonly ValueCodec[], compresses: () => boolean = () => true, skipsChecksums: () => boolean = () => false): readonly CommandRow[] {
  function dump(unit: Unit): void {
    const { args, keyspace, reply, view } = unit;
    if (keyspace.lookup(unit.database, args.buf, args.off[1]!, args.len[1]!) === 0) return reply.nullBulk();
    const payload = dumpPayload(view, codecs, compresses());
    reply.bulk(payload, 0, payload.length);
  }

  function isWhole(bytes: Buffer): boolean {
    if (bytes.length < TRAILER_BYTES) return false;
    if (bytes.readUInt16LE(bytes.length - TRAILER_BYTES) > RDB_VERSION_MAX) return false;
    if (skipsChecksums()) return true;
    const crc = new Crc64();
    crc.update(bytes, 0, bytes.length - 8);
    return crc.equals(bytes, bytes.length - 8);
  }

  function restore(unit: Unit): void {
    const { args, keyspace, reply } = unit;
    let replaces = false;
    let absolute = false;
    /** Seconds since the last access, or how often it is accessed; negative: not given. */
    let idle = -1;
    let frequency = -1;
    for (let i = 4; i < args.count; i++) {
      const hasNext = i + 1 < args.count;
      if (args.is(i, 'replace')) replaces = true;
      else if (args.is(i, 'absttl')) absolute = true;
      else if (args.is(i, 'idletime') && hasNext && frequency < 0) {
        idle = unit.integerArg(++i);
        if (idle !== idle) return;
        if (idle < 0) return reply.error('ERR Invalid IDLETIME value, must be >= 0');
      } else if (args.is(i, 'freq') && hasNext && idle < 0) {
        frequency = unit.integerArg(++i);
        if (frequency !== frequency) return;
        if (frequency < 0 || frequency > 255) return reply.error('ERR Invalid FREQ value, must be >= 0 and <= 255');
      } else return unit.syntaxError();
    }
    const find = () => keyspace.lookupWrite(unit.database, args.buf, args.off[1]!, args.len[1]!);
    if (find() !== 0 && !replaces) return reply.error('BUSYKEY Target key name already exists.');
    const ttl = unit.integerArg(2);
    if (ttl !== ttl) return;
    if (ttl < 0) return reply.error('ERR Invalid TTL value, must be >= 0');
    const payload = Buffer.from(args.buf.subarray(args.off[3]!, args.off[3]! + args.len[3]!));
    if (!isWhole(payload)) return reply.error('ERR DUMP payload version or checksum are wrong');
    // A time beyond 64 bits turns negative in Redis: it is over.
    const moment = absolute ? ttl : ttl + unit.now;
    const expireAt = ttl === 0 ? -1 : moment < 2 ** 63 || absolute ? moment : 0;

    // The old value goes only once the new one is known to be good: it is read first under a name that nobody has, in the same shard
    // since no other is held, and that nobody hears of.
    let at = 0;
    const body = payload.subarray(0, payload.length - TRAILER_BYTES);
    const source = {
      read(into: Buffer): number {
        const copied = body.copy(into, 0, at);
        at += copied;
        return copied;
      },
    };
    const existed = find() !== 0;
    if (existed) {
      const { shard, listener } = keyspace;
      let rehearsal: Buffer;
      let tries = 0;
      do rehearsal = Buffer.from(`\0restore\0${tries++}`, 'latin1');
      while (keyspace.shardOf(rehearsal, 0, rehearsal.length) !== shard || keyspace.lookupWrite(unit.database, rehearsal, 0, rehearsal.length) !== 0);
      keyspace.listener = null;
      try {
        if (!readInto(unit, source)) return;
        if (keyspace.lookupWrite(unit.database, rehearsal, 0, rehearsal.length) !== 0) keyspace.remove();
      } finally {
        keyspace.listener = listener;
      }
      at = 0;
      if (find() !== 0) keyspace.remove();
      find();
    }
    if (!readInto(unit, source)) return;
    if (expireAt >= 0 && find() !== 0) {
      if (expireAt <= unit.now && keyspace.expires) {
        keyspace.remove();
        if (existed) keyspace.changed(NOTIFY_GENERIC, 'del');
        return reply.ok();
      }
      try {
        keyspace.setExpiry(expireAt);
      } catch (full) {
        keyspace.remove(); // a key that should go must not stay for ever
        throw full;
      }
    } else find();
    keyspace.setAccess(idle, frequency);
    keyspace.changed(NOTIFY_GENERIC, 'restore');
    if (expireAt >= 0) unit.journalAs('RESTORE', args.copy(1), String(expireAt), payload, 'REPLACE', 'ABSTTL');
    reply.ok();
  }

  function readInto(unit: Unit, source: { read(into: Buffer): number }): boolean {
    try {
      // A collection without elements is no value either.
      if (new RdbReader(source, { codecs, checks: false }).readObject(unit.keyspace)) return true;
    } catch (error) {
      if (!(error instanceof RdbFault) && !(error instanceof DamagedValue)) throw error;
    }
    unit.reply.error('ERR Bad data format');
    return false;
  }

  return [
    { name: 'dump', needs: 'keys', run: dump },
    { name: 'restore', needs: 'keys', run: restore },
    { name: 'restore-asking', needs: 'keys', run: restore },
  ];
}
