/** ACL LOG: what was denied to whom, newest first. A denial like one of the last ten within a minute only counts that one up. */

export type AclReason = 'command' | 'key' | 'channel' | 'auth';
export type AclContext = 'toplevel' | 'multi' | 'lua';

export interface AclDenial {
  readonly reason: AclReason;
  readonly context: AclContext;
  /** The command, key or channel. */
  readonly object: string;
  readonly username: string;
}

export interface AclLogEntry extends AclDenial {
  /** Counts all that were ever made. */
  readonly id: number;
  readonly createdAt: number;
  count: number;
  /** ms since 1970 of the last one, and who it was then. */
  at: number;
  clientInfo: string;
}

const SAME_WITHIN_MS = 60_000;
const SCANNED = 10;

export class AclLog {
  private entries: AclLogEntry[] = [];
  private made = 0;
  /** By reason, for INFO. */
  readonly denied: Record<AclReason, number> = { command: 0, key: 0, channel: 0, auth: 0 };

  add(denial: AclDenial, now: number, clientInfo: string, lengthMax: number): void {
    this.denied[denial.reason]++;
    const at = this.entries.slice(0, SCANNED).findIndex((entry) => isSame(entry, denial) && Math.abs(entry.at - now) <= SAME_WITHIN_MS);
    const [entry] = at < 0 ? [{ ...denial, id: this.made++, createdAt: now, count: 0, at: now, clientInfo }] : this.entries.splice(at, 1);
    entry!.count++;
    entry!.at = now;
    entry!.clientInfo = clientInfo;
    this.entries.unshift(entry!);
    // An entry that was there is not trimmed away, as in Redis: a shorter length takes effect with the next new one.
    if (at < 0 && this.entries.length > lengthMax) this.entries.length = lengthMax;
  }

  newest(count: number): readonly AclLogEntry[] {
    return this.entries.slice(0, Math.max(count, 0));
  }

  /** CONFIG RESETSTAT. */
  resetCounts(): void {
    this.denied.command = this.denied.key = this.denied.channel = this.denied.auth = 0;
  }

  reset(): void {
    this.entries = [];
  }
}

function isSame(a: AclDenial, b: AclDenial): boolean {
  return a.reason === b.reason && a.context === b.context && a.object === b.object && a.username === b.username;
}
