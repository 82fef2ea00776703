// Links that carry their own permission (a backup's download): what they allow, until when, and a seal over both.
//
//   base64url(JSON of the claim) . base64url(HMAC-SHA-256)
//
// Invariant: the key is derived from the master key for this use alone, so a link can open nothing else.
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

export interface Signer {
  sign(claim: Readonly<Record<string, string>>, expiresAt: Date): string;
  /** The claim, or undefined where it is forged, damaged or late. */
  verify(text: string, now: Date): Readonly<Record<string, string>> | undefined;
}

export function signerOf(masterKey: Uint8Array, purpose: string): Signer {
  const key = Buffer.from(hkdfSync('sha256', masterKey, new Uint8Array(), `larder:${purpose}`, 32));
  const seal = (body: string): Buffer => createHmac('sha256', key).update(body).digest();
  return {
    sign(claim, expiresAt) {
      const body = Buffer.from(JSON.stringify({ claim, exp: expiresAt.getTime() })).toString('base64url');
      return `${body}.${seal(body).toString('base64url')}`;
    },
    verify(text, now) {
      const [body, mark] = text.slice(0, 2_000).split('.');
      if (body === undefined || mark === undefined) return undefined;
      const given = Buffer.from(mark, 'base64url');
      const right = seal(body);
      if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
      const { claim, exp } = JSON.parse(Buffer.from(body, 'base64url').toString()) as { claim: Record<string, string>; exp: number };
      return exp > now.getTime() ? claim : undefined;
    },
  };
}
