/**
 * Where to search: the cells of a grid, at most nine, that cover a circle or a box around a place. The grid's step follows
 * the size, so that few members outside of the shape have to be looked at.
 */
import { doubt, exactDistance, isWithin, latitudeDistance, quickDistance } from './distance';
import { areaOf, cellOf, neighbour } from './geohash';
import type { Cell } from './geohash';

const EARTH_RADIUS = 6372797.560856;
const MERCATOR_MAX = 20037726.37;
const PER_DEGREE = Math.PI / 180;

export interface Shape {
  lon: number;
  lat: number;
  /** Metres in the unit of the numbers below. */
  unit: number;
  /** Of a circle; a box has none. */
  radius: number | undefined;
  width: number;
  height: number;
}

/** Is a place within the shape? */
export function holds(shape: Shape, lon: number, lat: number): boolean {
  if (shape.radius !== undefined) return isWithin(shape.radius * shape.unit, shape.lon, shape.lat, lon, lat);
  if (latitudeDistance(lat, shape.lat) > (shape.height * shape.unit) / 2) return false;
  return isWithin((shape.width * shape.unit) / 2, lon, lat, shape.lon, lat);
}

/** For sorting: places apart differ by more than its error. */
export function distanceFrom(shape: Shape, lon: number, lat: number): number {
  const quick = quickDistance(shape.lon, shape.lat, lon, lat);
  return doubt < 1e-4 ? quick : exactDistance(shape.lon, shape.lat, lon, lat);
}

function stepFor(metres: number, lat: number): number {
  if (metres === 0) return 26;
  let step = 1;
  for (; metres < MERCATOR_MAX; step++) metres *= 2;
  step -= 2; // so that the range lies in the middle of most
  if (lat > 66 || lat < -66) step -= lat > 80 || lat < -80 ? 2 : 1; // cells are narrower towards the poles
  return Math.max(1, Math.min(26, step));
}

/** The cells in the order Redis looks at them: its own, N, S, E, W, NE, NW, SE, SW; without those that the shape does not reach. */
export function cellsFor(shape: Shape): readonly Cell[] {
  const { lon, lat, unit, radius } = shape;
  const height = unit * (radius ?? shape.height / 2);
  const width = unit * (radius ?? shape.width / 2);
  const latDelta = height / EARTH_RADIUS / PER_DEGREE;
  const edge = lat < 0 ? lat - latDelta : lat + latDelta;
  const lonDelta = width / EARTH_RADIUS / Math.cos(edge * PER_DEGREE) / PER_DEGREE;
  const lonMin = lon - lonDelta;
  const lonMax = lon + lonDelta;
  const latMin = lat - latDelta;
  const latMax = lat + latDelta;

  let step = stepFor((radius ?? Math.sqrt((shape.width / 2) * (shape.width / 2) + (shape.height / 2) * (shape.height / 2))) * unit, lat);
  let centre = cellOf(lon, lat, step);
  const isTooSmall =
    areaOf(neighbour(centre, 0, 1)).latMax < latMax ||
    areaOf(neighbour(centre, 0, -1)).latMin > latMin ||
    areaOf(neighbour(centre, 1, 0)).lonMax < lonMax ||
    areaOf(neighbour(centre, -1, 0)).lonMin > lonMin;
  if (step > 1 && isTooSmall) centre = cellOf(lon, lat, --step);
  const area = areaOf(centre);
  const spares = step >= 2;
  const north = !(spares && area.latMax > latMax);
  const south = !(spares && area.latMin < latMin);
  const east = !(spares && area.lonMax > lonMax);
  const west = !(spares && area.lonMin < lonMin);

  const cells = [centre];
  let last: Cell | undefined;
  const look = (isReached: boolean, x: number, y: number): void => {
    if (!isReached) return;
    const cell = neighbour(centre, x, y);
    // Where the grid is coarse, neighbours on both sides are the same one.
    if (last !== undefined && cell.lon === last.lon && cell.lat === last.lat) return;
    cells.push(cell);
    last = cell;
  };
  look(north, 0, 1);
  look(south, 0, -1);
  look(east, 1, 0);
  look(west, -1, 0);
  look(north && east, 1, 1);
  look(north && west, -1, 1);
  look(south && east, 1, -1);
  look(south && west, -1, -1);
  return cells;
}
