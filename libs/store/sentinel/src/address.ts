/**
 * Where an instance is: the name it was given by and the address behind it. Without `resolve-hostnames` both are the same.
 */
export interface Address {
  readonly hostname: string;
  /** '' while the name could not be resolved. */
  readonly ip: string;
  readonly port: number;
}

export function isIpLiteral(text: string): boolean {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return text.split('.').every((part) => Number(part) <= 255);
  return /^(?=.*:.*:)[0-9a-fA-F:.]+(%\w+)?$/.test(text);
}

export function isSamePlace(a: Address, b: Address): boolean {
  return a.port === b.port && (a.ip === b.ip || a.hostname.toLowerCase() === b.hostname.toLowerCase());
}

/** `host:port`, IPv6 in brackets. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
