// From an HTTP request or a socket to who is asking.
//
// Invariants
// - A bearer token that is given and wrong is an error, never an anonymous request.
// - A cookie counts only where the browser says that the page is ours: Origin on the list or the host itself, or (old GETs, programs) no Origin and not
//   `Sec-Fetch-Site: cross-site`. Together with SameSite=Lax that leaves a foreign page nothing.
import type { IncomingHttpHeaders } from 'node:http';
import { sessionMsMax, type Viewer } from '@larder/plane-identity';
import { GraphQLError } from 'graphql';
import { RequestContext, unauthenticated } from './context';
import type { PlaneServices } from './services';

export const sessionCookie = 'larder_session';

/** What of Fastify's request is used. */
export interface RequestLike {
  readonly headers: IncomingHttpHeaders;
  readonly ip: string;
  readonly id: string;
}
export interface ReplyLike {
  header(name: string, value: string): unknown;
}

export async function contextOf(plane: PlaneServices, request: RequestLike, reply: ReplyLike | undefined, bearer?: string): Promise<RequestContext> {
  const known = await viewerOf(plane, request, bearer).then((viewer) => ({ viewer }), (error: unknown) => {
    if (error instanceof GraphQLError) return { viewer: undefined, fault: error };
    throw error;
  });
  return new RequestContext(plane, {
    ...known, ip: request.ip, requestId: String(request.id), userAgent: request.headers['user-agent'] ?? null,
    setSession: (secret) => reply?.header('set-cookie', cookieText(secret, plane.facts.isSecure)),
  });
}

export async function viewerOf(plane: PlaneServices, request: RequestLike, bearer?: string): Promise<Viewer | undefined> {
  const given = bearer ?? request.headers.authorization;
  if (given !== undefined) {
    const token = /^Bearer +(\S+)$/i.exec(given)?.[1];
    const viewer = token === undefined ? undefined : await plane.identity.ofToken(token);
    if (viewer === undefined) throw unauthenticated('The token is unknown, revoked or expired.');
    return viewer;
  }
  const secret = readCookie(request.headers.cookie, sessionCookie);
  if (secret === undefined) return undefined;
  if (!isFromOurPage(plane, request.headers)) {
    throw new GraphQLError('A session may not be used from this origin.', { extensions: { code: 'FORBIDDEN', action: 'origin' } });
  }
  return plane.identity.ofSession(secret);
}

export function isFromOurPage(plane: PlaneServices, headers: IncomingHttpHeaders): boolean {
  if (headers.origin === undefined) return headers['sec-fetch-site'] !== 'cross-site';
  return isAllowedOrigin(plane, headers.origin, headers.host);
}

/** On the list, or the very host that is asked (a proxy in front keeps it): a cookie of that host can only come from there. */
export function isAllowedOrigin(plane: PlaneServices, origin: string, host: string | undefined): boolean {
  return plane.facts.allowedOrigins.includes(origin) || (URL.canParse(origin) && new URL(origin).host === host);
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim() || undefined;
  }
  return undefined;
}

function cookieText(secret: string | null, isSecure: boolean): string {
  const life = secret === null ? 0 : Math.floor(sessionMsMax / 1000);
  return `${sessionCookie}=${secret ?? ''}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${life}${isSecure ? '; Secure' : ''}`;
}
