// Secrets at rest by envelope: every sealed text has a data key of its own, which the master key wraps. Rotating the master key means
// wrapping small keys anew, and no nonce is ever used twice under the long-lived key by volume.
//
//   v1.<key id>.<wrapped data key>.<sealed text>          each part base64url of  nonce (12) ‖ ciphertext ‖ tag (16)
//
// Invariants: AES-256-GCM both times; `boundTo` and the version are authenticated in both, so a text copied to another row does not
// open. The key id is the first 8 hex digits of SHA-256 of the master key: it tells a wrong key from a damaged text.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SecretBox } from '@larder/plane-domain';

const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;

export function masterKeyId(masterKey: Uint8Array): string {
  return createHash('sha256').update(masterKey).digest('hex').slice(0, 8);
}

export function secretBoxOf(masterKey: Uint8Array): SecretBox {
  const keyId = masterKeyId(masterKey);
  return {
    seal(plain, boundTo) {
      const dataKey = randomBytes(32);
      return [version, keyId, encrypt(masterKey, dataKey, boundTo), encrypt(dataKey, plain, boundTo)].join('.');
    },
    open(sealed, boundTo) {
      const [given, givenKeyId, wrapped, text] = sealed.split('.');
      if (given !== version || wrapped === undefined || text === undefined) throw new Error(`cannot open the secret ${boundTo}: it is not a sealed text`);
      if (givenKeyId !== keyId) {
        throw new Error(`cannot open the secret ${boundTo}: it was sealed with master key ${givenKeyId}, this process has ${keyId} (MASTER_KEY or LARDER_HOME/master.key)`);
      }
      try {
        return decrypt(decrypt(masterKey, wrapped, boundTo), text, boundTo);
      } catch (error) {
        throw new Error(`cannot open the secret ${boundTo}: it is damaged or belongs elsewhere`, { cause: error });
      }
    },
  };
}

function encrypt(key: Uint8Array, plain: Uint8Array, boundTo: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(`${version}:${boundTo}`));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

function decrypt(key: Uint8Array, text: string, boundTo: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes)).setAAD(Buffer.from(`${version}:${boundTo}`));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes)), decipher.final()]);
}

/** The key of LARDER_HOME/master.key, made where missing. Two processes at once: link() lets one of them win, both read the winner's. */
export function ensureMasterKey(home: string): Uint8Array {
  const file = path.join(home, 'master.key');
  mkdirSync(home, { recursive: true });
  const fresh = `${file}.${process.pid}.tmp`;
  try {
    return readMasterKey(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  try {
    writeFileSync(fresh, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true });
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  return readMasterKey(file);
}

function readMasterKey(file: string): Uint8Array {
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error(`cannot use ${file}: it must hold 64 hex digits`);
  chmodSync(file, 0o600);
  return new Uint8Array(Buffer.from(text, 'hex'));
}
