/**
 * Places as members of sorted sets: GEOADD, GEODIST, GEOHASH, GEOPOS. What searches is in geo-search.ts.
 */
import { copyBytes, doubleAsLongDoubleText, writeInteger } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { Args } from '@larder/store-resp';
import type { ZsetContent } from '../zset/zset-value';
import { readZset } from '../zset/zset-key';
import { zsetCommands } from '../zset/zset-commands';
import { zsetsOf } from '../zset/zset-value';
import { distanceText } from './distance';
import { given, placeArgs, unitArg } from './geo-arguments';
import { geoSearchCommands } from './geo-search';
import { STEP_MAX, cellOf, geohashText, locate, place, scoreOf, scoreText } from './geohash';

const zadd = zsetCommands.find(({ name }) => name === 'zadd')!.run;

const asZadd = new Args();
const SCORE_BYTES_MAX = 20;
const BUFFER_MIN = 1 << 12;
const BUFFER_KEPT_MAX = 1 << 18;
asZadd.buf = Buffer.allocUnsafeSlow(BUFFER_MIN);

/** As in Redis it becomes a ZADD, for the journal too. */
function geoadd(unit: Unit): void {
  const { args } = unit;
  let at = 2;
  let isContradiction = false;
  let hasNx = false;
  let hasXx = false;
  for (; at < args.count; at++) {
    if (args.is(at, 'nx')) hasNx = true;
    else if (args.is(at, 'xx')) hasXx = true;
    else if (!args.is(at, 'ch')) break;
    isContradiction = hasNx && hasXx;
  }
  if ((args.count - at) % 3 !== 0 || isContradiction) return unit.syntaxError();
  const pairs = (args.count - at) / 3;
  let bytes = pairs * SCORE_BYTES_MAX;
  for (let i = 1; i < args.count; i++) bytes += args.len[i]!;
  if (bytes > asZadd.buf.length) asZadd.buf = Buffer.allocUnsafeSlow(bytes);
  const { buf } = asZadd;
  asZadd.count = 0;
  asZadd.push(0, 0);
  let end = 0;
  for (let i = 1; i < at; i++) end = append(args, i, end);
  for (; at < args.count; at += 3) {
    if (!placeArgs(unit, at)) return;
    const start = end;
    const score = scoreOf(cellOf(given.lon, given.lat, STEP_MAX));
    if (score <= Number.MAX_SAFE_INTEGER) end = writeInteger(score, buf, end);
    else end += buf.write(scoreText(cellOf(given.lon, given.lat, STEP_MAX)), end, 'latin1');
    asZadd.push(start, end - start);
    end = append(args, at + 2, end);
  }
  if (unit.dispatcher.journal !== null) {
    const words: (string | Uint8Array)[] = ['zadd'];
    for (let i = 1; i < asZadd.count; i++) words.push(asZadd.copy(i));
    unit.journalAs(...words);
  }
  unit.args = asZadd;
  try {
    zadd(unit);
  } finally {
    unit.args = args;
    if (buf.length > BUFFER_KEPT_MAX) asZadd.buf = Buffer.allocUnsafeSlow(BUFFER_MIN);
  }
}

/** Copies argument `i` to asZadd.buf[end …) as its next one; answers the end. */
function append(args: Args, i: number, end: number): number {
  const length = args.len[i]!;
  copyBytes(args.buf, args.off[i]!, asZadd.buf, end, length);
  asZadd.push(end, length);
  return end + length;
}

/** The score of the member that argument `i` names; undefined when there is none. */
function scoreOfArg(unit: Unit, content: ZsetContent | null, i: number): number | undefined {
  const { args } = unit;
  const zsets = zsetsOf(unit.keyspace);
  return content !== null && zsets.find(content, args.buf, args.off[i]!, args.len[i]!) ? zsets.score : undefined;
}

function geodist(unit: Unit): void {
  const { args, reply } = unit;
  const metres = args.count === 5 ? unitArg(unit, 4) : 1;
  if (metres !== metres) return;
  if (args.count > 5) return unit.syntaxError();
  const content = readZset(unit, 1);
  if (content === undefined) return;
  const from = scoreOfArg(unit, content, 2);
  const to = from === undefined ? undefined : scoreOfArg(unit, content, 3);
  if (from === undefined || to === undefined) return reply.nullBulk();
  locate(from);
  const { lon, lat } = place;
  locate(to);
  reply.bulkText(distanceText(metres, lon, lat, place.lon, place.lat));
}

function geohash(unit: Unit): void {
  eachPlace(unit, ({ lon, lat }) => unit.reply.bulkText(geohashText(lon, lat)), () => unit.reply.nullBulk());
}

function geopos(unit: Unit): void {
  eachPlace(unit, () => replyPlace(unit), () => unit.reply.nullArray());
}

function eachPlace(unit: Unit, found: (at: { lon: number; lat: number }) => void, missing: () => void): void {
  const content = readZset(unit, 1);
  if (content === undefined) return;
  unit.reply.array(unit.args.count - 2);
  for (let i = 2; i < unit.args.count; i++) {
    const score = scoreOfArg(unit, content, i);
    if (score === undefined) missing();
    else {
      locate(score);
      found(place);
    }
  }
}

/** `place` as two numbers. */
function replyPlace(unit: Unit): void {
  unit.reply.array(2);
  unit.reply.double(doubleAsLongDoubleText(place.lon));
  unit.reply.double(doubleAsLongDoubleText(place.lat));
}

export const geoCommands: readonly CommandRow[] = [
  { name: 'geoadd', needs: 'keys', run: geoadd },
  { name: 'geodist', needs: 'keys', run: geodist },
  { name: 'geohash', needs: 'keys', run: geohash },
  { name: 'geopos', needs: 'keys', run: geopos },
  ...geoSearchCommands,
];
