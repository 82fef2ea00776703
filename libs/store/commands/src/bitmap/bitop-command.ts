/** BITOP: bitwise AND, OR, XOR and NOT of whole strings. */
import { TYPE_STRING, copyBytes } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_STRING } from '@larder/store-keyspace';
import { ENCODING_RAW, writeString } from '../string/string-value';
import type { Operation } from './bit-kernels';
import { combine } from './bit-words';
import type { Range } from './bit-words';

const OPERATIONS: readonly Operation[] = ['and', 'or', 'xor', 'not'];
const MISSING: Range = { u8: Buffer.alloc(0), off: 0, length: 0 };

function bitop(unit: Unit): void {
  const { args, reply, view, keyspace } = unit;
  const operation = OPERATIONS.find((name) => args.is(1, name));
  if (operation === undefined) return unit.syntaxError();
  if (operation === 'not' && args.count !== 4) return reply.error('ERR BITOP NOT must be called with a single source key.');
  const sources: Range[] = [];
  const addresses: number[] = [];
  let longest = 0;
  for (let i = 3; i < args.count; i++) {
    const found = unit.readTyped(i, TYPE_STRING);
    if (found === -1) return;
    sources.push(found === 0 ? MISSING : { u8: view.u8, off: view.valueOffset, length: view.valueLength });
    if (found === 0) continue;
    addresses.push(found);
    longest = Math.max(longest, view.valueLength);
  }
  if (longest === 0) {
    if (unit.lookupWrite(2) !== 0) {
      keyspace.remove();
      keyspace.changed(NOTIFY_GENERIC, 'del');
    }
    return reply.integer(0);
  }
  const dest = unit.lookupWrite(2);
  if (addresses.includes(dest)) {
    const result = Buffer.allocUnsafeSlow(longest);
    combine(operation, sources, result, 0, longest);
    writeString(keyspace, dest, longest, false, ENCODING_RAW);
    copyBytes(result, 0, view.u8, view.valueOffset, longest);
  } else {
    writeString(keyspace, dest, longest, false, ENCODING_RAW);
    combine(operation, sources, view.u8, view.valueOffset, longest);
  }
  keyspace.changed(NOTIFY_STRING, 'set');
  reply.integer(longest);
}

export const bitopCommand: CommandRow = { name: 'bitop', needs: 'keys', run: bitop };
