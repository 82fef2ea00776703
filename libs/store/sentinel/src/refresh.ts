/** What INFO of a server changes: who follows it, what role it has, and what is put right because of it. */
import { isSamePlace } from './address';
import { callReconfigScript } from './events';
import { sendReplicaOf } from './failover';
import { forceHello } from './hello';
import type { InfoFacts } from './info-text';
import { readInfo } from './info-text';
import { Primary, Replica } from './instance';
import { looksSane, wasUpFor } from './monitor';
import type { Sentinel } from './sentinel';

export function receiveInfo(sentinel: Sentinel, instance: Primary | Replica, text: string): void {
  const now = sentinel.now();
  const facts = readInfo(text);
  instance.info = text;
  noteRunId(sentinel, instance, facts);
  if (instance instanceof Primary) {
    if (facts.role === 'master') {
      instance.offset = facts.ownOffset ?? 0;
    }
    for (const { host, port } of facts.replicas) sentinel.addReplica(instance, host, port);
  } else noteReplica(instance, facts, now);
  instance.replicationId = facts.replicationId ?? '';
  instance.infoAt = now;

  if (facts.role !== instance.reportedRole) {
    instance.reportedRole = facts.role;
    instance.reportedRoleSince = now;
    if (facts.role === 'slave' && instance instanceof Replica) instance.followsSince = now;
    const isExpected = facts.role === instance.kind;
    sentinel.event('verbose', isExpected ? '+role-change' : '-role-change', instance, ` new reported role is ${facts.role === 'master' ? 'master' : 'slave'}`);
  }
  // What follows acts, and in TILT we only look. A primary that claims to be a replica counts as down: see monitor.ts.
  if (sentinel.isTilted || !(instance instanceof Replica)) return;
  if (facts.role === 'master') claimsToBePrimary(sentinel, instance);
  else if (facts.role === 'slave') {
    followsAnother(sentinel, instance);
    followReconfiguration(sentinel, instance);
  }
}

function noteRunId(sentinel: Sentinel, instance: Primary | Replica, { runId }: InfoFacts): void {
  if (runId === undefined) return;
  if (instance.runId !== undefined && instance.runId !== runId) {
    sentinel.event('notice', '+reboot', instance);
    if (instance instanceof Primary && instance.rebootDownAfterMs !== 0) {
      instance.hasRebooted = true;
      instance.rebootedAt = sentinel.now();
    }
  }
  instance.runId = runId;
}

function noteReplica(replica: Replica, facts: InfoFacts, now: number): void {
  replica.linkDownMs = facts.primaryLinkDownMs;
  if (facts.role !== 'slave') return;
  if (facts.primaryHost !== undefined && facts.primaryHost.toLowerCase() !== replica.followsHost?.toLowerCase()) {
    replica.followsHost = facts.primaryHost;
    replica.followsSince = now;
  }
  if (facts.primaryPort !== undefined && facts.primaryPort !== replica.followsPort) {
    replica.followsPort = facts.primaryPort;
    replica.followsSince = now;
  }
  replica.isLinkUp = facts.isPrimaryLinkUp ?? replica.isLinkUp;
  replica.priority = facts.priority ?? replica.priority;
  replica.offset = facts.replicaOffset ?? replica.offset;
  replica.isAnnounced = facts.isAnnounced ?? replica.isAnnounced;
}

/** Ours has been promoted, or somebody turned it round behind our back. */
function claimsToBePrimary(sentinel: Sentinel, replica: Replica): void {
  const { primary } = replica;
  const now = sentinel.now();
  if (replica.isPromoted && primary.isFailingOver && primary.failoverState === 'wait-promotion') {
    // From here on it is the primary, in the epoch that elected us: all who hear of it must follow.
    primary.configEpoch = primary.failoverEpoch;
    sentinel.enterState(primary, 'reconfigure');
    sentinel.persist();
    sentinel.event('warning', '+promoted-slave', replica);
    if (sentinel.crashesAfterPromotion) sentinel.crash();
    sentinel.event('warning', '+failover-state-reconf-slaves', primary);
    callReconfigScript(sentinel, primary, 'leader', primary.address, replica.address);
    forceHello(sentinel, primary);
    retire(sentinel, primary, replica);
    return;
  }
  // Time for a newer configuration to reach us before ours is forced on it.
  const waitMs = sentinel.timings['publish-period'] * 4;
  if (replica.isPromoted || !looksSane(sentinel, primary) || !wasUpFor(sentinel, replica, waitMs) || now - replica.reportedRoleSince <= waitMs) return;
  sendReplicaOf(sentinel, replica, primary.address);
  sentinel.event('notice', '+convert-to-slave', replica);
}

/**
 * A predecessor that still answers (the failover was asked for, or it came back meanwhile) follows at once: what it goes on taking
 * from its clients would be lost when it is converted later, as redis-sentinel does after four periods of hellos.
 */
function retire(sentinel: Sentinel, primary: Primary, successor: Replica): void {
  if (primary.isSubjectivelyDown || primary.link.isDisconnected) return;
  sentinel.hands.log('notice', `The old primary of ${primary.name} still answers and is told to follow ${successor.name}`);
  sendReplicaOf(sentinel, primary, successor.address);
}

/** It follows somebody else than our primary, and has for a while. */
function followsAnother(sentinel: Sentinel, replica: Replica): void {
  const { primary } = replica;
  const { address } = primary;
  if (replica.followsPort === address.port && sentinel.isHostOf(address, replica.followsHost ?? '')) return;
  const waitMs = primary.failoverTimeoutMs;
  if (!looksSane(sentinel, primary) || !wasUpFor(sentinel, replica, waitMs) || sentinel.now() - replica.followsSince <= waitMs) return;
  sendReplicaOf(sentinel, replica, address);
  sentinel.event('notice', '+fix-slave-config', replica);
}

/** sent → in progress (it follows the new primary) → done (and is linked to it). */
function followReconfiguration(sentinel: Sentinel, replica: Replica): void {
  const target = replica.primary.promoted?.address;
  if (replica.reconfiguration === 'sent' && target !== undefined && replica.followsHost !== undefined) {
    const at = { hostname: replica.followsHost, ip: replica.followsHost, port: replica.followsPort };
    if (isSamePlace(target, at) || (replica.followsPort === target.port && sentinel.isHostOf(target, replica.followsHost))) {
      replica.reconfiguration = 'in-progress';
      sentinel.event('notice', '+slave-reconf-inprog', replica);
    }
  }
  if (replica.reconfiguration === 'in-progress' && replica.isLinkUp) {
    replica.reconfiguration = 'done';
    sentinel.event('notice', '+slave-reconf-done', replica);
  }
}
