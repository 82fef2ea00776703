// What the processes of a highly available instance are started with, beyond what every store has. Pure, but for hashes.
//
// Invariant: the passwords among the processes are made from the system password, which no tenant ever sees; they stand in files of mode 0600
// and in no answer. (So tenants of these instances may not CONFIG GET: `masterauth` would be among it.)
import { createHash, createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import {
  downAfterMs, primarySetName, replicationUsername, sentinelQuorum, sentinelUsername, systemUsername, tenantUsername, type Plan,
} from '@larder/plane-domain';
import type { Directive } from '../decide-directives';

/** Two that are not the same, from one that nobody sees. */
export function innerPassword(systemPassword: string, username: typeof replicationUsername | typeof sentinelUsername): string {
  return createHmac('sha256', systemPassword).update(username).digest('hex');
}

/** Where the processes find each other and Sentinels send clients. */
export function memberHost(settings: { readonly bindAddress: string; readonly publicHost: string }): string {
  if (settings.bindAddress !== '0.0.0.0') return settings.bindAddress;
  return isIP(settings.publicHost) === 0 ? '127.0.0.1' : settings.publicHost;
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

const replicationRules = ['+psync', '+replconf', '+ping', '+auth', '+hello'];
/** What a Sentinel does on a store. */
const sentinelOnStoreRules = [
  'allchannels', '+multi', '+exec', '+slaveof', '+replicaof', '+ping', '+subscribe', '+publish', '+info', '+role', '+config|rewrite', '+client|setname', '+client|kill',
  '+script|kill', '+auth', '+hello',
];

export function storeDirectives(systemPassword: string, host: string, follows: Place | null): Directive[] {
  const user = (name: typeof replicationUsername | typeof sentinelUsername, rules: readonly string[]): Directive =>
    ['user', name, 'on', `#${sha256(innerPassword(systemPassword, name))}`, ...rules];
  return [
    ['masteruser', replicationUsername],
    ['masterauth', innerPassword(systemPassword, replicationUsername)],
    ['replica-announce-ip', host],
    // Nobody else is coming: to wait for company before a full synchronisation would only prolong it.
    ['repl-diskless-sync-delay', '0'],
    ['repl-backlog-size', '16mb'],
    user(replicationUsername, replicationRules),
    user(sentinelUsername, sentinelOnStoreRules),
    ...(follows === null ? [] : [['replicaof', follows.host, String(follows.port)] as const]),
  ];
}

export interface SentinelStart {
  readonly systemPassword: string;
  readonly tenantPasswords: readonly string[];
  readonly plan: Plan;
  readonly memberId: string;
  readonly host: string;
  readonly primary: Place;
  readonly replicas: readonly Place[];
  readonly others: readonly (Place & { readonly memberId: string })[];
  /** Of the last change of primary: what these Sentinels say counts as no older than what those before them said. */
  readonly epoch: number;
}

// (CLIENT SETINFO is not among them: redis-server 7.0 would not start with a rule for it, and clients do not mind its refusal.)
const tenantOnSentinelRules = [
  '&*', '+ping', '+auth', '+hello', '+info', '+role', '+subscribe', '+psubscribe', '+unsubscribe', '+punsubscribe', '+client|setname',
  '+sentinel|get-master-addr-by-name', '+sentinel|sentinels', '+sentinel|replicas', '+sentinel|slaves', '+sentinel|master', '+sentinel|masters',
];
/** After a failed attempt the next one waits for twice as long. */
export const failoverTimeoutMs = 5000;

/** A Sentinel that knows from its first moment who is there: nobody has to be discovered before it can act. */
export function sentinelDirectives({ systemPassword, tenantPasswords, plan, memberId, host, primary, replicas, others, epoch }: SentinelStart): Directive[] {
  const inner = innerPassword(systemPassword, sentinelUsername);
  const set = (...words: string[]): Directive => ['sentinel', ...words];
  return [
    ['user', tenantUsername, 'reset', 'on', ...tenantPasswords.map((password) => `#${sha256(password)}`), ...tenantOnSentinelRules],
    ['user', systemUsername, 'on', `#${sha256(systemPassword)}`, '&*', '+@all'],
    ['user', sentinelUsername, 'on', `#${sha256(inner)}`, '&*', '+@all'],
    set('myid', sentinelId(memberId)),
    set('announce-ip', host),
    set('sentinel-user', sentinelUsername),
    set('sentinel-pass', inner),
    ...(epoch === 0 ? [] : [set('current-epoch', String(epoch))]),
    set('monitor', primarySetName, primary.host, String(primary.port), String(sentinelQuorum)),
    set('auth-user', primarySetName, sentinelUsername),
    set('auth-pass', primarySetName, inner),
    set('down-after-milliseconds', primarySetName, String(downAfterMs(plan))),
    set('failover-timeout', primarySetName, String(failoverTimeoutMs)),
    set('parallel-syncs', primarySetName, '1'),
    ...(epoch === 0 ? [] : [set('config-epoch', primarySetName, String(epoch))]),
    ...replicas.map(({ host: at, port }) => set('known-replica', primarySetName, at, String(port))),
    ...others.map(({ host: at, port, memberId: id }) => set('known-sentinel', primarySetName, at, String(port), sentinelId(id))),
  ];
}

/** One of an organization's: whom it watches it is told while it runs. Tenants get a user each (shared-sentinels.ts); `default` is nobody. */
export function sharedSentinelDirectives(systemPassword: string, memberId: string, host: string): Directive[] {
  const inner = innerPassword(systemPassword, sentinelUsername);
  return [
    ['user', tenantUsername, 'reset', 'off'],
    ['user', systemUsername, 'on', `#${sha256(systemPassword)}`, '&*', '+@all'],
    ['user', sentinelUsername, 'on', `#${sha256(inner)}`, '&*', '+@all'],
    ['sentinel', 'myid', sentinelId(memberId)],
    ['sentinel', 'announce-ip', host],
    ['sentinel', 'sentinel-user', sentinelUsername],
    ['sentinel', 'sentinel-pass', inner],
  ];
}

/**
 * What a tenant may do on Sentinels that watch others', too. Ours show a user with patterns only whom these name, in lists and events as
 * well, so it may do what it may on its own. Other makes do not: there it may ask by a name that cannot be guessed, and nothing that lists
 * names (MASTERS, INFO, ROLE) or tells them (every event does).
 */
export function tenantOnSharedRules(name: string, isOurs: boolean): readonly string[] {
  return isOurs ? [`~${name}`, ...tenantOnSentinelRules] : tenantOnOthersRules;
}

const tenantOnOthersRules = [
  '+ping', '+auth', '+hello', '+client|setname', '+sentinel|get-master-addr-by-name', '+sentinel|sentinels', '+sentinel|replicas', '+sentinel|slaves', '+sentinel|master',
];

export function gateDirectives(
  systemPassword: string, setName: string, leadsTo: 'primary' | 'replicas', sentinels: readonly Place[], first: Place | null = null,
): Directive[] {
  return [
    ...(first === null ? [] : [['first', first.host, String(first.port)] as const, ['waits-for-port', 'yes'] as const]),
    ['leads-to', leadsTo],
    ['name', setName],
    ['auth', sentinelUsername, innerPassword(systemPassword, sentinelUsername)],
    ...sentinels.map(({ host, port }): Directive => ['sentinel', host, String(port)]),
  ];
}

/** Forty hexadecimal digits that stay the member's own. */
function sentinelId(memberId: string): string {
  return createHash('sha1').update(memberId).digest('hex');
}

function sha256(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
