/**
 * Arguments of the geo commands. A reader that refuses has written the error and says so.
 */
import { longDoubleFromNumber, longDoubleText } from '@larder/store-datatypes';
import type { Unit } from '@larder/store-dispatch';
import { LATITUDE_MAX, LONGITUDE_MAX } from './geohash';

/** Of the last `placeArgs`. */
export const given = { lon: 0, lat: 0 };

/** Longitude and latitude in arguments `i` and `i + 1`, into `given`; false after answering an error. */
export function placeArgs(unit: Unit, i: number): boolean {
  given.lon = unit.doubleArg(i);
  if (given.lon !== given.lon) return false;
  given.lat = unit.doubleArg(i + 1);
  if (given.lat !== given.lat) return false;
  if (Math.abs(given.lon) <= LONGITUDE_MAX && Math.abs(given.lat) <= LATITUDE_MAX) return true;
  unit.reply.error(`ERR invalid longitude,latitude pair ${sixDecimals(given.lon)},${sixDecimals(given.lat)}`);
  return false;
}

/** C's "%f": exact, ties to even. */
export function sixDecimals(x: number): string {
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  // Exact where six decimals say all; toFixed only breaks ties otherwise, and a tie has a seventh decimal and no eighth.
  const [whole = '', fraction = ''] = longDoubleText(longDoubleFromNumber(Math.abs(x))).split('.');
  const sign = x < 0 || Object.is(x, -0) ? '-' : '';
  if (fraction.length <= 6) return `${sign}${whole}.${fraction.padEnd(6, '0')}`;
  const scaled = BigInt(whole + fraction.slice(0, 6));
  const rest = fraction.slice(6);
  const up = rest > '5' || (rest === '5' && scaled % 2n === 1n);
  const digits = String(scaled + (up ? 1n : 0n)).padStart(7, '0');
  return `${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

const UNITS: readonly (readonly [string, number])[] = [['m', 1], ['km', 1000], ['ft', 0.3048], ['mi', 1609.34]];

/** Metres in the unit that argument `i` names; NaN after answering an error. */
export function unitArg(unit: Unit, i: number): number {
  for (const [name, metres] of UNITS) if (unit.args.is(i, name)) return metres;
  unit.reply.error('ERR unsupported unit provided. please use M, KM, FT, MI');
  return NaN;
}
