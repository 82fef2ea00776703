/**
 * Places. Distances that are stored go to keys of their own, which are read and deleted in the same step: the last bits of
 * sine and arcsine are the C library's, and differ from machine to machine.
 */
import { anyOrder, argument, many, maybe, one, seq } from '../grammar.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { float, key, member } from '../values.ts';
import type { Random } from '../random.ts';

const own = argument('geo-key', (random) => (random.chance(0.97) ? `geo${random.between(0, 4)}` : 'geo-missing'));
const g = one(own, own, own, own, own, own, own, own, own, key('zset'), key('string'));
const distances = argument('distances', (random) => `distances${random.between(0, 1)}`);
/** Around a few towns, so that radii find some; the same place often; the edges of the map. */
const TOWNS: readonly (readonly [number, number])[] = [[13.361389, 38.115556], [15.087269, 37.502669], [2.349014, 48.864716], [0, 0], [-122.27652, 37.805186], [179.9, -16.5], [-179.95, -16.6], [24.9, 84.2], [-70, -84.9]];
const around = (random: Random): [number, number] => {
  const [lon, lat] = random.pick(TOWNS);
  const spread = random.pick([0, 0, 0.001, 0.1, 3, 40]);
  const shift = (): number => (random.fraction() - 0.5) * spread;
  const keep = (x: number, limit: number): number => Math.max(-limit, Math.min(limit, x));
  const digits = random.pick([2, 6, 12]);
  return [Number(keep(lon + shift(), 180).toFixed(digits)), Number(keep(lat + shift(), 85.05).toFixed(digits))];
};
const ODD: readonly (readonly [string, string])[] = [['180', '85.05112878'], ['-180', '-85.05112878'], ['180', '0'], ['0', '85.05112878'], ['181', '10'], ['181.0078125', '-85.0511287801'], ['1e300', '0'], ['inf', '0'], ['nan', '1'], ['x', '1'], ['1', ''], ['1', '-90'], ['-180.0000005', '1e-10']];
const place = { show: 'lon lat', make: (random: Random, out: string[]) => {
  if (random.chance(0.05)) out.push(...random.pick(ODD));
  else out.push(...around(random).map(String));
} };
const name = one(argument('name', (random) => `n${random.between(0, 60)}`), argument('name', (random) => `n${random.between(0, 8)}`), member);
const distance = argument('distance', (random) =>
  random.chance(0.95) ? String(random.pick([0, 1, 10, 100, 200, 1000, 5000, 20_000]) * random.pick([1, 0.5, 1.7, 0.001, 1])) : random.pick(['-1', 'x', 'inf', 'nan', '1e300', '-0', '1e-320']),
);
const unit = one('m', 'km', 'km', 'km', 'mi', 'ft', 'KM', 'mm');
const count = seq('COUNT', one('1', '2', '3', '5', '8', '10', '20', '60', '0', '-1', 'x'), maybe('ANY', 0.3));
const show = [maybe('WITHDIST', 0.3), maybe('WITHHASH', 0.25), maybe('WITHCOORD', 0.3)];
const order = maybe(one('ASC', 'DESC'), 0.5);
const some = maybe(count, 0.4);
const from = one(seq('FROMMEMBER', name), seq('FROMLONLAT', place));
const by = one(seq('BYRADIUS', distance, unit), seq('BYBOX', distance, distance, unit));
/** What was stored is read by rank, which the last bits do not change, and then goes. */
const readAndDrop = (at: (command: string[]) => string) => (command: string[]): { commands: string[][] } => ({
  commands: [['DEL', at(command)], command, ['ZRANGE', at(command), '0', '-1'], ['ZCOUNT', at(command), '(0', '+inf'], ['DEL', at(command)]],
});

export const geo: Group = {
  name: 'geo',
  weight: 4,
  rows: [
    row('GEOADD', 12, g, anyOrder(maybe(one('NX', 'XX'), 0.2), maybe('CH', 0.3)), many(seq(place, name), 5, 90)),
    row('GEOADD', 1, g, many(one('NX', 'XX', 'CH'), 3, 0), place, name),
    row('ZADD', 1, own, float, name),
    row('ZADD', 1, own, one('-1', '1e300', 'inf', '-inf', '4503599627370496', '9007199254740993', '18446744073709551615', '0.5', '-4503599627370496'), name),
    row('GEOPOS', 3, g, maybe(many(name, 4, 0), 0.95)),
    row('GEOHASH', 3, g, maybe(many(name, 4, 0), 0.95)),
    row('GEODIST', 5, g, name, name, maybe(unit), maybe('x', 0.02)),
    row('GEOSEARCH', 12, g, anyOrder(from, by, ...show, order, some), maybe('STOREDIST', 0.02)),
    row('GEOSEARCHSTORE', 4, own, g, anyOrder(from, by, order, some), maybe('WITHDIST', 0.05)),
    shaped('GEOSEARCHSTORE', 2, [distances, g, anyOrder(from, by, 'STOREDIST', order, some)], readAndDrop((command) => command[1]!), ['ZRANGE', 'ZCOUNT', 'DEL']),
    row('GEORADIUS', 5, g, place, distance, unit, anyOrder(...show, order, some), maybe(seq('STORE', own), 0.1)),
    row('GEORADIUS', 2, g, place, distance, unit, anyOrder(order, some, seq('STORE', own))),
    shaped('GEORADIUS', 1, [g, place, distance, unit, anyOrder(order, some), 'STOREDIST', distances], readAndDrop((command) => command.at(-1)!), ['ZRANGE', 'ZCOUNT', 'DEL']),
    row('GEORADIUS_RO', 3, g, place, distance, unit, anyOrder(...show, order, some), maybe(seq('STORE', own), 0.05)),
    row('GEORADIUSBYMEMBER', 5, g, name, distance, unit, anyOrder(...show, order, some), maybe(seq('STORE', own), 0.1)),
    row('GEORADIUSBYMEMBER', 2, g, name, distance, unit, anyOrder(order, some, seq('STORE', own))),
    row('GEORADIUSBYMEMBER_RO', 3, g, name, distance, unit, anyOrder(...show, order, some)),
    row('ZREM', 1, own, many(name, 3, 0)),
    row('DEL', 1, own),
  ],
};
