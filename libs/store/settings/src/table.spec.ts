/** The table against the real thing: names, defaults, formats, flags. */

import { RealRedis } from '../test/real-redis';
import { Settings } from './settings';
import { ABSENT_SETTINGS, settingRows } from './table';

/** Values that name this run. */
const OF_THIS_RUN = new Set(['port', 'dir']);

describe('the settings table beside redis-server 7.0.15', () => {
  let redis: RealRedis;
  let theirs: Map<string, string>;

  beforeAll(async () => {
    redis = await RealRedis.start();
    const flat = (await redis.ask('CONFIG', 'GET', '*')) as string[];
    theirs = new Map(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]!] as const] : [])));
  });
  afterAll(() => redis.stop());

  test('CONFIG GET * lists the same names with the same values', () => {
    const ours = new Map(new Settings().get(['*']));
    expect([...ours.keys()].sort()).toEqual([...theirs.keys()].filter((name) => !(name in ABSENT_SETTINGS)).sort());
    const withoutRun = (map: Map<string, string>) => [...map].filter(([name]) => !OF_THIS_RUN.has(name)).sort();
    expect(withoutRun(ours)).toEqual(withoutRun(theirs));
  });

  test('hidden settings of 7.0 answer to their exact name with the same default', async () => {
    const hidden = settingRows.filter((row) => row.isHidden && row.since === '7.0');
    expect(hidden.length).toBeGreaterThan(3);
    for (const row of hidden) {
      expect(new Settings().get([row.name])).toEqual([await redis.ask('CONFIG', 'GET', row.name)]);
    }
  });

  test('settings that are immutable or protected there are so here, and no others', async () => {
    for (const row of settingRows.filter((candidate) => candidate.since === '7.0')) {
      const value = new Settings({ directory: redis.directory }).shown(row.name as never);
      const given = row.name === 'port' || row.name === 'dir' ? theirs.get(row.name)! : value;
      const reply = (await redis.ask('CONFIG', 'SET', row.name, given)) as string;
      const access = reply.includes('immutable') ? 'immutable' : reply.includes('protected') ? 'protected' : 'mutable';
      expect([row.name, row.access]).toEqual([row.name, access]);
    }
  });

  test('newer settings and our own are unknown there and not in the list here', async () => {
    const newer = settingRows.filter((row) => row.since !== '7.0');
    for (const row of newer) {
      expect(await redis.ask('CONFIG', 'GET', row.name)).toEqual([]);
      expect(row.isHidden).toBe(true);
    }
  });

  test('no name or alias stands twice, and every row says what it is for', () => {
    const names = settingRows.flatMap((row) => (row.alias === undefined ? [row.name] : [row.name, row.alias]));
    expect(new Set(names).size).toBe(names.length);
    expect(settingRows.filter((row) => row.doc === '')).toEqual([]);
  });
});
