// Signing in, and turning what a request carries (a cookie, a bearer token) into who is asking.
//
// Invariants
// - A wrong address and a wrong password are told apart by nothing: not words, not time.
// - Attempts are limited per address of the network, per e-mail from there, and per e-mail from everywhere; the last is wide, so that
//   a stranger cannot lock a person out.
// - A disabled person, an ended session, a revoked or expired token is nobody.
import { dayMs, minuteMs, type Clock, type Ids } from '@larder/shared-std';
import { refusal, type ApiTokenRow, type RefusalOf, type Repositories, type SessionRow, type UserRow } from '@larder/plane-domain';
import type { Viewer } from './access';
import { verifyPassword } from './passwords';
import { drawSecret, hashSecret, tokenPrefix } from './secrets';

export const sessionMsMax = 14 * dayMs;
/** lastSeenAt and lastUsedAt are for people; writing them at every request would double its work. */
const touchMs = 5 * minuteMs;

interface Limit { readonly key: string; readonly capacity: number; readonly perSecond: number }

function signInLimits(email: string, ip: string): readonly Limit[] {
  return [
    { key: `sign-in:ip:${ip}`, capacity: 60, perSecond: 1 / 2 },
    { key: `sign-in:email-ip:${hashSecret(email)}:${ip}`, capacity: 20, perSecond: 1 / 15 },
    { key: `sign-in:email:${hashSecret(email)}`, capacity: 200, perSecond: 1 / 3 },
  ];
}

export interface From {
  readonly ip: string;
  readonly userAgent: string | null;
}
export interface SignedIn {
  readonly user: UserRow;
  readonly session: SessionRow;
  /** The cookie's value; nowhere else. */
  readonly secret: string;
}

export interface Identity {
  signIn(email: string, password: string, from: From): Promise<SignedIn | RefusalOf<'SignInFailed'>>;
  /** A new session for someone whose right to one is already proven. */
  openSession(user: UserRow, from: From): Promise<SignedIn>;
  ofSession(secret: string): Promise<Viewer | undefined>;
  ofToken(secret: string): Promise<Viewer | undefined>;
}

export interface IdentityPorts {
  readonly records: Pick<Repositories, 'apiTokens' | 'rateBuckets' | 'sessions' | 'users'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

export function identityOn({ records, clock, ids }: IdentityPorts): Identity {
  async function openSession(user: UserRow, from: From): Promise<SignedIn> {
    const secret = drawSecret();
    const now = clock.now();
    const session: SessionRow = {
      id: ids.next(), userId: user.id, tokenHash: hashSecret(secret), userAgent: from.userAgent?.slice(0, 300) ?? null, ip: from.ip,
      createdAt: new Date(now), lastSeenAt: new Date(now), expiresAt: new Date(now + sessionMsMax),
    };
    await records.sessions.insert(session);
    return { user, session, secret };
  }

  return {
    openSession,
    async signIn(email, password, from) {
      const address = email.trim().toLowerCase().slice(0, 320);
      for (const { key, capacity, perSecond } of signInLimits(address, from.ip)) {
        const waitSeconds = await records.rateBuckets.take(key, 1, capacity, perSecond, new Date(clock.now()));
        if (waitSeconds > 0) return refusal.signInFailed(waitSeconds);
      }
      const user = await records.users.byEmail(address);
      const isRight = await verifyPassword(password, user?.passwordHash);
      if (!isRight || user === undefined || user.disabledAt !== null) return refusal.signInFailed();
      return openSession(user, from);
    },
    async ofSession(secret) {
      if (secret.length !== 43) return undefined;
      const session = await records.sessions.byTokenHash(hashSecret(secret));
      const now = clock.now();
      if (session === undefined || session.expiresAt.getTime() <= now) return undefined;
      const user = await records.users.byId(session.userId);
      if (user === undefined || user.disabledAt !== null) return undefined;
      if (now - session.lastSeenAt.getTime() > touchMs) await records.sessions.touch(session.id, new Date(now));
      return { kind: 'user', user, sessionId: session.id };
    },
    async ofToken(secret) {
      if (!secret.startsWith(tokenPrefix) || secret.length > 100) return undefined;
      const token = await records.apiTokens.byTokenHash(hashSecret(secret));
      const now = clock.now();
      if (token === undefined || !isUsable(token, now)) return undefined;
      if (now - (token.lastUsedAt?.getTime() ?? 0) > touchMs / 10) await records.apiTokens.touch(token.id, new Date(now));
      return { kind: 'token', token };
    },
  };
}

function isUsable(token: ApiTokenRow, now: number): boolean {
  return token.revokedAt === null && (token.expiresAt === null || token.expiresAt.getTime() > now);
}
