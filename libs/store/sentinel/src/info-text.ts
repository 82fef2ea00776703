/** Reads what matters to a Sentinel out of a server's INFO. */
import type { ReportedRole } from './instance';

export interface InfoFacts {
  runId: string | undefined;
  role: ReportedRole;
  /** Replicas that a primary lists. */
  replicas: { host: string; port: number }[];
  primaryLinkDownMs: number;
  primaryHost: string | undefined;
  primaryPort: number | undefined;
  isPrimaryLinkUp: boolean | undefined;
  priority: number | undefined;
  replicaOffset: number | undefined;
  isAnnounced: boolean | undefined;
  ownOffset: number | undefined;
  replicationId: string | undefined;
}

const toInt = (text: string) => Number.parseInt(text, 10) || 0;

export function readInfo(text: string): InfoFacts {
  const fields = new Map<string, string>();
  const replicas: { host: string; port: number }[] = [];
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1);
    if (/^slave\d/.test(name)) {
      const replica = readReplica(value);
      if (replica) replicas.push(replica);
    } else fields.set(name, value);
  }
  const role = fields.get('role');
  const number = (name: string) => (fields.has(name) ? toInt(fields.get(name)!) : undefined);
  const flag = (name: string, yes: string) => (fields.has(name) ? fields.get(name)!.toLowerCase() === yes : undefined);
  const runId = fields.get('run_id');
  return {
    runId: runId !== undefined && runId.length >= 40 ? runId.slice(0, 40) : undefined,
    role: role === 'master' || role === 'slave' ? role : 'unknown',
    replicas,
    primaryLinkDownMs: (number('master_link_down_since_seconds') ?? 0) * 1000,
    primaryHost: fields.get('master_host'),
    primaryPort: number('master_port'),
    isPrimaryLinkUp: flag('master_link_status', 'up'),
    priority: number('slave_priority'),
    replicaOffset: number('slave_repl_offset'),
    isAnnounced: fields.has('replica_announced') ? toInt(fields.get('replica_announced')!) !== 0 : undefined,
    ownOffset: number('master_repl_offset'),
    replicationId: fields.get('master_replid'),
  };
}

/** `ip=127.0.0.1,port=9999,…` or, from old servers, `127.0.0.1,9999,online`. */
function readReplica(value: string): { host: string; port: number } | undefined {
  const parts = value.split(',');
  const host = value.includes('ip=') ? parts.find((part) => part.startsWith('ip='))?.slice(3) : parts[0];
  const port = value.includes('ip=') ? parts.find((part) => part.startsWith('port='))?.slice(5) : parts[1];
  return host === undefined || port === undefined ? undefined : { host, port: toInt(port) };
}
