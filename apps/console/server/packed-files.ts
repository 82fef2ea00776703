/**
 * The console's scripts and style sheets, packed with brotli when it is built: a seventh less to fetch than Next's gzip, which besides
 * packs them anew for every request.
 *
 *   .next/static/chunks/x.js  ─ packStatic ─▶  .next/packed/chunks/x.js.br
 *
 * Who asks for something that is not there packed, or cannot unpack it, is Next's.
 */
import { createReadStream } from 'node:fs';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const types: Readonly<Record<string, string>> = { '.js': 'application/javascript; charset=UTF-8', '.css': 'text/css; charset=UTF-8' };
const prefix = '/_next/static/';
const smallBytes = 1024;

const compress = promisify(brotliCompress);

export async function packStatic(dist: string): Promise<void> {
  const from = path.join(dist, 'static');
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !(path.extname(entry.name) in types)) continue;
    const source = path.join(entry.parentPath, entry.name);
    const bytes = await readFile(source);
    if (bytes.length < smallBytes) continue;
    const place = `${path.join(dist, 'packed', path.relative(from, source))}.br`;
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, await compress(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
  }
}

/** The packed form of what is asked for; undefined where Next shall answer. */
export function packedPlace(dist: string, { url, method, headers }: Pick<IncomingMessage, 'url' | 'method' | 'headers'>): string | undefined {
  const pathname = (url ?? '').split('?', 1)[0]!;
  if ((method !== 'GET' && method !== 'HEAD') || !pathname.startsWith(prefix) || headers.range !== undefined) return undefined;
  if (!/(^|,)\s*br\s*(;\s*q=(0\.\d*[1-9]|1)[^,]*)?(,|$)/.test(String(headers['accept-encoding'] ?? ''))) return undefined;
  const name = pathname.slice(prefix.length);
  // The names that Next gives: nothing that could lead out of the folder.
  if (!/^[\w~-][\w~.-]*(\/[\w~-][\w~.-]*)*$/.test(name) || !(path.extname(name) in types)) return undefined;
  return `${path.join(dist, 'packed', name)}.br`;
}

/** False: there is no such file, and nothing was answered. */
export async function sendPacked(place: string, { method }: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) return false;
  response.writeHead(200, {
    'Content-Type': types[path.extname(place.slice(0, -'.br'.length))],
    'Content-Encoding': 'br',
    'Content-Length': found.size,
    // Their names change with what is in them.
    'Cache-Control': 'public, max-age=31536000, immutable',
    Vary: 'Accept-Encoding',
    'X-Content-Type-Options': 'nosniff',
  });
  if (method === 'HEAD') response.end();
  else createReadStream(place).on('error', () => response.destroy()).pipe(response);
  return true;
}
