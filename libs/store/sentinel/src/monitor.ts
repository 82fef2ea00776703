/**
 * Keeps the links up, asks who is alive, and says who is down: subjectively (we cannot reach it) and objectively (enough
 * Sentinels cannot).
 */
import type { Answer } from './hands';
import type { Instance } from './instance';
import { Peer, Primary, Replica } from './instance';
import { hearReplica } from './failover';
import { receiveInfo } from './refresh';
import type { Sentinel } from './sentinel';
import { sendHello } from './hello';

const PENDING_MAX = 100;
/** Connections that are tried in down-after-milliseconds. */
const TRIES = 4;
/** While the primary is down or on its way out its replicas are looked at closely. */
const INFO_PERIOD_CLOSE_MS = 1000;
/** One that was told to be the primary, or to follow it, is asked this often whether it does. */
const INFO_PERIOD_TOLD_MS = 200;
/** What is published on a primary reaches the listeners of its replicas: there it is said again only so often, in case it does not. */
const RELAYED_PERIODS = 5;

/** Opens what is closed: once a ping period, and often enough that one who comes back in time does not count as down. */
export function reconnect(sentinel: Sentinel, instance: Instance): void {
  const { link } = instance;
  const now = sentinel.now();
  if (!link.isDisconnected || instance.address.port === 0 || now - link.triedAt < Math.min(sentinel.timings['ping-period'], instance.downAfterMs / TRIES)) return;
  link.triedAt = now;
  if (link.commands === 0) {
    if (sentinel.resolvesHostnames) instance.address = sentinel.resolve(instance.address.hostname, instance.address.port) ?? instance.address;
    link.commands = sentinel.open(instance, 'commands');
    link.awaited = [];
    link.commandsSince = now;
    greet(sentinel, instance, link.commands, 'cmd');
    sendPing(sentinel, instance);
  }
  if (link.hasMessages && link.messages === 0) {
    link.messages = sentinel.open(instance, 'messages');
    link.awaitedMessages = 0;
    link.messagesSince = now;
    greet(sentinel, instance, link.messages, 'pubsub');
    sentinel.hands.send(link.messages, [instance.primary.commandName('SUBSCRIBE'), HELLO_CHANNEL]);
  }
}

export const HELLO_CHANNEL = '__sentinel__:hello';

/** Says who we are. Answers do not matter: who is not let in finds the instance down. */
function greet(sentinel: Sentinel, instance: Instance, connection: number, type: 'cmd' | 'pubsub'): void {
  const { primary } = instance;
  const [user, password] = instance instanceof Peer ? sentinel.peerCredentials() : [primary.authUser, primary.authPass];
  const send = (args: readonly string[]) => {
    sentinel.hands.send(connection, args);
    if (type === 'cmd') instance.link.awaited.push({ instance, hear: undefined });
    else instance.link.awaitedMessages++;
  };
  if (password !== '') send([primary.commandName('AUTH'), ...(user === '' ? [] : [user]), password]);
  send([primary.commandName('CLIENT'), 'SETNAME', `sentinel-${sentinel.id.slice(0, 8)}-${type}`]);
}

export function sendPing(sentinel: Sentinel, instance: Instance): void {
  const { link } = instance;
  sentinel.ask(instance, ['PING'], (answer) => receivePong(sentinel, instance, answer));
  link.pingedAt = sentinel.now();
  if (link.pingSince === 0) link.pingSince = link.pingedAt;
}

function receivePong(sentinel: Sentinel, instance: Instance, answer: Answer): void {
  const { link } = instance;
  if (answer.type === 'status' || answer.type === 'error') {
    if (/^(PONG|LOADING|MASTERDOWN)/.test(answer.text)) {
      link.workedAt = sentinel.now();
      link.pingSince = 0;
      if (instance instanceof Primary && answer.text.startsWith('PONG')) instance.hasRebooted = false;
    } else if (answer.text.startsWith('BUSY') && instance.isSubjectivelyDown && !instance.hasSentScriptKill) {
      sentinel.ask(instance, ['SCRIPT', 'KILL'], undefined);
      instance.hasSentScriptKill = true;
    }
  }
  link.answeredAt = sentinel.now();
}

/** Also while the hello channel's connection is away: the transaction that promotes a server closes it. */
export function askInfo(sentinel: Sentinel, instance: Instance): void {
  if (instance.link.commands === 0) return;
  instance.infoAskedAt = sentinel.now();
  sentinel.ask(instance, ['INFO'], (answer) => {
    if (answer.type !== 'bulk') return;
    receiveInfo(sentinel, instance as Primary | Replica, answer.text);
    if (instance instanceof Replica) hearReplica(sentinel, instance);
  });
}

/**
 * INFO, PING and hello, each when its time has come. What is due soon goes along with a PING: many idle servers cost little more than
 * being woken up.
 */
export function sendPeriodicCommands(sentinel: Sentinel, instance: Instance): void {
  const { link, primary } = instance;
  const { timings } = sentinel;
  if (link.isDisconnected || link.pendingCommands >= PENDING_MAX * link.refCount) return;
  const now = sentinel.now();
  const pingPeriod = pingPeriodOf(sentinel, instance);
  const pings = now - link.answeredAt > pingPeriod && now - link.pingedAt > pingPeriod / 2;
  const early = pings ? pingPeriod / 2 : 0;
  if (!(instance instanceof Peer)) {
    const isCrucial = primary.isObjectivelyDown || primary.isSubjectivelyDown || primary.isFailingOver;
    const isClose = instance instanceof Replica && (isCrucial || instance.linkDownMs !== 0);
    const isTold = instance instanceof Replica && ((instance.isPromoted && primary.failoverState === 'wait-promotion') || instance.reconfiguration === 'sent' || instance.reconfiguration === 'in-progress');
    const period = Math.min(timings['info-period'], isTold ? INFO_PERIOD_TOLD_MS : isClose ? INFO_PERIOD_CLOSE_MS : Infinity);
    if ((instance.infoAt === 0 || now - instance.infoAt > period - Math.min(early, period / 2)) && now - instance.infoAskedAt > Math.min(period, INFO_PERIOD_CLOSE_MS)) askInfo(sentinel, instance);
  }
  if (pings) sendPing(sentinel, instance);
  const publishPeriod = publishPeriodOf(sentinel, instance);
  if (now - instance.publishedAt > publishPeriod - Math.min(early, publishPeriod / 2)) sendHello(sentinel, instance);
}

/** That a primary hangs is known `down-after-milliseconds` after the first PING it does not answer: that one must not be long in coming. */
export function pingPeriodOf({ timings }: Sentinel, instance: Instance): number {
  return Math.min(instance instanceof Primary ? instance.downAfterMs / 2 : instance.downAfterMs, timings['ping-period']);
}

export function publishPeriodOf({ timings }: Sentinel, instance: Instance): number {
  return timings['publish-period'] * (hearsPrimary(instance) ? RELAYED_PERIODS : 1);
}

/** A replica whose clients are told what is published on the primary, as far as one knows. */
function hearsPrimary(instance: Instance): boolean {
  return instance instanceof Replica && instance.isLinkUp && instance.reportedRole === 'slave' && !instance.primary.isFailingOver && !instance.primary.isSubjectivelyDown;
}

export function checkSubjectivelyDown(sentinel: Sentinel, instance: Instance): void {
  const { link, downAfterMs } = instance;
  const { timings } = sentinel;
  const now = sentinel.now();
  const silentMs = link.pingSince !== 0 ? now - link.pingSince : link.isDisconnected ? now - link.workedAt : 0;

  // A connection that seems to stand and over which nothing comes may be dead: a new one may live.
  const half = downAfterMs / 2;
  if (
    link.commands !== 0 && now - link.commandsSince > timings['min-link-reconnect-period'] &&
    link.pingSince !== 0 && now - link.pingSince > half && now - link.answeredAt > half
  ) sentinel.close(link, 'commands');
  if (
    link.messages !== 0 && now - link.messagesSince > timings['min-link-reconnect-period'] && now - link.heardAt > timings['publish-period'] * 3
  ) sentinel.close(link, 'messages');

  const isDown =
    silentMs > downAfterMs ||
    // It answers, but has claimed to be a replica for so long that its INFO was seen twice since.
    (instance instanceof Primary && instance.reportedRole === 'slave' && now - instance.reportedRoleSince > downAfterMs + timings['info-period'] * 2) ||
    (instance instanceof Primary && instance.hasRebooted && now - instance.rebootedAt > instance.rebootDownAfterMs);
  if (isDown === instance.isSubjectivelyDown) return;
  instance.isSubjectivelyDown = isDown;
  sentinel.event('warning', isDown ? '+sdown' : '-sdown', instance);
  if (isDown) instance.subjectivelyDownSince = now;
  else instance.hasSentScriptKill = false;
}

export function checkObjectivelyDown(sentinel: Sentinel, primary: Primary): void {
  let votes = 0;
  if (primary.isSubjectivelyDown) {
    votes = 1;
    for (const peer of primary.peers.values()) if (peer.seesPrimaryDown) votes++;
  }
  const isDown = votes >= primary.quorum && votes > 0;
  if (isDown === primary.isObjectivelyDown) return;
  primary.isObjectivelyDown = isDown;
  if (isDown) {
    primary.objectivelyDownSince = sentinel.now();
    sentinel.event('warning', '+odown', primary, ` #quorum ${votes}/${primary.quorum}`);
  } else sentinel.event('warning', '-odown', primary);
}

/** No trouble with it in the last `ms`. */
export function wasUpFor(sentinel: Sentinel, instance: Instance, ms: number): boolean {
  const last = Math.max(instance.subjectivelyDownSince, instance instanceof Primary ? instance.objectivelyDownSince : 0);
  return last === 0 || sentinel.now() - last > ms;
}

/** It is what we hold it for, and has said so lately. */
export function looksSane(sentinel: Sentinel, primary: Primary): boolean {
  return (
    primary.reportedRole === 'master' && !primary.isSubjectivelyDown && !primary.isObjectivelyDown &&
    sentinel.now() - primary.infoAt < sentinel.timings['info-period'] * 2
  );
}
