/**
 * The `tls-*` settings made into what TLS connections are set up with. Wrong settings are told in the log, in Redis' words.
 *
 *   settings ──▶ files read, each part tried by itself ──▶ TlsContext, whole        (connections that are open keep theirs)
 *                                  └── a log line, nothing ──▶ the one before stays in force
 *
 * Sessions are resumed by tickets, for a cache would be one per thread. Their key comes from a secret that all threads have and
 * from all that was read: who was let in by certificates that are no longer trusted does not come in again by an old ticket.
 */
import { X509Certificate, constants, createHmac } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SecureContext, SecureContextOptions, SecureVersion } from 'node:tls';
import type { Settings } from '@larder/store-settings';
import { tlsModule } from './late-modules';
import type { Log } from './log';
import { systemWords } from './system-words';

const SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';
const CIPHERS = 'DEFAULT';
/** OpenSSL's: a handshake per connection. Node leaves it out of its constants. */
const SSL_OP_NO_RENEGOTIATION = 1 << 30;
export const TICKET_KEY_BYTES = 48;
/** Names that OpenSSL finds certificates by in a directory. */
const HASHED_NAME = /^[0-9a-f]{8}\.\d+$/;
const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** A DER sequence begins with 0x30, in base64 with M. */
const DH_PARAMETERS = /-----BEGIN (?:X9\.42 )?DH PARAMETERS-----\s+M[^-]*-----END/;

const VERSIONS: readonly { name: string; version: SecureVersion; off: number }[] = [
  { name: 'tlsv1', version: 'TLSv1', off: constants.SSL_OP_NO_TLSv1 },
  { name: 'tlsv1.1', version: 'TLSv1.1', off: constants.SSL_OP_NO_TLSv1_1 },
  { name: 'tlsv1.2', version: 'TLSv1.2', off: constants.SSL_OP_NO_TLSv1_2 },
  { name: 'tlsv1.3', version: 'TLSv1.3', off: constants.SSL_OP_NO_TLSv1_3 },
];

export interface TlsContext {
  /** For connections that come in. Of `ticketKeys` the keys for each kind of client are made. */
  readonly incoming: SecureContextOptions & { honorCipherOrder: boolean; sessionTimeout: number; ticketKeys: Buffer };
  /** For those that go out. */
  readonly outgoing: SecureContext;
}

/** A line for the log: what is wrong with the settings. */
class Refusal extends Error {}

/** Undefined when the settings do not make one; the log says why. `secret` is the same for all threads of a server. */
export function loadTls(settings: Settings, log: Log, secret: Uint8Array): TlsContext | undefined {
  try {
    return load(settings, secret);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    log.warning(error.message);
    return undefined;
  }
}

function load(settings: Settings, secret: Uint8Array): TlsContext {
  const certFile = settings.path('tls-cert-file');
  const keyFile = settings.path('tls-key-file');
  const caFile = settings.path('tls-ca-cert-file');
  const caFolder = settings.path('tls-ca-cert-dir');
  if (certFile === '') throw new Refusal('No tls-cert-file configured!');
  if (keyFile === '') throw new Refusal('No tls-key-file configured!');
  const asksForAuthority = settings.shown('tls-auth-clients') !== 'no' || settings.flag('tls-cluster') || settings.flag('tls-replication');
  if (asksForAuthority && caFile === '' && caFolder === '') {
    throw new Refusal('Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or tls-auth-clients are enabled!');
  }
  const versions = versionsOf(settings.text('tls-protocols'));
  const pair = readPair(certFile, keyFile, settings.path('tls-key-file-pass'));
  const shared = { ...versions, ca: readAuthorities(caFile, caFolder), ciphers: ciphersOf(settings) };
  const incoming = {
    ...shared,
    ...pair,
    secureOptions: versions.secureOptions | (settings.flag('tls-session-caching') ? 0 : constants.SSL_OP_NO_TICKET),
    dhparam: readDh(settings.path('tls-dh-params-file')),
    honorCipherOrder: settings.flag('tls-prefer-server-ciphers'),
    sessionIdContext: 'redis',
    // 0 would be no time at all to OpenSSL as well: it takes its default for it.
    sessionTimeout: Math.max(settings.number('tls-session-cache-timeout'), 1),
  };
  const clientCert = settings.path('tls-client-cert-file');
  const clientKey = settings.path('tls-client-key-file');
  const own = clientCert !== '' && clientKey !== '' ? readPair(clientCert, clientKey, settings.path('tls-client-key-file-pass')) : pair;
  const hmac = createHmac('sha512', secret);
  hmac.update(JSON.stringify(incoming));
  return {
    incoming: { ...incoming, ticketKeys: hmac.digest() },
    outgoing: attempt(() => tlsModule().createSecureContext({ ...shared, ...own }), (words) => `Failed to configure TLS for outgoing connections: ${words}`),
  };
}

function versionsOf(text: string): { minVersion: SecureVersion; maxVersion: SecureVersion; secureOptions: number } {
  const words = text === '' ? ['tlsv1.2', 'tlsv1.3'] : text.toLowerCase().split(' ');
  if (words.some((word) => VERSIONS.every(({ name }) => name !== word))) {
    throw new Refusal("Invalid tls-protocols specified. Use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'.");
  }
  const on = VERSIONS.filter(({ name }) => words.includes(name));
  let secureOptions = SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION;
  for (const { name, off } of VERSIONS) if (!words.includes(name)) secureOptions |= off;
  return { minVersion: on[0]!.version, maxVersion: on.at(-1)!.version, secureOptions };
}

function readPair(certFile: string, keyFile: string, passphrase: string): { cert: Buffer; key: Buffer; passphrase?: string } {
  const cert = attempt(() => {
    const bytes = readFileSync(certFile);
    tlsModule().createSecureContext({ cert: bytes });
    return bytes;
  }, (words) => `Failed to load certificate: ${certFile}: ${words}`);
  const secret = passphrase === '' ? {} : { passphrase };
  const key = attempt(() => {
    const bytes = readFileSync(keyFile);
    tlsModule().createSecureContext({ cert, key: bytes, ...secret });
    return bytes;
  }, (words) => `Failed to load private key: ${keyFile}: ${words}`);
  return { cert, key, ...secret };
}

/** Without any, nobody is trusted: Node's own list of authorities is for browsing, not for this. */
function readAuthorities(file: string, folder: string): string[] {
  return attempt(() => {
    const all = file === '' ? [] : certificatesIn(file);
    return folder === '' ? all : [...all, ...certificatesUnder(folder)];
  }, (words) => `Failed to configure CA certificate(s) file/directory: ${words}`);
}

/** Each by itself: of a longer text Node takes the first alone. */
function certificatesIn(file: string): string[] {
  const all = readFileSync(file, 'latin1').match(CERTIFICATE) ?? [];
  if (all.length === 0) throw new Error('error:05800088:x509 certificate routines::no certificate or crl found');
  for (const each of all) new X509Certificate(each);
  return all;
}

/** What cannot be read there is left out: OpenSSL looks into a directory no sooner than a handshake needs it. */
function certificatesUnder(folder: string): string[] {
  const all: string[] = [];
  const names = attemptQuietly(() => readdirSync(folder)) ?? [];
  for (const name of names.sort()) if (HASHED_NAME.test(name)) all.push(...(attemptQuietly(() => certificatesIn(join(folder, name))) ?? []));
  return all;
}

function attemptQuietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function ciphersOf(settings: Settings): string {
  const ciphers = settings.path('tls-ciphers');
  const suites = settings.path('tls-ciphersuites');
  if (ciphers !== '') attempt(() => tlsModule().createSecureContext({ ciphers: `${SUITES}:${ciphers}` }), () => `Failed to configure ciphers: ${ciphers}`);
  if (suites !== '') attempt(() => tlsModule().createSecureContext({ ciphers: `${suites}:${CIPHERS}` }), () => `Failed to configure ciphersuites: ${suites}`);
  return `${suites || SUITES}:${ciphers || CIPHERS}`;
}

function readDh(file: string): string {
  if (file === '') return 'auto';
  const text = attempt(() => readFileSync(file, 'latin1'), (_words, system) => `Failed to load ${file}: ${system}`);
  attempt(() => {
    // Node takes what it cannot read for nothing and says no word.
    if (!DH_PARAMETERS.test(text)) throw new Error('no DH parameters');
    tlsModule().createSecureContext({ dhparam: text });
  }, () => `${file}: failed to read DH params.`);
  return text;
}

/** Does `work`; its failure becomes the refusal that `tell` makes of OpenSSL's words, and of the system's. */
function attempt<T>(work: () => T, tell: (openssl: string, system: string) => string): T {
  try {
    return work();
  } catch (error) {
    const { errno, message } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw new Refusal(tell(message, message));
    const system = systemWords(errno);
    throw new Refusal(tell(`error:${(0x80000000 - errno).toString(16).toUpperCase()}:system library::${system}`, system));
  }
}
