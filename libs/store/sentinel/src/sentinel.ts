/**
 * One Sentinel: the primaries that it watches, its place among the other Sentinels, and the inputs by which the world reaches
 * it. It decides and does nothing itself: see hands.ts. Everything is a function of its inputs, the clock and the random source
 * it was given, so that a whole deployment runs in one process from one seed.
 *
 *   monitor.ts    links, pings, who is down        election.ts   votes
 *   refresh.ts    what INFO changes                failover.ts   the steps of a failover
 *   hello.ts      other Sentinels                  selection.ts  which replica
 *
 * Times come from the monotonic clock: a wall clock that is set does not make anything look old.
 */
import type { Clock, Random } from '@larder/shared-std';
import type { Address } from './address';
import { isIpLiteral, isSamePlace } from './address';
import { askOthers } from './election';
import { instanceText, tell } from './events';
import { considerFailover, switchToPromoted } from './failover';
import type { Answer, ConnectionKind, EventLevel, Hands } from './hands';
import { receiveHello } from './hello';
import type { FailoverState, Instance } from './instance';
import { Peer, Primary, Replica } from './instance';
import type { Link } from './link';
import { checkSubjectivelyDown, reconnect, sendPeriodicCommands } from './monitor';
import { restMs } from './rest';
import { Scripts } from './scripts';
import type { Timings } from './timings';
import { defaultTimings } from './timings';

/** Ticks a second: so many, and a random number more, so that Sentinels do not act in step. */
const TICKS_PER_SECOND = 10;

export interface SentinelOptions {
  readonly hands: Hands;
  readonly clock: Clock;
  readonly random: Random;
}

export class Sentinel {
  readonly hands: Hands;
  readonly random: Random;
  readonly timings: Timings = { ...defaultTimings };
  readonly scripts = new Scripts(this);
  readonly primaries = new Map<string, Primary>();
  /** 40 hexadecimal digits, kept for good. */
  id = '';
  currentEpoch = 0;

  announceIp = '';
  announcePort = 0;
  announcesHostnames = false;
  resolvesHostnames = false;
  deniesScriptChanges = true;
  peerUser = '';
  peerPassword = '';

  /** Time went on in a leap: for a while it looks and does not act. */
  isTilted = false;
  tiltedSince = 0;
  crashesAfterElection = false;
  crashesAfterPromotion = false;

  private readonly clock: Clock;
  private readonly startWall: number;
  private tickedAt: number;
  private tickedWall: number;
  private readonly connections = new Map<number, { link: Link; kind: ConnectionKind }>();
  private nextConnection = 1;

  constructor({ hands, clock, random }: SentinelOptions) {
    this.hands = hands;
    this.clock = clock;
    this.random = random;
    this.startWall = clock.now() - clock.monotonic();
    this.tickedAt = this.now();
    this.tickedWall = clock.now();
  }

  /** Milliseconds, as of 1970 when it started, and even from then on. */
  now(): number {
    return Math.floor(this.startWall + this.clock.monotonic());
  }

  // Inputs.

  /** When its configuration has been read. */
  start(): void {
    if (this.id === '') {
      this.id = Array.from(this.random.bytes(20), (byte) => byte.toString(16).padStart(2, '0')).join('');
      this.persist();
    }
    this.hands.log('warning', `Sentinel ID is ${this.id}`);
    for (const primary of this.primaries.values()) this.event('warning', '+monitor', primary, ` quorum ${primary.quorum}`);
  }

  /** A tenth of a second at most, by chance, so that Sentinels do not all stand for election at once; while all is well, what it may rest. */
  nextTickMs(): number {
    return Math.max(1000 / (TICKS_PER_SECOND + this.random.int(TICKS_PER_SECOND)), restMs(this));
  }

  tick(): void {
    this.checkTilt();
    for (const primary of [...this.primaries.values()]) {
      for (const instance of [...primary.everyone()]) if (!instance.isGone) this.look(instance);
      if (primary.failoverState === 'update-configuration') switchToPromoted(this, primary);
    }
    this.scripts.tick();
  }

  /** A reply, or on `messages` a push. */
  replied(connection: number, answer: Answer): void {
    const known = this.connections.get(connection);
    if (known === undefined) return;
    const { link, kind } = known;
    if (kind === 'commands') {
      const awaited = link.awaited.shift();
      if (awaited !== undefined && !awaited.instance.isGone) awaited.hear?.(answer);
    } else if (link.awaitedMessages > 0) link.awaitedMessages--;
    else {
      link.heardAt = this.now();
      const text = helloText(answer);
      if (text !== undefined && !text.includes(this.id)) receiveHello(this, text);
    }
  }

  connectionLost(connection: number): void {
    const known = this.connections.get(connection);
    if (known === undefined) return;
    const { link, kind } = known;
    // Whoever hangs up is silent from here on, not only from the next ping that cannot be sent.
    if (kind === 'commands' && link.pingSince === 0) link.pingSince = this.now();
    this.closed(link, kind);
  }

  scriptEnded(job: number, exitCode: number, signal: number): void {
    this.scripts.ended(job, exitCode, signal);
  }

  // What it does to the world.

  /** False when it could not be written: the hands have said so. */
  persist(): boolean {
    return this.hands.persist();
  }

  event(level: EventLevel, channel: string, instance: Instance, more = ''): void {
    tell(this, level, channel, instance.primary, instanceText(this, instance) + more);
  }

  crash(): void {
    this.hands.log('warning', 'Sentinel CRASH because of SENTINEL simulate-failure');
    this.hands.crash();
  }

  enterState(primary: Primary, state: FailoverState): void {
    primary.failoverState = state;
    primary.failoverStateSince = this.now();
  }

  open(instance: Instance, kind: ConnectionKind): number {
    const connection = this.nextConnection++;
    this.connections.set(connection, { link: instance.link, kind });
    this.hands.connect(connection, instance.address.ip, instance.address.port, kind);
    return connection;
  }

  close(link: Link, kind: ConnectionKind): void {
    const connection = link[kind];
    if (connection === 0) return;
    this.closed(link, kind);
    this.hands.disconnect(connection);
  }

  private closed(link: Link, kind: ConnectionKind): void {
    this.connections.delete(link[kind]);
    link[kind] = 0;
    if (kind === 'commands') link.awaited = [];
    else link.awaitedMessages = 0;
  }

  closeBoth(link: Link): void {
    this.close(link, 'commands');
    this.close(link, 'messages');
  }

  ask(instance: Instance, [command, ...args]: readonly string[], hear: ((answer: Answer) => void) | undefined): void {
    const { link } = instance;
    if (link.commands === 0) return;
    link.awaited.push({ instance, hear });
    this.hands.send(link.commands, [instance.primary.commandName(command!), ...args]);
  }

  /** User and password for other Sentinels. */
  peerCredentials(): [user: string, password: string] {
    return this.peerPassword === '' ? ['', this.hands.ownPassword()] : [this.peerUser, this.peerPassword];
  }

  // Addresses.

  /** undefined for a name that cannot be resolved, or where names are not resolved. */
  resolve(hostname: string, port: number): Address | undefined {
    const ip = isIpLiteral(hostname) ? hostname : this.resolvesHostnames ? this.hands.resolve(hostname) : undefined;
    if (ip !== undefined) return { hostname, ip, port };
    this.hands.log('warning', `Failed to resolve hostname '${hostname}'`);
    return undefined;
  }

  private resolveOrKeep(hostname: string, port: number): Address | undefined {
    return this.resolve(hostname, port) ?? (this.resolvesHostnames ? { hostname, ip: '', port } : undefined);
  }

  shownHost(address: Address): string {
    return this.announcesHostnames ? address.hostname : address.ip;
  }

  isHostOf(address: Address, hostname: string): boolean {
    const ip = isIpLiteral(hostname) ? hostname : this.resolvesHostnames ? this.hands.resolve(hostname) : undefined;
    if (ip === undefined) return (this.resolvesHostnames ? address.hostname : address.ip).toLowerCase() === hostname.toLowerCase();
    return address.ip.toLowerCase() === ip.toLowerCase();
  }

  // Who is known.

  /** A string is why not. */
  addPrimary(name: string, hostname: string, port: number, quorum: number): Primary | string {
    const address = this.placeFor(hostname, port);
    if (typeof address === 'string') return address;
    if (this.primaries.has(name)) return 'Duplicate master name.';
    const primary = new Primary(name, address, quorum, this.now(), this.timings);
    this.primaries.set(name, primary);
    return primary;
  }

  private placeFor(hostname: string, port: number): Address | string {
    if (port < 0 || port > 65535) return 'Invalid port number.';
    return this.resolveOrKeep(hostname, port) ?? 'Can\'t resolve instance hostname.';
  }

  removePrimary(primary: Primary): void {
    this.primaries.delete(primary.name);
    for (const instance of primary.everyone()) this.release(instance);
  }

  insertReplica(primary: Primary, hostname: string, port: number): Replica | string {
    const address = this.placeFor(hostname, port);
    if (typeof address === 'string') return address;
    const replica = new Replica(primary, address, this.shownHost(address), this.now());
    if (primary.replicas.has(replica.name)) return 'Duplicate hostname and port for replica.';
    primary.replicas.set(replica.name, replica);
    return replica;
  }

  /** One that the primary told of. */
  addReplica(primary: Primary, hostname: string, port: number): void {
    const replica = this.insertReplica(primary, hostname, port);
    if (typeof replica === 'string') return;
    this.event('notice', '+slave', replica);
    this.persist();
  }

  addPeer(primary: Primary, hostname: string, port: number, id: string): Peer | string {
    const address = this.placeFor(hostname, port);
    if (typeof address === 'string') return address;
    if (primary.peers.has(id)) return 'Duplicate runid for sentinel.';
    const peer = new Peer(primary, address, id, this.now());
    primary.peers.set(id, peer);
    this.shareLink(peer);
    return peer;
  }

  /** The same Sentinel beside another primary has a link already. */
  private shareLink(peer: Peer): void {
    for (const primary of this.primaries.values()) {
      const twin = primary === peer.primary ? undefined : this.findPeer(primary, peer.runId);
      if (twin === undefined) continue;
      peer.link = twin.link;
      peer.link.refCount++;
      return;
    }
  }

  /** It has moved: the other instances that stand for it move with it. */
  moveTwins(peer: Peer): void {
    let moved = 0;
    for (const primary of this.primaries.values()) {
      const twin = this.findPeer(primary, peer.runId);
      if (twin === undefined) continue;
      this.closeBoth(twin.link);
      if (twin === peer) continue;
      twin.address = peer.address;
      moved++;
    }
    if (moved > 0) this.event('notice', '+sentinel-address-update', peer, ` ${moved} additional matching instances`);
  }

  removePeer(primary: Primary, id: string): boolean {
    const peer = this.findPeer(primary, id);
    if (peer === undefined) return false;
    primary.peers.delete(peer.name);
    this.release(peer);
    return true;
  }

  /** By id, by address or by both. */
  findPeer(primary: Primary, id: string | undefined, hostname?: string, port = 0): Peer | undefined {
    const place = hostname === undefined ? undefined : this.resolveOrKeep(hostname, port);
    if (hostname !== undefined && place === undefined) return undefined;
    for (const peer of primary.peers.values()) {
      if ((id === undefined || peer.runId === id) && (place === undefined || isSamePlace(peer.address, place))) return peer;
    }
    return undefined;
  }

  findPrimary(hostname: string, port: number): Primary | undefined {
    const place = this.resolveOrKeep(hostname, port);
    if (place === undefined) return undefined;
    for (const primary of this.primaries.values()) if (isSamePlace(primary.address, place)) return primary;
    return undefined;
  }

  private release(instance: Instance): void {
    instance.isGone = true;
    if (--instance.link.refCount === 0) this.closeBoth(instance.link);
  }

  /** Forgets what was learned of it: replicas, Sentinels unless `keepsPeers`, the failover that may be on. */
  reset(primary: Primary, keepsPeers: boolean): void {
    for (const replica of primary.replicas.values()) this.release(replica);
    primary.replicas.clear();
    if (!keepsPeers) {
      for (const peer of primary.peers.values()) this.release(peer);
      primary.peers.clear();
    }
    this.closeBoth(primary.link);
    const now = this.now();
    primary.isSubjectivelyDown = primary.isObjectivelyDown = primary.isFailingOver = primary.isForced = primary.hasRebooted = primary.hasSentScriptKill = false;
    primary.leader = undefined;
    primary.failoverState = 'none';
    primary.failoverStateSince = primary.failoverStartedAt = primary.splitVoteRetryAt = 0;
    primary.promoted = undefined;
    primary.runId = undefined;
    primary.link.restart(now);
    primary.reportedRole = 'master';
    primary.reportedRoleSince = now;
  }

  /** The name points elsewhere now. Replicas stay, the old primary becomes one. */
  switchAddress(primary: Primary, hostname: string, port: number): void {
    const address = this.resolve(hostname, port);
    if (address === undefined) return;
    const others = [...primary.replicas.values()].map((replica) => replica.address).filter((place) => !isSamePlace(place, address));
    if (!isSamePlace(address, primary.address)) others.push(primary.address);
    this.reset(primary, true);
    primary.address = address;
    primary.objectivelyDownSince = primary.subjectivelyDownSince = 0;
    // The successor's own figures are not known yet.
    primary.offset = primary.infoAt = primary.infoAskedAt = 0;
    primary.replicationId = '';
    for (const place of others) {
      const replica = this.insertReplica(primary, place.hostname, place.port);
      if (typeof replica !== 'string') this.event('notice', '+slave', replica);
    }
    this.persist();
  }

  private look(instance: Instance): void {
    reconnect(this, instance);
    sendPeriodicCommands(this, instance);
    if (this.isTilted) {
      if (this.now() - this.tiltedSince < this.timings['tilt-period']) return;
      this.isTilted = false;
      tell(this, 'warning', '-tilt', undefined, '#tilt mode exited');
    }
    checkSubjectivelyDown(this, instance);
    if (!(instance instanceof Primary)) return;
    considerFailover(this, instance);
    askOthers(this, instance, false);
  }

  /**
   * Between two ticks half a second passes at most. If it was much more we were stopped, or the machine slept, and everybody
   * would look silent.
   */
  private checkTilt(): void {
    const now = this.now();
    const wall = this.clock.now();
    const trigger = this.timings['tilt-trigger'];
    if (now - this.tickedAt > trigger || wall - this.tickedWall > trigger) {
      this.isTilted = true;
      this.tiltedSince = now;
      tell(this, 'warning', '+tilt', undefined, '#tilt mode entered');
    }
    this.tickedAt = now;
    this.tickedWall = wall;
  }
}

/** The payload of a push of the hello channel. */
function helloText(answer: Answer): string | undefined {
  if (answer.type !== 'array' || answer.items.length !== 3) return undefined;
  const [word, , payload] = answer.items as [Answer, Answer, Answer];
  return word.type === 'bulk' && word.text === 'message' && payload.type === 'bulk' ? payload.text : undefined;
}
