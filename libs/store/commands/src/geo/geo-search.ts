/**
 * GEOSEARCH, GEOSEARCHSTORE, and the older GEORADIUS and GEORADIUSBYMEMBER with their _RO forms. The key is looked at before
 * the options are read, and a missing one still lets them be refused, as in Redis.
 */
import { compareBytes, copyBytes, doubleAsLongDoubleText } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_ZSET } from '@larder/store-keyspace';
import type { Args } from '@larder/store-resp';
import type { Slice } from '../element/slice';
import { readZset } from '../zset/zset-key';
import type { ZsetContent } from '../zset/zset-value';
import { zsetsOf } from '../zset/zset-value';
import { distanceText, exactDistance } from './distance';
import { given, placeArgs, unitArg } from './geo-arguments';
import { locate, place, scoreOf } from './geohash';
import { sortFirst } from './partial-sort';
import { cellsFor, distanceFrom, holds } from './search-area';
import type { Shape } from './search-area';

type Form = 'radius' | 'member' | 'search' | 'searchstore';

interface Found {
  /** Of its name: where in `names`, and how long. */
  at: number;
  length: number;
  lon: number;
  lat: number;
  score: number;
  distance: number;
}

/** What the arguments ask for. */
class Search {
  readonly shape: Shape = { lon: 0, lat: 0, unit: 1, radius: 0, width: 0, height: 0 };
  withDistance = false;
  withHash = false;
  withPlace = false;
  any = false;
  order: 0 | 1 | -1 = 0;
  /** 0: all. */
  count = 0;
  /** Argument of the key to store under, or 0. */
  storeAt = 0;
  storesDistance = false;
  private hasMember = false;
  private hasPlace = false;
  private hasRadius = false;
  private hasBox = false;
  private readonly unit: Unit;
  private readonly form: Form;

  constructor(unit: Unit, form: Form) {
    this.unit = unit;
    this.form = form;
  }

  /** Reads all arguments; false after answering an error. `content` is null for a missing key. */
  read(content: ZsetContent | null, maySave: boolean): boolean {
    const { unit, form, shape } = this;
    let from = 2;
    if (form === 'radius') {
      from = 6;
      if (!this.readPlace(2) || !this.readRadius(4)) return false;
    } else if (form === 'member') {
      from = 5;
      if (content !== null && (!this.readMember(content, 2) || !this.readRadius(3))) return false;
    } else if (form === 'searchstore') {
      from = 3;
      this.storeAt = 1;
    }
    if (!this.readOptions(content, from, maySave)) return false;
    const { reply, args } = unit;
    const isSearch = form === 'search' || form === 'searchstore';
    if (this.storeAt !== 0 && (this.withDistance || this.withHash || this.withPlace)) {
      const name = isSearch ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS';
      reply.error(`ERR ${name} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`);
    } else if (isSearch && !this.hasMember && !this.hasPlace) {
      reply.error(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${args.text(0)}`);
    } else if (isSearch && !this.hasRadius && !this.hasBox) {
      reply.error(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${args.text(0)}`);
    } else if (this.any && this.count === 0) {
      reply.error('ERR the ANY argument requires COUNT argument');
    } else {
      if (this.hasBox) shape.radius = undefined;
      return true;
    }
    return false;
  }

  private readOptions(content: ZsetContent | null, from: number, maySave: boolean): boolean {
    const { unit, form } = this;
    const { args } = unit;
    const isSearch = form === 'search' || form === 'searchstore';
    for (let i = from; i < args.count; i++) {
      const left = args.count - i - 1;
      if (args.is(i, 'withdist')) this.withDistance = true;
      else if (args.is(i, 'withhash')) this.withHash = true;
      else if (args.is(i, 'withcoord')) this.withPlace = true;
      else if (args.is(i, 'any')) this.any = true;
      else if (args.is(i, 'asc')) this.order = 1;
      else if (args.is(i, 'desc')) this.order = -1;
      else if (args.is(i, 'count') && left > 0) {
        this.count = unit.integerArg(++i);
        if (this.count !== this.count) return false;
        if (this.count <= 0) {
          unit.reply.error('ERR COUNT must be > 0');
          return false;
        }
      } else if (!isSearch && maySave && left > 0 && (args.is(i, 'store') || args.is(i, 'storedist'))) {
        this.storesDistance = args.is(i, 'storedist');
        this.storeAt = ++i;
      } else if (form === 'searchstore' && args.is(i, 'storedist')) this.storesDistance = true;
      else if (isSearch && !this.hasPlace && left > 0 && args.is(i, 'frommember')) {
        if (content !== null && !this.readMember(content, i + 1)) return false;
        this.hasMember = true;
        i++;
      } else if (isSearch && !this.hasMember && left > 1 && args.is(i, 'fromlonlat')) {
        if (!this.readPlace(i + 1)) return false;
        this.hasPlace = true;
        i += 2;
      } else if (isSearch && !this.hasBox && left > 1 && args.is(i, 'byradius')) {
        if (!this.readRadius(i + 1)) return false;
        this.hasRadius = true;
        i += 2;
      } else if (isSearch && !this.hasRadius && left > 2 && args.is(i, 'bybox')) {
        if (!this.readBox(i + 1)) return false;
        this.hasBox = true;
        i += 3;
      } else {
        unit.syntaxError();
        return false;
      }
    }
    return true;
  }

  private readPlace(i: number): boolean {
    if (!placeArgs(this.unit, i)) return false;
    this.shape.lon = given.lon;
    this.shape.lat = given.lat;
    return true;
  }

  private readMember(content: ZsetContent, i: number): boolean {
    const { args, keyspace, reply } = this.unit;
    const zsets = zsetsOf(keyspace);
    if (!zsets.find(content, args.buf, args.off[i]!, args.len[i]!)) {
      reply.error('ERR could not decode requested zset member');
      return false;
    }
    locate(zsets.score);
    this.shape.lon = place.lon;
    this.shape.lat = place.lat;
    return true;
  }

  private readRadius(i: number): boolean {
    const { unit, shape } = this;
    const radius = unit.doubleArg(i, 'ERR need numeric radius');
    if (radius !== radius) return false;
    if (radius < 0) {
      unit.reply.error('ERR radius cannot be negative');
      return false;
    }
    shape.radius = radius;
    return this.readUnit(i + 1);
  }

  private readBox(i: number): boolean {
    const { unit, shape } = this;
    const width = unit.doubleArg(i, 'ERR need numeric width');
    if (width !== width) return false;
    const height = unit.doubleArg(i + 1, 'ERR need numeric height');
    if (height !== height) return false;
    if (width < 0 || height < 0) {
      unit.reply.error('ERR height or width cannot be negative');
      return false;
    }
    shape.width = width;
    shape.height = height;
    return this.readUnit(i + 2);
  }

  private readUnit(i: number): boolean {
    const metres = unitArg(this.unit, i);
    if (metres !== metres) return false;
    this.shape.unit = metres;
    return true;
  }
}

/** The names of what one search found, one behind the other: a buffer for each would cost more than the search. */
let names = Buffer.allocUnsafeSlow(1 << 14);
let namesEnd = 0;
const NAMES_KEPT_MAX = 1 << 20;

function keepName({ bytes, off, length }: Slice): number {
  if (namesEnd + length > names.length) {
    const larger = Buffer.allocUnsafeSlow(Math.max(names.length * 2, namesEnd + length));
    names.copy(larger, 0, 0, namesEnd);
    names = larger;
  }
  copyBytes(bytes, off, names, namesEnd, length);
  namesEnd += length;
  return namesEnd - length;
}

const CHUNK = 64;

/** Members within the shape, cell by cell; with ANY as soon as there are enough, no more. */
function gather(unit: Unit, content: ZsetContent, { shape, any, count }: Search): Found[] {
  const zsets = zsetsOf(unit.keyspace);
  const limit = any ? count : Infinity;
  const found: Found[] = [];
  if (names.length > NAMES_KEPT_MAX) names = Buffer.allocUnsafeSlow(1 << 14);
  namesEnd = 0;
  for (const cell of cellsFor(shape)) {
    if (found.length >= limit) break;
    let rank = zsets.rankOfScore(content, scoreOf(cell), false);
    const end = zsets.rankOfScore(content, scoreOf(cell, 1), false);
    while (rank < end && found.length < limit) {
      const chunk = Math.min(end - rank, any ? CHUNK : Infinity);
      zsets.walk(content, rank, chunk, false, (member, score) => {
        if (found.length >= limit) return;
        locate(score);
        const { lon, lat } = place;
        if (holds(shape, lon, lat)) found.push({ at: keepName(member), length: member.length, lon, lat, score, distance: 0 });
      });
      rank += chunk;
    }
  }
  return found;
}

function searching(form: Form, maySave: boolean): (unit: Unit) => void {
  return (unit) => {
    const { reply } = unit;
    const content = readZset(unit, form === 'searchstore' ? 2 : 1);
    if (content === undefined) return;
    const search = new Search(unit, form);
    if (!search.read(content, maySave)) return;
    if (content === null) return search.storeAt === 0 ? reply.array(0) : storeNothing(unit, search.storeAt);
    const found = gather(unit, content, search);
    // The nearest ones are meant, unless any will do.
    const order = search.order === 0 && search.count !== 0 && !search.any ? 1 : search.order;
    const wanted = search.count === 0 ? found.length : Math.min(search.count, found.length);
    if (order !== 0) {
      for (const each of found) each.distance = distanceFrom(search.shape, each.lon, each.lat);
      const compare = (a: Found, b: Found): number => (a.distance > b.distance ? order : a.distance === b.distance ? 0 : -order);
      if (wanted === found.length) found.sort(compare);
      else sortFirst(found, wanted, compare);
    }
    found.length = wanted;
    if (search.storeAt === 0) replyFound(unit, search, found);
    else if (wanted === 0) storeNothing(unit, search.storeAt);
    else store(unit, search, found, form === 'searchstore' ? 'geosearchstore' : 'georadiusstore');
  };
}

function replyFound(unit: Unit, search: Search, found: readonly Found[]): void {
  const { reply } = unit;
  const { shape, withDistance, withHash, withPlace } = search;
  const parts = 1 + Number(withDistance) + Number(withHash) + Number(withPlace);
  reply.array(found.length);
  for (const { at, length, lon, lat, score } of found) {
    if (parts > 1) reply.array(parts);
    reply.bulk(names, at, length);
    if (withDistance) reply.bulkText(distanceText(shape.unit, shape.lon, shape.lat, lon, lat));
    if (withHash) reply.integerText(hashText(score));
    if (withPlace) {
      reply.array(2);
      reply.double(doubleAsLongDoubleText(lon));
      reply.double(doubleAsLongDoubleText(lat));
    }
  }
}

/** A score as C makes a 64-bit integer of it. */
function hashText(score: number): string {
  const whole = Math.trunc(score);
  if (!(Math.abs(whole) < 2 ** 63)) return '-9223372036854775808';
  return Number.isSafeInteger(whole) ? String(whole) : String(BigInt(whole));
}

function storeNothing(unit: Unit, at: number): void {
  const { keyspace, reply } = unit;
  if (unit.lookupWrite(at) !== 0) {
    keyspace.remove();
    keyspace.changed(NOTIFY_GENERIC, 'del');
  }
  reply.integer(0);
}

/** Puts what was found under the key of `search.storeAt`, whatever lies there. @throws ArenaFull (nothing changed) */
function store(unit: Unit, { shape, storeAt, storesDistance }: Search, found: readonly Found[], event: string): void {
  const { args, keyspace, reply } = unit;
  const scored = found.map(({ at, length, lon, lat, score }) => ({
    at,
    length,
    score: storesDistance ? exactDistance(shape.lon, shape.lat, lon, lat) / shape.unit : score,
  }));
  scored.sort((a, b) => a.score - b.score || compareBytes(names, a.at, a.length, names, b.at, b.length));
  let lengthMax = 0;
  for (const { length } of scored) lengthMax = Math.max(lengthMax, length);
  const zsets = zsetsOf(keyspace);
  const { content } = zsets;
  content.address = 0;
  try {
    zsets.startFor(content, keyspace.shardOf(args.buf, args.off[storeAt]!, args.len[storeAt]!), scored.length, lengthMax);
    for (const { at, length, score } of scored) zsets.append(content, names, at, length, score);
  } catch (full) {
    if (content.address !== 0) zsets.dispose(content);
    throw full;
  }
  zsets.putKey(content, unit.lookupWrite(storeAt) !== 0);
  keyspace.dirty += scored.length - 1;
  keyspace.changed(NOTIFY_ZSET, event);
  reply.integer(scored.length);
}

/** The source, and the key behind the last STORE or STOREDIST. */
function radiusKeys(args: Args, out: number[]): void {
  out.push(1);
  let stored = 0;
  for (let i = 5; i < args.count - 1; i++) if (args.is(i, 'store') || args.is(i, 'storedist')) stored = ++i;
  if (stored !== 0) out.push(stored);
}

export const geoSearchCommands: readonly CommandRow[] = [
  { name: 'geosearch', needs: 'keys', run: searching('search', false) },
  { name: 'geosearchstore', needs: 'keys', run: searching('searchstore', false) },
  { name: 'georadius', needs: 'keys', run: searching('radius', true), findKeys: radiusKeys },
  { name: 'georadius_ro', needs: 'keys', run: searching('radius', false) },
  { name: 'georadiusbymember', needs: 'keys', run: searching('member', true), findKeys: radiusKeys },
  { name: 'georadiusbymember_ro', needs: 'keys', run: searching('member', false) },
];
