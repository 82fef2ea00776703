/** An instance as SENTINEL MASTER, REPLICAS and SENTINELS show it: names and values in Redis' order. */
import type { FailoverState, Instance } from '../instance';
import { Peer, Primary, Replica } from '../instance';
import type { Sentinel } from '../sentinel';

const STATE_NAMES: Record<FailoverState, string> = {
  none: 'none',
  'wait-start': 'wait_start',
  'select-replica': 'select_slave',
  'send-promotion': 'send_slaveof_noone',
  'wait-promotion': 'wait_promotion',
  reconfigure: 'reconf_slaves',
  'update-configuration': 'update_config',
};

export function instanceFields(sentinel: Sentinel, instance: Instance): [name: string, value: string | number][] {
  const now = sentinel.now();
  const { link, primary } = instance;
  const fields: [string, string | number][] = [
    ['name', instance.name],
    ['ip', sentinel.shownHost(instance.address)],
    ['port', instance.address.port],
    ['runid', instance.runId ?? ''],
    ['flags', flagsOf(instance)],
    ['link-pending-commands', link.pendingCommands],
    ['link-refcount', link.refCount],
  ];
  if (instance instanceof Primary && instance.isFailingOver) fields.push(['failover-state', STATE_NAMES[instance.failoverState]]);
  fields.push(
    ['last-ping-sent', link.pingSince === 0 ? 0 : now - link.pingSince],
    ['last-ok-ping-reply', now - link.workedAt],
    ['last-ping-reply', now - link.answeredAt],
  );
  if (instance.isSubjectivelyDown) fields.push(['s-down-time', now - instance.subjectivelyDownSince]);
  if (instance instanceof Primary && instance.isObjectivelyDown) fields.push(['o-down-time', now - instance.objectivelyDownSince]);
  fields.push(['down-after-milliseconds', instance.downAfterMs]);
  if (!(instance instanceof Peer)) {
    fields.push(
      ['info-refresh', instance.infoAt === 0 ? 0 : now - instance.infoAt],
      ['role-reported', instance.reportedRole === 'master' ? 'master' : 'slave'],
      ['role-reported-time', now - instance.reportedRoleSince],
    );
  }
  if (instance instanceof Primary) {
    fields.push(
      ['config-epoch', instance.configEpoch],
      ['num-slaves', instance.replicas.size],
      ['num-other-sentinels', instance.peers.size],
      ['quorum', instance.quorum],
      ['failover-timeout', instance.failoverTimeoutMs],
      ['parallel-syncs', instance.parallelSyncs],
    );
    if (primary.notificationScript !== '') fields.push(['notification-script', primary.notificationScript]);
    if (primary.clientReconfigScript !== '') fields.push(['client-reconfig-script', primary.clientReconfigScript]);
  } else if (instance instanceof Replica) {
    fields.push(
      ['master-link-down-time', instance.linkDownMs],
      ['master-link-status', instance.isLinkUp ? 'ok' : 'err'],
      ['master-host', instance.followsHost ?? '?'],
      ['master-port', instance.followsPort],
      ['slave-priority', instance.priority],
      ['slave-repl-offset', instance.offset],
      ['replica-announced', instance.isAnnounced ? 1 : 0],
    );
  } else if (instance instanceof Peer) {
    fields.push(
      ['last-hello-message', now - instance.helloAt],
      ['voted-leader', instance.leader ?? '?'],
      ['voted-leader-epoch', instance.leaderEpoch],
    );
  }
  return fields;
}

function flagsOf(instance: Instance): string {
  const flags: [string, boolean][] = [
    ['s_down', instance.isSubjectivelyDown],
    ['o_down', instance instanceof Primary && instance.isObjectivelyDown],
    [instance.kind, true],
    ['disconnected', instance.link.isDisconnected],
    ['master_down', instance instanceof Peer && instance.seesPrimaryDown],
    ['failover_in_progress', instance instanceof Primary && instance.isFailingOver],
    ['promoted', instance instanceof Replica && instance.isPromoted],
    ['reconf_sent', instance instanceof Replica && instance.reconfiguration === 'sent'],
    ['reconf_inprog', instance instanceof Replica && instance.reconfiguration === 'in-progress'],
    ['reconf_done', instance instanceof Replica && instance.reconfiguration === 'done'],
    ['force_failover', instance instanceof Primary && instance.isForced],
    ['script_kill_sent', instance.hasSentScriptKill],
  ];
  return flags.filter(([, isSet]) => isSet).map(([name]) => name).join(',');
}
