/**
 * The `sentinel …` lines of the configuration file: what the operator set, and what must be known after a restart.
 *
 * Read in three passes, so that the order of lines does not matter: what concerns the Sentinel, then the primaries, then what
 * is said of them. Words of refusals are redis-sentinel's, as its users and tools know them.
 */
import { quoteArgument } from '@larder/store-settings';
import { isSamePlace } from './address';
import type { Primary } from './instance';
import { PROMOTE_LAG_BYTES } from './instance';
import type { Sentinel } from './sentinel';
import { defaultTimings } from './timings';

export interface Directive {
  readonly args: readonly string[];
  readonly lineNumber: number;
  readonly line: string;
}

const BEFORE_PRIMARIES = ['announce-ip', 'announce-port', 'deny-scripts-reconfig', 'sentinel-user', 'sentinel-pass', 'current-epoch', 'myid', 'resolve-hostnames', 'announce-hostnames'];

/** Returns the line that was refused and why. */
export function loadDirectives(sentinel: Sentinel, directives: readonly Directive[]): (Directive & { reason: string }) | undefined {
  const pass = ({ args }: Directive) => (args[0]!.toLowerCase() === 'monitor' ? 1 : BEFORE_PRIMARIES.includes(args[0]!.toLowerCase()) ? 0 : 2);
  for (const wanted of [0, 1, 2]) {
    for (const directive of directives) {
      if (pass(directive) !== wanted) continue;
      const reason = loadDirective(sentinel, directive.args);
      if (reason !== undefined) return { ...directive, reason };
    }
  }
  return undefined;
}

const toInt = (text: string) => Number.parseInt(text, 10) || 0;

function yesOrNo(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return word === 'yes' ? true : word === 'no' ? false : undefined;
}

type OfSentinel = (sentinel: Sentinel, value: string) => string | undefined;

const ofSentinel: Record<string, OfSentinel> = {
  'current-epoch': (sentinel, value) => {
    sentinel.currentEpoch = Math.max(sentinel.currentEpoch, toInt(value));
    return undefined;
  },
  myid: (sentinel, value) => {
    if (value.length !== 40) return 'Malformed Sentinel id in myid option.';
    sentinel.id = value;
    return undefined;
  },
  'announce-ip': (sentinel, value) => {
    if (value !== '') sentinel.announceIp = value;
    return undefined;
  },
  'announce-port': (sentinel, value) => {
    sentinel.announcePort = toInt(value);
    return undefined;
  },
  'deny-scripts-reconfig': flag('options', 'deny-scripts-reconfig', (sentinel, value) => (sentinel.deniesScriptChanges = value)),
  'sentinel-user': (sentinel, value) => {
    sentinel.peerUser = value;
    return undefined;
  },
  'sentinel-pass': (sentinel, value) => {
    sentinel.peerPassword = value;
    return undefined;
  },
  'resolve-hostnames': flag('option', 'resolve-hostnames', (sentinel, value) => (sentinel.resolvesHostnames = value)),
  'announce-hostnames': flag('option', 'announce-hostnames', (sentinel, value) => (sentinel.announcesHostnames = value)),
};

function flag(word: string, name: string, set: (sentinel: Sentinel, value: boolean) => void): OfSentinel {
  return (sentinel, text) => {
    const value = yesOrNo(text);
    if (value === undefined) return `Please specify yes or no for the ${name} ${word}.`;
    set(sentinel, value);
    return undefined;
  };
}

type OfPrimary = (sentinel: Sentinel, primary: Primary, values: readonly string[]) => string | undefined;

interface PrimaryDirective {
  readonly values: readonly number[];
  readonly set: OfPrimary;
}

const one = (set: (primary: Primary, value: string) => string | undefined): PrimaryDirective => ({ values: [1], set: (_, primary, [value]) => set(primary, value!) });

const keeps = (set: (primary: Primary, value: string) => unknown) => (primary: Primary, value: string) => {
  set(primary, value);
  return undefined;
};

const knownReplica: PrimaryDirective = {
  values: [2],
  set: (sentinel, primary, [host, port]) => {
    const replica = sentinel.insertReplica(primary, host!, toInt(port!));
    return typeof replica === 'string' ? replica : undefined;
  },
};

const script = (refusal: string, set: (primary: Primary, path: string) => void): PrimaryDirective => ({
  values: [1],
  set: (sentinel, primary, [path]) => {
    if (!sentinel.hands.isExecutable(path!)) return refusal;
    set(primary, path!);
    return undefined;
  },
});

const ofPrimary: Record<string, PrimaryDirective> = {
  'down-after-milliseconds': {
    values: [1],
    set: (_, primary, [value]) => {
      if (toInt(value!) <= 0) return 'negative or zero time parameter.';
      setDownAfter(primary, toInt(value!));
      return undefined;
    },
  },
  'failover-timeout': one((primary, value) => {
    if (toInt(value) <= 0) return 'negative or zero time parameter.';
    primary.failoverTimeoutMs = toInt(value);
    return undefined;
  }),
  'parallel-syncs': one(keeps((primary, value) => (primary.parallelSyncs = toInt(value)))),
  'notification-script': script('Notification script seems non existing or non executable.', (primary, path) => (primary.notificationScript = path)),
  'client-reconfig-script': script('Client reconfiguration script seems non existing or non executable.', (primary, path) => (primary.clientReconfigScript = path)),
  'auth-pass': one(keeps((primary, value) => (primary.authPass = value))),
  'auth-user': one(keeps((primary, value) => (primary.authUser = value))),
  'config-epoch': {
    values: [1],
    set: (sentinel, primary, [value]) => {
      primary.configEpoch = toInt(value!);
      sentinel.currentEpoch = Math.max(sentinel.currentEpoch, primary.configEpoch);
      return undefined;
    },
  },
  'leader-epoch': one(keeps((primary, value) => (primary.leaderEpoch = toInt(value)))),
  'known-slave': knownReplica,
  'known-replica': knownReplica,
  'known-sentinel': {
    values: [2, 3],
    set: (sentinel, primary, [host, port, id]) => {
      if (id === undefined) return undefined; // the old form, which says too little
      const peer = sentinel.addPeer(primary, host!, toInt(port!), id);
      return typeof peer === 'string' ? peer : undefined;
    },
  },
  'rename-command': {
    values: [2],
    set: (_, primary, [from, to]) => {
      if (primary.renamed.has(from!.toUpperCase())) return 'Same command renamed multiple times with rename-command.';
      primary.renamed.set(from!.toUpperCase(), to!);
      return undefined;
    },
  },
  'master-reboot-down-after-period': one((primary, value) => {
    if (toInt(value) < 0) return 'negative time parameter.';
    primary.rebootDownAfterMs = toInt(value);
    return undefined;
  }),
  'promote-lag-max-bytes': one((primary, value) => {
    if (!/^(-1|\d+)$/.test(value)) return 'promote-lag-max-bytes is a number of bytes, or -1 to promote any replica.';
    primary.promoteLagBytesMax = toInt(value);
    return undefined;
  }),
};

const UNKNOWN = 'Unrecognized sentinel configuration statement.';

function loadDirective(sentinel: Sentinel, [given, ...values]: readonly string[]): string | undefined {
  const name = given!.toLowerCase();
  if (name === 'monitor' && values.length === 4) {
    const [primaryName, host, port, quorum] = values as [string, string, string, string];
    if (toInt(quorum) <= 0) return 'Quorum must be 1 or greater.';
    const primary = sentinel.addPrimary(primaryName, host, toInt(port), toInt(quorum));
    return typeof primary === 'string' ? primary : undefined;
  }
  const own = Object.hasOwn(ofSentinel, name) ? ofSentinel[name] : undefined;
  if (own !== undefined && values.length === 1) return own(sentinel, values[0]!);
  const directive = Object.hasOwn(ofPrimary, name) ? ofPrimary[name] : undefined;
  if (directive === undefined || !directive.values.includes(values.length - 1)) return UNKNOWN;
  const primary = sentinel.primaries.get(values[0]!);
  if (primary === undefined) return name === 'known-sentinel' && values.length === 3 ? undefined : 'No such master with specified name.';
  return directive.set(sentinel, primary, values.slice(1));
}

/** For a primary and all that is watched because of it. */
export function setDownAfter(primary: Primary, ms: number): void {
  for (const instance of primary.everyone()) instance.downAfterMs = ms;
}

/** Lines of one directive; `isForced` ones are added where the file has none yet. */
export interface DirectiveLines {
  readonly option: string;
  readonly lines: readonly string[];
  readonly isForced: boolean;
}

/** All that is to be written. A directive without lines goes from the file. */
export function configurationLines(sentinel: Sentinel): DirectiveLines[] {
  const byOption = new Map<string, DirectiveLines & { lines: string[] }>();
  const put = (option: string, values: readonly (string | number)[] | undefined, isForced = true) => {
    let entry = byOption.get(option);
    if (entry === undefined) byOption.set(option, (entry = { option: `sentinel ${option}`, lines: [], isForced }));
    if (values !== undefined) entry.lines.push(['sentinel', option, ...values.map(plain)].join(' '));
  };
  const switchable = (option: string, value: boolean, initial: boolean) => put(option, [value ? 'yes' : 'no'], value !== initial);

  put('myid', [sentinel.id]);
  switchable('deny-scripts-reconfig', sentinel.deniesScriptChanges, true);
  switchable('resolve-hostnames', sentinel.resolvesHostnames, false);
  switchable('announce-hostnames', sentinel.announcesHostnames, false);
  for (const option of OF_PRIMARIES) put(option, undefined);
  for (const primary of sentinel.primaries.values()) for (const [option, ...values] of primaryLines(sentinel, primary)) put(option, [primary.name, ...values]);
  put('current-epoch', [sentinel.currentEpoch]);
  put('announce-ip', sentinel.announceIp === '' ? undefined : [sentinel.announceIp]);
  put('announce-port', sentinel.announcePort === 0 ? undefined : [sentinel.announcePort]);
  put('sentinel-user', sentinel.peerUser === '' ? undefined : [sentinel.peerUser]);
  put('sentinel-pass', sentinel.peerPassword === '' ? undefined : [sentinel.peerPassword]);
  return [...byOption.values()];
}

const OF_PRIMARIES = [
  'monitor', 'down-after-milliseconds', 'failover-timeout', 'parallel-syncs', 'notification-script', 'client-reconfig-script', 'auth-pass', 'auth-user',
  'master-reboot-down-after-period', 'promote-lag-max-bytes', 'config-epoch', 'leader-epoch', 'known-replica', 'known-slave', 'known-sentinel', 'rename-command',
];

type Line = [option: string, ...values: (string | number)[]];

function primaryLines(sentinel: Sentinel, primary: Primary): Line[] {
  const { currentAddress } = primary;
  const lines: Line[] = [['monitor', sentinel.shownHost(currentAddress), currentAddress.port, primary.quorum]];
  const add = (isSet: boolean, ...line: Line) => {
    if (isSet) lines.push(line);
  };
  add(primary.downAfterMs !== defaultTimings['default-down-after'], 'down-after-milliseconds', primary.downAfterMs);
  add(primary.failoverTimeoutMs !== defaultTimings['default-failover-timeout'], 'failover-timeout', primary.failoverTimeoutMs);
  add(primary.parallelSyncs !== 1, 'parallel-syncs', primary.parallelSyncs);
  add(primary.notificationScript !== '', 'notification-script', primary.notificationScript);
  add(primary.clientReconfigScript !== '', 'client-reconfig-script', primary.clientReconfigScript);
  add(primary.authPass !== '', 'auth-pass', primary.authPass);
  add(primary.authUser !== '', 'auth-user', primary.authUser);
  add(primary.rebootDownAfterMs !== 0, 'master-reboot-down-after-period', primary.rebootDownAfterMs);
  add(primary.promoteLagBytesMax !== PROMOTE_LAG_BYTES, 'promote-lag-max-bytes', primary.promoteLagBytesMax);
  lines.push(['config-epoch', primary.configEpoch], ['leader-epoch', primary.leaderEpoch]);
  for (const replica of primary.replicas.values()) {
    // The promoted one is the primary in this file, and its predecessor a replica.
    const address = isSamePlace(replica.address, currentAddress) ? primary.address : replica.address;
    lines.push(['known-replica', sentinel.shownHost(address), address.port]);
  }
  for (const peer of primary.peers.values()) lines.push(['known-sentinel', sentinel.shownHost(peer.address), peer.address.port, peer.runId!]);
  for (const [from, to] of primary.renamed) lines.push(['rename-command', from, to]);
  return lines;
}

/** Quotes what would not be one word again. */
function plain(value: string | number): string {
  const text = String(value);
  return /^[\x21\x23-\x26\x28-\x5b\x5d-\x7e]+$/.test(text) ? text : quoteArgument(text);
}
