/**
 * Names of hosts, where `resolve-hostnames` is on. A Sentinel decides at once, so it is told what is known: a name asked for the first
 * time is looked up while everything waits, as redis-sentinel does at every time; from then on it is looked up beside.
 */
import { spawnSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';

const LOOKUP_MS_MAX = 2000;
/** A name asked for after so long is looked up again; the answer is for whoever asks next. */
const FRESH_MS = 1000;

export class HostNames {
  private readonly known = new Map<string, { ip: string | undefined; askedAt: number }>();
  private readonly monotonic: () => number;

  constructor(monotonic: () => number) {
    this.monotonic = monotonic;
  }

  resolve(name: string): string | undefined {
    const now = this.monotonic();
    const entry = this.known.get(name);
    if (entry === undefined) {
      const ip = lookUpNow(name);
      this.known.set(name, { ip, askedAt: now });
      return ip;
    }
    if (now - entry.askedAt > FRESH_MS) {
      entry.askedAt = now;
      lookup(name, { order: 'ipv4first' }).then(
        ({ address }) => (entry.ip = address),
        () => (entry.ip = undefined),
      );
    }
    return entry.ip;
  }
}

/** By the system's own resolver, which knows /etc/hosts too. */
function lookUpNow(name: string): string | undefined {
  if (!/^[\w.-]+$/.test(name) || name.startsWith('-')) return undefined;
  for (const database of ['ahostsv4', 'ahostsv6']) {
    const { stdout, status } = spawnSync('getent', [database, name], { encoding: 'latin1', timeout: LOOKUP_MS_MAX });
    if (status === 0) return stdout.split(/\s/)[0];
  }
  return undefined;
}
