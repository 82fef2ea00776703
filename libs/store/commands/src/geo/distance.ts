/**
 * Distances on the globe by the haversine formula, as Redis computes them. The quick result comes with a bound of its
 * doubt, because the last bits of JavaScript's sine are not those of C's: whoever could see the difference (at the edge of
 * a radius, at the last digit shown, in a stored score) asks for the exact one.
 */
import * as exact from './exact-trigonometry';

const EARTH_RADIUS = 6372797.560856;
const PER_DEGREE = Math.PI / 180;

/** How far the last quick distance may be off. */
export let doubt = 0;

export function latitudeDistance(lat1: number, lat2: number): number {
  return EARTH_RADIUS * Math.abs(lat2 * PER_DEGREE - lat1 * PER_DEGREE);
}

export function quickDistance(lon1: number, lat1: number, lon2: number, lat2: number): number {
  doubt = 0;
  const v = Math.sin((lon2 * PER_DEGREE - lon1 * PER_DEGREE) / 2);
  if (v === 0) return latitudeDistance(lat1, lat2);
  const from = lat1 * PER_DEGREE;
  const to = lat2 * PER_DEGREE;
  const u = Math.sin((to - from) / 2);
  const a = u * u + Math.cos(from) * Math.cos(to) * v * v;
  // An error of a grows without bound on the way to the other side of the globe.
  doubt = a < 1 ? EARTH_RADIUS * 4e-15 * (1 + Math.sqrt(a / (1 - a))) : Infinity;
  return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(a));
}

/** The same formula, on its own so that the quick one is compiled for JavaScript's functions alone. */
export function exactDistance(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const v = exact.sin((lon2 * PER_DEGREE - lon1 * PER_DEGREE) / 2);
  if (v === 0) return latitudeDistance(lat1, lat2);
  const from = lat1 * PER_DEGREE;
  const to = lat2 * PER_DEGREE;
  const u = exact.sin((to - from) / 2);
  const a = u * u + exact.cos(from) * exact.cos(to) * v * v;
  return 2 * EARTH_RADIUS * exact.asin(Math.sqrt(a));
}

/** Is the distance at most `limit` metres? */
export function isWithin(limit: number, lon1: number, lat1: number, lon2: number, lat2: number): boolean {
  // No way is shorter than the difference of latitudes; the margin is far above what rounding could do.
  if (latitudeDistance(lat1, lat2) > limit * 1.000001 + 1) return false;
  const quick = quickDistance(lon1, lat1, lon2, lat2);
  if (quick > limit + doubt) return false;
  return quick < limit - doubt || !(exactDistance(lon1, lat1, lon2, lat2) > limit);
}

/** The distance in units of `unit` metres with four decimals, as GEODIST and WITHDIST show it. */
export function distanceText(unit: number, lon1: number, lat1: number, lon2: number, lat2: number): string {
  let metres = quickDistance(lon1, lat1, lon2, lat2);
  const scaled = (metres / unit) * 10000;
  const bound = (doubt / unit) * 10000;
  if (doubt !== 0 && !(Math.abs(scaled - Math.floor(scaled) - 0.5) > bound)) metres = exactDistance(lon1, lat1, lon2, lat2);
  return fourDecimals(metres / unit);
}

function fourDecimals(x: number): string {
  const scaled = x * 10000;
  // What C's conversion makes of numbers that are none.
  if (!(Math.abs(scaled) < 2 ** 63)) return '-922337203685477.5808';
  const whole = nearestEven(scaled);
  const digits = (Number.isSafeInteger(whole) ? String(whole) : String(BigInt(whole))).padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

function nearestEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1;
  return rest < 0.5 ? below : below + 1;
}
