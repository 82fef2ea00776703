/**
 * The console's server: Next behind a small front door.
 *
 * The browser must reach the API at the console's own origin, else the session cookie (HttpOnly, SameSite) would not travel. Next
 * could do that with rewrites, but their target is frozen when the console is built, uploads through its proxy are buffered, and
 * `next start` does not promise websockets. So the door is ours: API paths and their upgrades are piped to API_URL, byte for
 * byte and with back-pressure, and all else is Next's.
 *
 *   CONSOLE_PORT (3000), CONSOLE_HOST (127.0.0.1), API_URL (http://127.0.0.1:4000); CONSOLE_DEV=1 for the development server.
 */
import { createServer } from 'node:http';
import path from 'node:path';
import next from 'next';
import { isApiPath, proxyRequest, proxyUpgrade } from './api-proxy.ts';
import { packedPlace, sendPacked } from './packed-files.ts';

const isDevelopment = process.env.CONSOLE_DEV === '1';
process.env.NEXT_TELEMETRY_DISABLED = '1';
(process.env as Record<string, string>).NODE_ENV = isDevelopment ? 'development' : 'production';

const port = Number(process.env.CONSOLE_PORT ?? 3000);
const hostname = process.env.CONSOLE_HOST ?? process.env.BIND_ADDRESS ?? '127.0.0.1';
const api = new URL(process.env.API_URL ?? 'http://127.0.0.1:4000');
const dir = path.resolve(import.meta.dirname, '..');
process.chdir(dir);

const dist = path.resolve(dir, process.env.CONSOLE_DIST ?? '.next');
const app = next({ dev: isDevelopment, dir, hostname, port });
await app.prepare();
const render = app.getRequestHandler();
const upgrade = app.getUpgradeHandler();

const server = createServer((request, response) => {
  if (isApiPath(request.url)) return proxyRequest(api, request, response);
  const packed = isDevelopment ? undefined : packedPlace(dist, request);
  if (packed === undefined) void render(request, response);
  else void sendPacked(packed, request, response).then((isSent) => (isSent ? undefined : render(request, response)));
});
server.on('upgrade', (request, socket, head) => {
  if (isApiPath(request.url)) proxyUpgrade(api, request, socket, head);
  else void upgrade(request, socket, head);
});
server.on('error', (error: NodeJS.ErrnoException) => {
  const why = error.code === 'EADDRINUSE' ? `port ${port} is taken; CONSOLE_PORT moves it` : error.message;
  process.stderr.write(`console: ${why}\n`);
  process.exit(1);
});
server.listen(port, hostname, () => {
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  process.stdout.write(`console: listening on http://${hostname}:${boundPort}\n`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
    // Upgraded sockets are no longer the server's; they end with the process.
    setTimeout(() => process.exit(0), 500).unref();
  });
}
