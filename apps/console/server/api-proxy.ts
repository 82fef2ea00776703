/**
 * One hop to the API: same method, headers and body, streamed both ways. The Host header stays the browser's, so that the API's
 * origin check compares like with like; X-Forwarded-* tell it who really asked.
 */
import { request as send } from 'node:http';
import { request as sendSecurely } from 'node:https';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const prefixes = ['/graphql', '/api/'];

export function isApiPath(url: string | undefined): boolean {
  const pathname = (url ?? '').split('?', 1)[0]!;
  return prefixes.some((prefix) => pathname === prefix || pathname.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`));
}

function outgoing(api: URL, incoming: IncomingMessage) {
  const options = {
    protocol: api.protocol,
    hostname: api.hostname,
    port: api.port,
    method: incoming.method,
    path: incoming.url,
    headers: forwarded(incoming),
  };
  return api.protocol === 'https:' ? sendSecurely(options) : send(options);
}

function forwarded(incoming: IncomingMessage): OutgoingHttpHeaders {
  const before = incoming.headers['x-forwarded-for'];
  const peer = incoming.socket.remoteAddress ?? '';
  return {
    ...incoming.headers,
    'x-forwarded-for': before === undefined ? peer : `${String(before)}, ${peer}`,
    'x-forwarded-host': incoming.headers['x-forwarded-host'] ?? incoming.headers.host,
    'x-forwarded-proto': incoming.headers['x-forwarded-proto'] ?? 'http',
  };
}

export function proxyRequest(api: URL, incoming: IncomingMessage, response: ServerResponse): void {
  const hop = outgoing(api, incoming);
  hop.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  hop.on('error', () => refuse(response));
  response.on('close', () => hop.destroy());
  incoming.pipe(hop);
}

/** The same shape as the API's own errors, so that the browser has one road for both. */
function refuse(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(502, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ message: 'The API is not reachable.', extensions: { code: 'UNREACHABLE' } }] }));
}

export function proxyUpgrade(api: URL, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
  const hop = outgoing(api, incoming);
  socket.on('error', () => hop.destroy());
  hop.on('error', () => socket.destroy());
  hop.on('response', (answer) => {
    socket.end(`HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}\r\nconnection: close\r\n\r\n`);
    answer.resume();
  });
  hop.on('upgrade', (answer, far, farHead) => {
    const lines = [`HTTP/1.1 101 ${answer.statusMessage ?? 'Switching Protocols'}`];
    for (let i = 0; i < answer.rawHeaders.length; i += 2) lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}`);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    if (farHead.length > 0) socket.write(farHead);
    if (head.length > 0) far.write(head);
    socket.pipe(far).pipe(socket);
    far.on('error', () => socket.destroy());
    socket.on('error', () => far.destroy());
    far.on('close', () => socket.destroy());
    socket.on('close', () => far.destroy());
  });
  hop.end();
}
