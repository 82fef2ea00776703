import { roadsOf, snippetsFor, type Place } from './snippets';

const address: Place = { kind: 'address', host: '127.0.0.1', port: 20_001 };
const sentinels: Place = { kind: 'sentinels', name: 'primary', username: 'watcher', addresses: ['10.0.0.1:20003', '10.0.0.2:20004'] };
const login = { username: 'default' };

test.each([['an address', address], ['Sentinels', sentinels]])('every snippet by %s holds the password only while it is known', (_name, place) => {
  for (const { code } of snippetsFor(place, { ...login, password: 's3cret' })) {
    expect(code).toContain('s3cret');
    expect(code).not.toContain('LARDER_PASSWORD');
  }
  for (const { code } of snippetsFor(place, login)) expect(code).toContain('LARDER_PASSWORD');
});

test('every snippet names where to connect, and one for reading writes nothing', () => {
  for (const { code } of snippetsFor(address, login)) {
    expect(code).toContain('127.0.0.1');
    expect(code).toContain('20001');
  }
  for (const { code } of snippetsFor(sentinels, login)) {
    expect(code).toContain('10.0.0.1');
    expect(code).toContain('primary');
    expect(code).toContain(code.startsWith('export REDISCLI_AUTH') ? '--user watcher SENTINEL' : 'watcher');
  }
  for (const { code } of snippetsFor({ ...address, isReadOnly: true }, login)) expect(code).not.toMatch(/\bset\(|Set\(/);
});

test('a store that stands alone has one road, several have three', () => {
  const endpoint = { host: 'h', port: 1, uri: 'redis://h:1', username: 'default' };
  const availability = { at: '', configEpoch: 1, primary: 'a', sentinelsUp: 3, deathPauseMs: 1, handovers: [], readEndpoint: { ...endpoint, port: 2 }, sentinels: { name: 'primary', username: 'default', addresses: ['h:3'] } };
  expect(roadsOf({ endpoint, availability: null }).map(({ id }) => id)).toEqual(['primary']);
  expect(roadsOf({ endpoint, availability }).map(({ id, place }) => [id, place.kind === 'address' ? place.port : place.addresses])).toEqual([['primary', 1], ['reads', 2], ['sentinel', ['h:3']]]);
  expect(roadsOf({ endpoint: null, availability: null })).toEqual([]);
});
