import { TestStore } from '@larder/store-dispatch/testing';
import { zsetCommands } from '../zset/zset-commands';
import { zsetKind } from '../zset/zset-value';
import * as exact from './exact-trigonometry';
import { sixDecimals } from './geo-arguments';
import { geoCommands } from './geo-commands';
import { sortFirst } from './partial-sort';

function sicily(): TestStore {
  const s = new TestStore([...geoCommands, ...zsetCommands], [zsetKind]);
  expect(s.run('GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania')).toBe(':2\r\n');
  return s;
}

describe('geo', () => {
  it('answers the figures of the documentation to the last digit', () => {
    const s = sicily();
    expect(s.run('ZSCORE Sicily Palermo')).toBe('$16\r\n3479099956230698\r\n');
    expect(s.run('GEODIST Sicily Palermo Catania')).toBe('$11\r\n166274.1516\r\n');
    expect(s.run('GEODIST Sicily Palermo Catania mi')).toBe('$8\r\n103.3182\r\n');
    expect(s.run('GEODIST Sicily Palermo nobody')).toBe('$-1\r\n');
    expect(s.run('GEOHASH Sicily Palermo Catania nobody')).toBe('*3\r\n$11\r\nsqc8b49rny0\r\n$11\r\nsqdtr74hyu0\r\n$-1\r\n');
    expect(s.run('GEOPOS Sicily Palermo nobody')).toBe('*2\r\n*2\r\n$20\r\n13.36138933897018433\r\n$20\r\n38.11555639549629859\r\n*-1\r\n');
  });

  it('searches in circles and boxes, around places and members', () => {
    const s = sicily();
    const both = '*2\r\n*2\r\n$7\r\nCatania\r\n$7\r\n56.4413\r\n*2\r\n$7\r\nPalermo\r\n$8\r\n190.4424\r\n';
    expect(s.run('GEOSEARCH Sicily FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHDIST')).toBe(both);
    expect(s.run('GEORADIUS Sicily 15 37 200 km WITHDIST ASC')).toBe(both);
    expect(s.run('GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 100 km')).toBe('*1\r\n$7\r\nCatania\r\n');
    expect(s.run('GEORADIUSBYMEMBER_RO Sicily Palermo 1 m WITHHASH')).toBe('*1\r\n*2\r\n$7\r\nPalermo\r\n:3479099956230698\r\n');
    expect(s.run('GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 500 km COUNT 1 DESC')).toBe('*1\r\n$7\r\nPalermo\r\n');
    expect(s.run('GEOSEARCH missing FROMMEMBER x BYRADIUS 1 m')).toBe('*0\r\n');
  });

  it('stores members with their hashes or their distances', () => {
    const s = sicily();
    expect(s.run('GEORADIUS Sicily 15 37 200 km STOREDIST d')).toBe(':2\r\n');
    expect(s.run('ZRANGE d 0 -1 WITHSCORES')).toBe('*4\r\n$7\r\nCatania\r\n$18\r\n56.441257870158204\r\n$7\r\nPalermo\r\n$18\r\n190.44242984775784\r\n');
    expect(s.run('GEOSEARCHSTORE d Sicily FROMLONLAT 15 37 BYRADIUS 100 km')).toBe(':1\r\n');
    expect(s.run('ZRANGE d 0 -1 WITHSCORES')).toBe('*2\r\n$7\r\nCatania\r\n$16\r\n3479447370796909\r\n');
    expect(s.run('GEOSEARCHSTORE d Sicily FROMLONLAT 90 37 BYRADIUS 1 m')).toBe(':0\r\n');
    expect(s.run('ZCARD d')).toBe(':0\r\n');
  });

  it('finds what a look at every member finds, all over the globe', () => {
    const s = new TestStore([...geoCommands, ...zsetCommands], [zsetKind]);
    let seed = 3;
    const random = (): number => ((seed = (Math.imul(seed, 1664525) + 1013904223) | 0) >>> 0) / 2 ** 32;
    const names = Array.from({ length: 300 }, (_, i) => `m${i}`);
    for (const name of names) s.run(['GEOADD', 'g', String(random() * 360 - 180), String(random() * 170 - 85), name]);
    for (let round = 0; round < 20; round++) {
      const centre = names[round * 7]!;
      const radius = Math.floor(10 ** (2 + random() * 2.3));
      const within = names.filter((name) => Number(/\r\n([\d.]+)/.exec(s.run(`GEODIST g ${centre} ${name} km`))![1]) <= radius);
      const found = s.run(`GEOSEARCH g FROMMEMBER ${centre} BYRADIUS ${radius} km`).match(/m\d+/g) ?? [];
      expect([...found].sort()).toEqual([...within].sort());
    }
  });

  it('refuses as Redis does', () => {
    const s = sicily();
    expect(s.run('GEOADD g 181.0078125 10 m')).toBe('-ERR invalid longitude,latitude pair 181.007812,10.000000\r\n');
    expect(s.run('GEOADD g NX XX 1 1 m')).toBe('-ERR syntax error\r\n');
    expect(s.run('GEODIST Sicily Palermo Catania x')).toBe('-ERR unsupported unit provided. please use M, KM, FT, MI\r\n');
    expect(s.run('GEOSEARCH Sicily FROMMEMBER nobody BYRADIUS 1 m')).toBe('-ERR could not decode requested zset member\r\n');
    expect(s.run('GEOSEARCH Sicily BYRADIUS 1 m ASC ASC')).toBe('-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH\r\n');
    expect(s.run('geosearch Sicily FROMMEMBER Palermo ASC ASC ASC')).toBe('-ERR exactly one of BYRADIUS and BYBOX can be specified for geosearch\r\n');
    expect(s.run('GEORADIUS Sicily 1 1 -1 m')).toBe('-ERR radius cannot be negative\r\n');
    expect(s.run('GEORADIUS Sicily 1 1 1 m ANY')).toBe('-ERR the ANY argument requires COUNT argument\r\n');
    expect(s.run('GEORADIUS Sicily 1 1 1 m STORE d WITHDIST')).toBe('-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options\r\n');
    expect(s.run('GEORADIUS_RO Sicily 1 1 1 m STORE d')).toBe('-ERR syntax error\r\n');
  });
});

describe('what geo computes with', () => {
  it('rounds sine, cosine and arcsine to the nearest double', () => {
    // Places where JavaScript's functions are a unit off.
    expect(exact.sin(Math.PI)).toBe(1.2246467991473532e-16);
    for (let i = 1; i < 400; i++) {
      const x = i / 128.3;
      expect(Math.abs(exact.sin(x) / Math.sin(x) - 1)).toBeLessThan(4e-16);
      expect(Math.abs(exact.asin(i / 400) / Math.asin(i / 400) - 1)).toBeLessThan(4e-16);
      expect(Math.abs(exact.sin(x) ** 2 + exact.cos(x) ** 2 - 1)).toBeLessThan(4e-16);
    }
  });

  it('prints six decimals as C does', () => {
    expect(['0.5', '-0', '1e-7', '123.4567895', '1e21', '2.0000005', '0.0078125', 'Infinity'].map((x) => sixDecimals(Number(x)))).toEqual([
      '0.500000', '-0.000000', '0.000000', '123.456789', '1000000000000000000000.000000', '2.000001', '0.007812', 'inf',
    ]);
  });

  it('sorts the first ones right, however long the list', () => {
    for (const length of [0, 1, 6, 7, 30, 41, 500]) {
      const list = Array.from({ length }, (_, i) => (i * 7919) % 97);
      const sorted = [...list].sort((a, b) => a - b);
      for (const wanted of [0, 1, 5, length >> 1, length]) {
        const partly = [...list];
        sortFirst(partly, wanted, (a, b) => a - b);
        expect(partly.slice(0, wanted)).toEqual(sorted.slice(0, wanted));
      }
    }
  });
});
