/**
 * Places as members of sorted sets: GEOADD, GEODIST, GEOHASH, GEOPOS. What searches is in geo-search.ts.
 */
import { longDoubleFromNumber, longDoubleText } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { Args } from '@larder/store-resp';
import type { ZsetContent } from '../zset/zset-value';
import { readZset } from '../zset/zset-key';
import { zsetCommands } from '../zset/zset-commands';
import { zsetsOf } from '../zset/zset-value';
import { distanceText } from './distance';
import { given, placeArgs, unitArg } from './geo-arguments';
import { geoSearchCommands } from './geo-search';
import { STEP_MAX, cellOf, geohashText, locate, place, scoreText } from './geohash';

const zadd = zsetCommands.find(({ name }) => name === 'zadd')!.run;

const asZadd = new Args();

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
  const words: (string | Uint8Array)[] = ['zadd'];
  for (let i = 1; i < at; i++) words.push(args.copy(i));
  for (; at < args.count; at += 3) {
    if (!placeArgs(unit, at)) return;
    words.push(scoreText(cellOf(given.lon, given.lat, STEP_MAX)), args.copy(at + 2));
  }
  if (unit.dispatcher.journal !== null) unit.journalAs(...words);
  unit.args = asZadd.set(words);
  try {
    zadd(unit);
  } finally {
    unit.args = args;
  }
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
  unit.reply.double(longDoubleText(longDoubleFromNumber(place.lon)));
  unit.reply.double(longDoubleText(longDoubleFromNumber(place.lat)));
}

export const geoCommands: readonly CommandRow[] = [
  { name: 'geoadd', needs: 'keys', run: geoadd },
  { name: 'geodist', needs: 'keys', run: geodist },
  { name: 'geohash', needs: 'keys', run: geohash },
  { name: 'geopos', needs: 'keys', run: geopos },
  ...geoSearchCommands,
];
