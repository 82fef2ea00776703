/**
 * Geohashes: a place on the globe as two integers of `step` bits each, one for the longitude, one for the latitude; the score
 * of a member interleaves 26 bits of both (latitude in the even bits).
 *
 * Facts: geohash.c and geohash_helper.c of Redis 7.0. Latitudes end where the Mercator map does.
 */

export const STEP_MAX = 26;
const UNITS_MAX = 2 ** STEP_MAX;
export const LONGITUDE_MAX = 180;
export const LATITUDE_MAX = 85.05112878;

/** A cell of the grid of `step`: 4^step cells. `lon` or `lat` may be 2^step, where a place lies on the upper edge. */
export interface Cell {
  readonly lon: number;
  readonly lat: number;
  readonly step: number;
}

export interface Area {
  readonly lonMin: number;
  readonly lonMax: number;
  readonly latMin: number;
  readonly latMax: number;
}

/** The cell of a place, within other limits than the map's if given (GEOHASH shows ±90°). */
export function cellOf(lon: number, lat: number, step: number, latitudeMax = LATITUDE_MAX): Cell {
  const lonPart = (lon + LONGITUDE_MAX) / (2 * LONGITUDE_MAX);
  const latPart = (lat + latitudeMax) / (2 * latitudeMax);
  return { lon: Math.floor(lonPart * 2 ** step), lat: Math.floor(latPart * 2 ** step), step };
}

export function areaOf({ lon, lat, step }: Cell): Area {
  const unit = 2 ** step;
  return {
    lonMin: -LONGITUDE_MAX + (lon / unit) * (2 * LONGITUDE_MAX),
    lonMax: -LONGITUDE_MAX + (((lon + 1) >>> 0) / unit) * (2 * LONGITUDE_MAX),
    latMin: -LATITUDE_MAX + (lat / unit) * (2 * LATITUDE_MAX),
    latMax: -LATITUDE_MAX + (((lat + 1) >>> 0) / unit) * (2 * LATITUDE_MAX),
  };
}

/** The neighbour `x` cells to the east and `y` to the north: −1, 0 or 1 each. Rows and columns close to rings. */
export function neighbour(cell: Cell, x: number, y: number): Cell {
  const unit = 2 ** cell.step;
  return { lon: x === 0 ? cell.lon : (cell.lon + x + unit) % unit, lat: y === 0 ? cell.lat : (cell.lat + y + unit) % unit, step: cell.step };
}

/** The bits of a cell: latitude in the even ones. Exact up to 53 bits, which only the map's upper edges exceed. */
function bitsOf({ lon, lat }: Cell): { hi: number; lo: number } {
  return {
    hi: (spread(lat >>> 16) | (spread(lon >>> 16) << 1)) >>> 0,
    lo: (spread(lat & 0xffff) | (spread(lon & 0xffff) << 1)) >>> 0,
  };
}

/** 16 bits, each followed by room for another. */
function spread(x: number): number {
  x = (x | (x << 8)) & 0x00ff00ff;
  x = (x | (x << 4)) & 0x0f0f0f0f;
  x = (x | (x << 2)) & 0x33333333;
  return (x | (x << 1)) & 0x55555555;
}

function gather(x: number): number {
  x &= 0x55555555;
  x = (x | (x >>> 1)) & 0x33333333;
  x = (x | (x >>> 2)) & 0x0f0f0f0f;
  x = (x | (x >>> 4)) & 0x00ff00ff;
  return (x | (x >>> 8)) & 0xffff;
}

/** A cell's 52 bits as a score; `next` asks for that of the cell behind it in the order of scores. */
export function scoreOf(cell: Cell, next = 0): number {
  const { hi, lo } = bitsOf(cell);
  const unit = 2 ** (2 * (STEP_MAX - cell.step));
  if (hi < 0x200000) return (hi * 4294967296 + lo + next) * unit;
  return Number(((BigInt(hi) << 32n) | BigInt(lo)) + BigInt(next)) * unit;
}

/** The bits as digits: what GEOADD gives to ZADD. */
export function scoreText(cell: Cell): string {
  const { hi, lo } = bitsOf(cell);
  return hi < 0x200000 ? String(hi * 4294967296 + lo) : String((BigInt(hi) << 32n) | BigInt(lo));
}

/** The centre of a score's cell; valid until the next call. */
export const place = { lon: 0, lat: 0 };

/** Any score is taken for a cell's, also one that no GEOADD made. */
export function locate(score: number): void {
  let hi: number;
  let lo: number;
  if (score >= 0 && score < 9007199254740992) {
    const whole = Math.floor(score);
    hi = Math.floor(whole / 4294967296);
    lo = whole >>> 0;
  } else {
    const bits = toBits(score);
    hi = Number(bits >> 32n);
    lo = Number(bits & 0xffffffffn);
  }
  // As `areaOf` computes it, without an object for each member that is looked at.
  const lat = (gather(lo) | (gather(hi) << 16)) >>> 0;
  const lon = (gather(lo >>> 1) | (gather(hi >>> 1) << 16)) >>> 0;
  const lonMin = -LONGITUDE_MAX + (lon / UNITS_MAX) * (2 * LONGITUDE_MAX);
  const lonMax = -LONGITUDE_MAX + (((lon + 1) >>> 0) / UNITS_MAX) * (2 * LONGITUDE_MAX);
  const latMin = -LATITUDE_MAX + (lat / UNITS_MAX) * (2 * LATITUDE_MAX);
  const latMax = -LATITUDE_MAX + (((lat + 1) >>> 0) / UNITS_MAX) * (2 * LATITUDE_MAX);
  place.lon = Math.max(-LONGITUDE_MAX, Math.min(LONGITUDE_MAX, (lonMin + lonMax) / 2));
  place.lat = Math.max(-LATITUDE_MAX, Math.min(LATITUDE_MAX, (latMin + latMax) / 2));
}

/** A double as C turns it into 64 bits without sign, on x86. */
function toBits(score: number): bigint {
  if (score >= 2 ** 63) return score < 2 ** 64 ? BigInt(score) : 0n;
  return score >= -(2 ** 63) ? BigInt.asUintN(64, BigInt(Math.trunc(score))) : 1n << 63n;
}

const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz';

/** The usual text of a place: 10 letters of 5 bits, and a zero that stands for the bits there are not. */
export function geohashText(lon: number, lat: number): string {
  const { hi, lo } = bitsOf(cellOf(lon, lat, STEP_MAX, 90));
  const bits = (BigInt(hi) << 32n) | BigInt(lo);
  let text = '';
  for (let shift = 47n; shift >= 2n; shift -= 5n) text += ALPHABET[Number((bits >> shift) & 31n)]!;
  return `${text}0`;
}
