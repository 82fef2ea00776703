import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packStatic, packedPlace, sendPacked } from './packed-files';

const script = 'export const answer = 42;\n'.repeat(200);
let dist: string;
let url: string;
const server = createServer((request, response) => {
  const place = packedPlace(dist, request);
  void (async () => {
    if (place === undefined || !(await sendPacked(place, request, response))) response.writeHead(200, { 'x-from': 'next' }).end('from next');
  })();
});

beforeAll(async () => {
  dist = mkdtempSync(path.join(tmpdir(), 'larder-packed-'));
  mkdirSync(path.join(dist, 'static/chunks'), { recursive: true });
  writeFileSync(path.join(dist, 'static/chunks/a-1.js'), script);
  writeFileSync(path.join(dist, 'static/chunks/small.js'), 'short');
  writeFileSync(path.join(dist, 'BUILD_ID.js.br'), 'secret');
  await packStatic(dist);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', () => listening()));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/_next/static`;
});

afterAll(() => {
  server.close();
  rmSync(dist, { recursive: true });
});

describe('what the console is made of', () => {
  it('is sent as it was packed when it was built, for ever', async () => {
    const answer = await fetch(`${url}/chunks/a-1.js?v=1`, { headers: { 'accept-encoding': 'gzip, deflate, br' } });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-encoding': 'br', 'content-type': 'application/javascript; charset=UTF-8', 'cache-control': 'public, max-age=31536000, immutable', vary: 'Accept-Encoding',
    });
    expect(Number(answer.headers.get('content-length'))).toBeLessThan(200);
    expect(await answer.text()).toBe(script);
  });

  it('is left to Next where it is not packed, cannot be unpacked, or is asked for by an odd name', async () => {
    const { port } = server.address() as AddressInfo;
    const ask = (name: string, headers: Record<string, string>) => packedPlace(dist, { url: `/_next/static/${name}`, method: 'GET', headers });
    expect(ask('chunks/a-1.js', { 'accept-encoding': 'br' })).toBeDefined();
    for (const encodings of ['gzip', 'br;q=0', 'gzip, br;q=0.0', 'brotli', '']) expect(ask('chunks/a-1.js', { 'accept-encoding': encodings })).toBeUndefined();
    for (const name of ['../BUILD_ID.js', 'chunks/../../BUILD_ID.js', '..%2fBUILD_ID.js', '/etc/x.js', 'chunks//a-1.js', 'chunks/a-1.js.map', '']) {
      expect(ask(name, { 'accept-encoding': 'br' })).toBeUndefined();
    }
    expect(ask('chunks/a-1.js', { 'accept-encoding': 'br', range: 'bytes=0-9' })).toBeUndefined();
    const small = await fetch(`http://127.0.0.1:${port}/_next/static/chunks/small.js`, { headers: { 'accept-encoding': 'br' } });
    expect(await small.text()).toBe('from next');
  });
});
