/**
 * PFADD, PFCOUNT, PFMERGE, and what tests look at: PFDEBUG, PFSELFTEST.
 */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOTIFY_STRING } from '@larder/store-keyspace';
import { CORRUPT_SKETCH, checkSketch, createSketch, makeDense, raiseRegister, unshare } from './hyperloglog-value';
import { selfTest } from './self-test';
import {
  CORRUPT,
  DENSE,
  PLANNED,
  REGISTERS,
  SPARSE,
  cardinality,
  denseRegister,
  encodingOf,
  estimate,
  estimateRegisters,
  forgetCardinality,
  hasCardinality,
  locate,
  mergeInto,
  place,
  raiseDense,
  setCardinality,
  sparseText,
} from './sketch';

function pfadd(unit: Unit): void {
  const { args, reply, keyspace, view } = unit;
  let updated = 0;
  if (unit.lookupWrite(1) === 0) {
    createSketch(keyspace);
    updated++;
  } else {
    if (!checkSketch(unit)) return;
    unshare(keyspace);
  }
  for (let i = 2; i < args.count; i++) {
    locate(args.buf, args.off[i]!, args.len[i]!);
    const outcome = raiseRegister(keyspace, place.register, place.rank);
    if (outcome === CORRUPT) return reply.error(CORRUPT_SKETCH);
    if (outcome === PLANNED) updated++;
  }
  if (updated === 0) return reply.integer(0);
  forgetCardinality(view.u8, view.valueOffset);
  keyspace.dirty += updated - 1;
  keyspace.changed(NOTIFY_STRING, 'pfadd');
  reply.integer(1);
}

const union = new Uint8Array(REGISTERS);

function pfcount(unit: Unit): void {
  const { args, reply, keyspace, view } = unit;
  if (args.count > 2) {
    union.fill(0);
    for (let i = 1; i < args.count; i++) {
      if (unit.lookupRead(i) === 0) continue;
      if (!checkSketch(unit)) return;
      if (!mergeInto(union, view.u8, view.valueOffset, view.valueLength)) return reply.error(CORRUPT_SKETCH);
    }
    return reply.integerText(String(estimateRegisters(union)));
  }
  if (unit.lookupRead(1) === 0) return reply.integer(0);
  if (!checkSketch(unit)) return;
  if (hasCardinality(view.u8, view.valueOffset)) {
    unshare(keyspace);
    return reply.integerText(String(cardinality(view.u8, view.valueOffset)));
  }
  const counted = estimate(view.u8, view.valueOffset, view.valueLength);
  if (counted === undefined) {
    unshare(keyspace);
    return reply.error(CORRUPT_SKETCH);
  }
  // A reading command that keeps what it computed: watchers and the journal hear of it, notifications do not.
  keyspace.beforeMutate();
  unshare(keyspace);
  setCardinality(view.u8, view.valueOffset, counted);
  keyspace.changed(0, '');
  reply.integerText(String(counted));
}

function pfmerge(unit: Unit): void {
  const { args, reply, keyspace, view } = unit;
  union.fill(0);
  let isDense = false;
  for (let i = 1; i < args.count; i++) {
    if (unit.lookupRead(i) === 0) continue;
    if (!checkSketch(unit)) return;
    if (encodingOf(view.u8, view.valueOffset) === DENSE) isDense = true;
    if (!mergeInto(union, view.u8, view.valueOffset, view.valueLength)) return reply.error(CORRUPT_SKETCH);
  }
  if (unit.lookupWrite(1) === 0) createSketch(keyspace);
  else unshare(keyspace);
  if (isDense && !makeDense(keyspace)) return reply.error(CORRUPT_SKETCH);
  for (let r = 0; r < REGISTERS; r++) {
    const rank = union[r]!;
    if (rank === 0) continue;
    if (isDense) raiseDense(view.u8, view.valueOffset, r, rank);
    else {
      raiseRegister(keyspace, r, rank);
      isDense = encodingOf(view.u8, view.valueOffset) === DENSE;
    }
  }
  forgetCardinality(view.u8, view.valueOffset);
  keyspace.changed(NOTIFY_STRING, 'pfadd');
  reply.ok();
}

function pfdebug(unit: Unit): void {
  const { args, reply, keyspace, view } = unit;
  if (unit.lookupWrite(2) === 0) return reply.error('ERR The specified key does not exist');
  if (!checkSketch(unit)) return;
  unshare(keyspace);
  const isSparse = encodingOf(view.u8, view.valueOffset) === SPARSE;
  if (args.is(1, 'encoding')) return reply.simple(isSparse ? 'sparse' : 'dense');
  if (args.is(1, 'decode')) {
    if (!isSparse) return reply.error('ERR HLL encoding is not sparse');
    return reply.bulkText(sparseText(view.u8, view.valueOffset, view.valueLength));
  }
  const isRegisters = args.is(1, 'getreg');
  if (!isRegisters && !args.is(1, 'todense')) {
    return reply.error(`ERR Unknown PFDEBUG subcommand '${args.text(1).split('\0')[0]!}'`);
  }
  if (isSparse) {
    if (!makeDense(keyspace)) return reply.error(CORRUPT_SKETCH);
    keyspace.dirty++; // for the journal alone: the value says the same as before
  }
  if (!isRegisters) return reply.integer(isSparse ? 1 : 0);
  reply.array(REGISTERS);
  for (let r = 0; r < REGISTERS; r++) reply.integer(denseRegister(view.u8, view.valueOffset, r));
}

function pfselftest(unit: Unit): void {
  const fault = selfTest(() => unit.random32());
  if (fault === undefined) unit.reply.ok();
  else unit.reply.error(`ERR TESTFAILED ${fault}`);
}

export const hyperloglogCommands: readonly CommandRow[] = [
  { name: 'pfadd', needs: 'keys', run: pfadd },
  { name: 'pfcount', needs: 'keys', run: pfcount },
  { name: 'pfmerge', needs: 'keys', run: pfmerge },
  { name: 'pfdebug', needs: 'keys', run: pfdebug },
  { name: 'pfselftest', needs: 'none', run: pfselftest },
];
