// Secrets that we draw: session cookies, API tokens, invitations, passwords of instances. 256 bits of chance each, so a plain SHA-256
// keeps them safe in the database; only what people choose needs a slow hash.
import { createHash, randomBytes } from 'node:crypto';

/** Makes a leaked token findable by scanners, and says where it belongs. */
export const tokenPrefix = 'larder_';

export function drawSecret(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url');
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Enough to recognise it in a list, too little to guess the rest. */
export function shownPrefixOf(token: string): string {
  return token.slice(0, tokenPrefix.length + 6);
}

/** For redis:// URLs and shells: letters and digits alone. 192 bits at 5.95 bits a character need 33. */
export function drawPassword(length = 33): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  let password = '';
  while (password.length < length) {
    // Bytes of 248 and above would favour the first letters.
    for (const byte of randomBytes(length)) if (byte < 248 && password.length < length) password += letters[byte % 62];
  }
  return password;
}
