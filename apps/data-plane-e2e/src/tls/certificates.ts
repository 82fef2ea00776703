/**
 * Certificates of a small world, made by `openssl` when the tests start: an authority with a server, another server and clients, and
 * an authority that nobody trusts.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificates {
  readonly folder: string;
  /** The authority's certificate. */
  readonly ca: string;
  cert(name: Name): string;
  key(name: Name): string;
  /** For `tls.connect`; nothing for nobody. */
  pair(name: Name | 'nobody'): { cert?: Buffer; key?: Buffer };
  path(file: string): string;
  remove(): void;
}

export type Name = 'server' | 'renewed' | 'client' | 'stranger' | 'expired';

const PASSWORD = 'a pass phrase';

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'larder-tls-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = (name: string) => openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-days', '30', '-subj', `/CN=${name}`);
  const sign = (name: Name, by: string, days = '30') => {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', `${by}.crt`, '-CAkey', `${by}.key`, '-CAcreateserial', '-out', `${name}.crt`, '-days', days, '-extfile', 'names');
  };
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  writeFileSync(join(folder, 'garbage'), 'this is no certificate\n');
  authority('authority');
  authority('unknown');
  for (const name of ['server', 'renewed', 'client'] as const) sign(name, 'authority');
  sign('stranger', 'unknown');
  sign('expired', 'authority', '-1');
  openssl('ec', '-in', 'server.key', '-aes256', '-passout', `pass:${PASSWORD}`, '-out', 'locked.key');
  const path = (file: string) => join(folder, file);
  return {
    folder,
    ca: path('authority.crt'),
    cert: (name) => path(`${name}.crt`),
    key: (name) => path(`${name}.key`),
    pair: (name) => (name === 'nobody' ? {} : { cert: readFileSync(path(`${name}.crt`)), key: readFileSync(path(`${name}.key`)) }),
    path,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Of `locked.key`. */
export const lockedKeyPassword = PASSWORD;

export function serverArguments(certificates: Certificates, port: number): string[] {
  const { ca, cert, key } = certificates;
  return ['--tls-port', String(port), '--tls-cert-file', cert('server'), '--tls-key-file', key('server'), '--tls-ca-cert-file', ca];
}
