/**
 * What a Sentinel knows of each server and Sentinel it watches.
 *
 *   Primary ─┬─ replicas: Replica …   servers that follow it, as it told in INFO, and old primaries
 *            └─ peers:    Peer …      other Sentinels that watch the same primary, as their hellos told
 *
 * A Primary is a name with an address: when a replica is promoted the object stays and its address changes. Times are those of
 * Sentinel.now(), 0 = never.
 */
import type { Address } from './address';
import { hostAndPort } from './address';
import { Link } from './link';
import type { Timings } from './timings';

export type ReportedRole = 'master' | 'slave' | 'unknown';

/**
 * wait-start           our votes are being counted
 * select-replica       elected; a replica is chosen
 * send-promotion       it is told to be the primary
 * wait-promotion       until its INFO says that it is
 * reconfigure          the other replicas are told to follow it
 * update-configuration all done: the primary's address is switched
 */
export type FailoverState = 'none' | 'wait-start' | 'select-replica' | 'send-promotion' | 'wait-promotion' | 'reconfigure' | 'update-configuration';

export abstract class Instance {
  abstract readonly kind: 'master' | 'slave' | 'sentinel';
  /** Itself for a primary. */
  abstract readonly primary: Primary;
  name: string;
  address: Address;
  link: Link;
  /** Run id of a server, id of a Sentinel. */
  runId: string | undefined;
  /** Forgotten: replies for it are not heard any more. */
  isGone = false;

  downAfterMs: number;
  isSubjectivelyDown = false;
  subjectivelyDownSince = 0;
  publishedAt: number;
  hasSentScriptKill = false;

  // Servers: what INFO said.
  info: string | undefined;
  infoAt = 0;
  /** INFO is on its way since. */
  infoAskedAt = 0;
  reportedRole: ReportedRole;
  reportedRoleSince: number;
  replicationId = '';

  constructor(name: string, address: Address, now: number, hasMessages: boolean, downAfterMs: number, role: ReportedRole) {
    this.name = name;
    this.address = address;
    this.link = new Link(now, hasMessages);
    this.downAfterMs = downAfterMs;
    this.publishedAt = now;
    this.reportedRole = role;
    this.reportedRoleSince = now;
  }
}

export class Replica extends Instance {
  readonly kind = 'slave';
  readonly primary: Primary;
  /** How long it has been without its primary, by its own account. */
  linkDownMs = 0;
  priority = 100;
  isAnnounced = true;
  followsHost: string | undefined;
  followsPort = 0;
  isLinkUp = false;
  offset = 0;
  followsSince: number;
  isPromoted = false;
  reconfiguration: 'none' | 'sent' | 'in-progress' | 'done' = 'none';
  reconfigurationSentAt = 0;

  constructor(primary: Primary, address: Address, announcedHost: string, now: number) {
    super(hostAndPort(announcedHost, address.port), address, now, true, primary.downAfterMs, 'slave');
    this.primary = primary;
    this.followsSince = now;
  }
}

export class Peer extends Instance {
  readonly kind = 'sentinel';
  readonly primary: Primary;
  helloAt: number;
  /** It says that the primary is down. */
  seesPrimaryDown = false;
  /** When it last answered whether it is. */
  downReplyAt: number;
  /** Whom it votes for. */
  leader: string | undefined;
  leaderEpoch = 0;

  constructor(primary: Primary, address: Address, id: string, now: number) {
    super(id, address, now, false, primary.downAfterMs, 'unknown');
    this.primary = primary;
    this.runId = id;
    this.helloAt = now;
    this.downReplyAt = now;
  }
}

export class Primary extends Instance {
  readonly kind = 'master';
  readonly primary: Primary = this;
  readonly replicas = new Map<string, Replica>();
  readonly peers = new Map<string, Peer>();
  configEpoch = 0;
  quorum: number;
  parallelSyncs = 1;
  failoverTimeoutMs: number;
  authPass = '';
  authUser = '';
  notificationScript = '';
  clientReconfigScript = '';
  /** By the command's name in capitals. */
  readonly renamed = new Map<string, string>();
  rebootDownAfterMs = 0;
  hasRebooted = false;
  rebootedAt = 0;
  /**
   * A replica this many bytes behind what is known of the primary's history is not promoted (selection.ts); -1: whoever is
   * best is, however far behind, as in Redis.
   */
  promoteLagBytesMax = PROMOTE_LAG_BYTES;
  /** The primary's own offset when it was last heard of. */
  offset = 0;

  isObjectivelyDown = false;
  objectivelyDownSince = 0;

  /** Our vote. It is on disk before anybody hears of it. */
  leader: string | undefined;
  leaderEpoch = 0;
  failoverEpoch = 0;
  failoverState: FailoverState = 'none';
  failoverStateSince = 0;
  /** The last attempt, ours or the one that we voted for. */
  failoverStartedAt = 0;
  /** When its replicas were asked for the INFO that the choice among them goes by. */
  infoWantedSince = 0;
  failoverDelayLogged = 0;
  isFailingOver = false;
  isForced = false;
  promoted: Replica | undefined;
  /** When to begin a new epoch because votes were split; 0 = they are not. */
  splitVoteRetryAt = 0;

  constructor(name: string, address: Address, quorum: number, now: number, timings: Timings) {
    super(name, address, now, true, timings['default-down-after'], 'master');
    this.quorum = quorum;
    this.failoverTimeoutMs = timings['default-failover-timeout'];
  }

  /** Its own address, or its successor's as soon as that is known to be a primary. */
  get currentAddress(): Address {
    const isSwitched = this.failoverState === 'reconfigure' || this.failoverState === 'update-configuration';
    return this.isFailingOver && isSwitched && this.promoted !== undefined ? this.promoted.address : this.address;
  }

  *everyone(): Generator<Instance> {
    yield this;
    yield* this.replicas.values();
    yield* this.peers.values();
  }

  /** The name that a command has on its servers. */
  commandName(command: string): string {
    return this.renamed.get(command) ?? command;
  }
}

export const PROMOTE_LAG_BYTES = 64 << 20;
