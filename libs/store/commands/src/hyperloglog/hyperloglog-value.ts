/**
 * A sketch as the string value of a key: changed in place in the arena, made dense or longer when it must be.
 * Everything acts on the key of the keyspace's last look-up.
 */
import { TYPE_STRING, resizeValue } from '@larder/store-datatypes';
import type { Keyspace } from '@larder/store-keyspace';
import type { Unit } from '@larder/store-dispatch';
import { WRONG_TYPE } from '@larder/store-dispatch';
import { ENCODING_RAW, growString } from '../string/string-value';
import {
  CORRUPT,
  DENSE,
  DENSE_BYTES,
  EMPTY_SPARSE_BYTES,
  PLANNED,
  REGISTERS,
  TOO_HIGH,
  UNCHANGED,
  carryOut,
  encodingOf,
  isSketch,
  mergeInto,
  plan,
  planRaise,
  raiseDense,
  setEncoding,
  writeDense,
  writeEmpty,
} from './sketch';

/** `hll-sparse-max-bytes`: a sparse sketch that would grow beyond it becomes dense. */
export const hyperloglogLimits = { sparseMaxBytes: 3000 };

export const CORRUPT_SKETCH = 'INVALIDOBJ Corrupted HLL object detected';
const NO_SKETCH = 'WRONGTYPE Key is not a valid HyperLogLog string value.';

/** Does the record just found hold a sketch? False after answering why not. */
export function checkSketch(unit: Unit): boolean {
  const { view, reply } = unit;
  if (view.type !== TYPE_STRING) reply.error(WRONG_TYPE);
  else if (!isSketch(view.u8, view.valueOffset, view.valueLength)) reply.error(NO_SKETCH);
  else return true;
  return false;
}

/** A value that is changed, or may be, is `raw` from then on. */
export function unshare(keyspace: Keyspace): void {
  if (keyspace.view.encoding !== ENCODING_RAW) keyspace.view.setEncoding(ENCODING_RAW);
}

/** Makes the key that the last look-up did not find. @throws ArenaFull */
export function createSketch(keyspace: Keyspace): void {
  keyspace.create(TYPE_STRING, ENCODING_RAW, 0, EMPTY_SPARSE_BYTES);
  writeEmpty(keyspace.view.u8, keyspace.view.valueOffset);
}

const registers = new Uint8Array(REGISTERS);

/** False when the sparse bytes are corrupt; then nothing changed. @throws ArenaFull (nothing changed) */
export function makeDense(keyspace: Keyspace): boolean {
  const { view } = keyspace;
  if (encodingOf(view.u8, view.valueOffset) === DENSE) return true;
  registers.fill(0);
  if (!mergeInto(registers, view.u8, view.valueOffset, view.valueLength)) return false;
  if (view.valueLength < DENSE_BYTES) growString(keyspace, DENSE_BYTES);
  else resizeValue(view, DENSE_BYTES);
  setEncoding(view.u8, view.valueOffset, DENSE);
  writeDense(registers, view.u8, view.valueOffset);
  return true;
}

/** Raises a register: UNCHANGED, PLANNED (done) or CORRUPT. @throws ArenaFull (nothing changed) */
export function raiseRegister(keyspace: Keyspace, register: number, rank: number): number {
  const { view } = keyspace;
  if (encodingOf(view.u8, view.valueOffset) === DENSE) {
    return raiseDense(view.u8, view.valueOffset, register, rank) ? PLANNED : UNCHANGED;
  }
  const length = view.valueLength;
  const outcome = planRaise(view.u8, view.valueOffset, length, register, rank);
  if (outcome === CORRUPT || outcome === UNCHANGED) return outcome;
  const delta = plan.length - plan.old;
  if (outcome === TOO_HIGH || (delta > 0 && length + delta > hyperloglogLimits.sparseMaxBytes)) {
    if (!makeDense(keyspace)) return CORRUPT;
    return raiseDense(view.u8, view.valueOffset, register, rank) ? PLANNED : UNCHANGED;
  }
  if (delta > 0) growString(keyspace, length + delta);
  resizeValue(view, carryOut(view.u8, view.valueOffset, length));
  return PLANNED;
}
