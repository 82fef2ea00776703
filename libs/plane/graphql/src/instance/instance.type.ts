import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import {
  decideExposure, stateOf, summaryOf, tenantUsername, toNodeId, type InstanceEventRow, type InstanceMemberRow, type InstanceRow,
} from '@larder/plane-domain';
import { AppendFsync, ConditionStatus, Engine, EventSeverity, HandoverMode, InstanceState, MaxmemoryPolicy, MemberRole, MetricName, Persistence, SentinelPlacement, Topology } from '../words/enums';
import { Node } from '../words/node.type';
import { connectionOf } from '../words/page.type';
import { DateTime, Long } from '../words/scalars';

@ObjectType()
export class Condition {
  @Field(() => DateTime) lastTransitionTime!: string;
  @Field(() => String) message!: string;
  @Field(() => String) reason!: string;
  @Field(() => ConditionStatus) status!: keyof typeof ConditionStatus;
  @Field(() => String) type!: string;
}

@ObjectType()
export class CredentialsInfo {
  @Field(() => DateTime, { nullable: true, description: 'Until when the password before the last rotation still works; null when it does not.' })
  previousValidUntil!: Date | null;
  @Field(() => String) username!: string;
  @Field(() => Int) version!: number;
}

@ObjectType()
export class Endpoint {
  @Field(() => String) host!: string;
  @Field(() => Int) port!: number;
  @Field(() => String, { description: 'redis://host:port, without the password.' }) uri!: string;
  @Field(() => String) username!: string;
}

@ObjectType()
export class SettingValue {
  @Field(() => String) name!: string;
  @Field(() => String) value!: string;
}

@ObjectType({ description: 'A snapshot is taken once so many seconds have passed since the last with at least so many changes.' })
export class SavePoint {
  @Field(() => Int) changes!: number;
  @Field(() => Int) seconds!: number;
}

@ObjectType({ description: 'How the files of the running store stand, as it said last.' })
export class PersistenceStatus {
  @Field(() => Long, { nullable: true, description: 'Size of the append-only file; null where none is kept.' }) appendLogBytes!: number | null;
  @Field(() => DateTime) at!: Date;
  @Field(() => Long, { description: 'Changes since the last snapshot.' }) changesSinceSave!: number;
  @Field(() => Boolean) isAppendLogOn!: boolean;
  @Field(() => Boolean) isLastRewriteOk!: boolean;
  @Field(() => Boolean) isLastSaveOk!: boolean;
  @Field(() => Boolean) isLastWriteOk!: boolean;
  @Field(() => Boolean) isRewriting!: boolean;
  @Field(() => Boolean) isSaving!: boolean;
  @Field(() => Long, { nullable: true, description: 'Size of the append-only file after its last rewrite; null where there was none since the store started.' })
  lastRewriteBytes!: number | null;
  @Field(() => Int, { nullable: true }) lastRewriteSeconds!: number | null;
  @Field(() => DateTime, { nullable: true, description: 'A start counts as one.' }) lastSaveAt!: string | null;
  @Field(() => Long, { nullable: true, description: 'Size of the last snapshot.' }) lastSaveBytes!: number | null;
  @Field(() => Int, { nullable: true }) lastSaveSeconds!: number | null;
  @Field(() => Int, { nullable: true, description: 'How many seconds of acknowledged writes a crash now would take; null: all that was ever written.' })
  lossSeconds!: number | null;
  @Field(() => String, { description: 'The same in one sentence.' }) message!: string;
  @Field(() => Long, { description: 'Bytes of the append-only file that are not written yet.' }) pendingBytes!: number;
  @Field(() => Int) pendingFsyncs!: number;
}

export function toPersistenceStatus(row: InstanceRow, members: readonly InstanceMemberRow[], nowMs: number): PersistenceStatus | null {
  const seen = (members.find(({ name }) => name === row.availability?.primary) ?? members[0])?.persistenceSeen;
  if (seen == null) return null;
  const { delayedFsyncs: _delayed, appendLogBaseBytes, ...shown } = seen;
  const lastRewriteBytes = seen.lastRewriteSeconds === null ? null : appendLogBaseBytes;
  return { ...shown, lastSaveBytes: seen.lastSaveBytes ?? null, lastRewriteBytes, at: new Date(seen.at), ...decideExposure(row.spec, seen, nowMs) };
}

@ObjectType()
export class InstanceMember {
  @Field(() => Int, { nullable: true, description: 'Of a Sentinel: the epoch of the configuration that it stands for.' }) configEpoch!: number | null;
  @Field(() => String, { nullable: true, description: 'Of a replica: the member that it follows; of a Sentinel: the one that it holds for the primary.' })
  follows!: string | null;
  @Field(() => Boolean, { nullable: true, description: 'Of a store or a Sentinel of a highly available instance: whether it answered when it was looked at last.' })
  isAnswering!: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'Of a replica: whether it hears its primary.' }) isLinkUp!: boolean | null;
  @Field(() => Boolean) isRunning!: boolean;
  @Field(() => Long, { nullable: true, description: 'Of a replica: bytes of the primary’s writes that it has not had yet.' }) lagBytes!: number | null;
  @Field(() => Boolean, { nullable: true, description: 'Of a replica: whether it is copying everything from its primary.' }) isSyncing!: boolean | null;
  @Field(() => Int, { nullable: true, description: 'Of a replica: seconds since the primary last heard how far it is.' }) lagSeconds!: number | null;
  @Field(() => Int, { nullable: true, description: 'Of a replica that does not hear its primary: for how many seconds.' }) linkDownSeconds!: number | null;
  @Field(() => String) name!: string;
  @Field(() => Long, { nullable: true, description: 'Bytes of replication that it has produced or had.' }) offset!: number | null;
  @Field(() => Int, { nullable: true }) pid!: number | null;
  @Field(() => Int) port!: number;
  @Field(() => MemberRole) role!: keyof typeof MemberRole;
  @Field(() => String, { nullable: true }) runId!: string | null;
  @Field(() => DateTime, { nullable: true }) startedAt!: Date | null;
  @Field(() => Int, { nullable: true, description: "What it was started with; another plan's come with the next restart." }) threads!: number | null;
}

@ObjectType({ description: 'What a change of primary would do now, as far as the last look tells.' })
export class HandoverForecast {
  @Field(() => String, { nullable: true, description: 'The member that would be chosen; null: there is none.' }) candidate!: string | null;
  @Field(() => Long, { nullable: true, description: 'Bytes of writes that it has not had yet, and that would be lost; 0 where it is waited for.' }) lostBytes!: number | null;
  @Field(() => Int, { nullable: true, description: 'For how many seconds the primary has not heard that it has more.' }) lostSeconds!: number | null;
  @Field(() => HandoverMode) mode!: keyof typeof HandoverMode;
  @Field(() => Int, { description: 'For how long writes stand still, as measured where nothing else was going on.' }) pauseMs!: number;
}

@ObjectType({ description: 'For clients that ask Sentinels; the password is the instance’s, on the Sentinels too.' })
export class SentinelEndpoint {
  @Field(() => [String], { description: 'host:port of each Sentinel.' }) addresses!: string[];
  @Field(() => String, { description: 'The name under which they know the primary: `primary`, on Sentinels of the organization the instance’s own.' }) name!: string;
  @Field(() => String, { description: 'User on the Sentinels: `default`, on Sentinels of the organization one that is the instance’s alone.' }) username!: string;
}

@ObjectType({ description: 'How an instance of several stores stood when it was looked at last.' })
export class Availability {
  @Field(() => DateTime) at!: Date;
  @Field(() => Int, { description: 'Grows with every change of primary.' }) configEpoch!: number;
  @Field(() => Int, { description: 'For how long writes stand still when the primary dies: until it counts as down, and the choice of another.' }) deathPauseMs!: number;
  @Field(() => [HandoverForecast], { description: 'One for each mode.' }) handovers!: readonly HandoverForecast[];
  @Field(() => String, { description: 'Name of the member.' }) primary!: string;
  @Field(() => Endpoint, { nullable: true, description: 'Leads to a replica, or to the primary while there is none.' }) readEndpoint!: Endpoint | null;
  @Field(() => SentinelEndpoint) sentinels!: SentinelEndpoint;
  @Field(() => Int, { description: 'Sentinels that answer; two must agree on a failover.' }) sentinelsUp!: number;
}

@ObjectType()
export class InstanceStats {
  @Field(() => DateTime) at!: Date;
  @Field(() => Int) clients!: number;
  @Field(() => Number, { nullable: true }) hitRatio!: number | null;
  @Field(() => Long) keys!: number;
  @Field(() => Long) memoryBytesMax!: number;
  @Field(() => Number) opsPerSecond!: number;
  @Field(() => Long) usedMemoryBytes!: number;
}

@ObjectType({ description: "Average over the point's span; null where there was no sample." })
export class MetricPoint {
  @Field(() => DateTime) at!: Date;
  @Field(() => Number, { nullable: true }) value!: number | null;
}

@ObjectType()
export class MetricSeries {
  @Field(() => MetricName) name!: keyof typeof MetricName;
  @Field(() => [MetricPoint]) points!: MetricPoint[];
}

@ObjectType({ description: 'The log of every write goes to storage so often, and is kept so long.' })
export class ArchivePolicy {
  @Field(() => Int) intervalSeconds!: number;
  @Field(() => Int) retentionHours!: number;
}

@ObjectType({ implements: () => [Node] })
export class Instance implements Node {
  @Field(() => ID) id!: string;
  row!: InstanceRow;
  @Field(() => AppendFsync) appendFsync!: keyof typeof AppendFsync;
  @Field(() => ArchivePolicy, { nullable: true, description: 'Null: its log is not archived.' }) archive!: ArchivePolicy | null;
  @Field(() => [Condition]) conditions!: readonly Condition[];
  @Field(() => DateTime) createdAt!: Date;
  @Field(() => CredentialsInfo) credentials!: CredentialsInfo;
  @Field(() => DateTime, { nullable: true }) deletedAt!: Date | null;
  @Field(() => Boolean) deletionProtection!: boolean;
  @Field(() => Endpoint, { nullable: true, description: 'Null until its port has been chosen.' }) endpoint!: Endpoint | null;
  @Field(() => Engine) engine!: keyof typeof Engine;
  @Field(() => Int) generation!: number;
  @Field(() => MaxmemoryPolicy) maxmemoryPolicy!: keyof typeof MaxmemoryPolicy;
  @Field(() => String) name!: string;
  @Field(() => Int) observedGeneration!: number;
  @Field(() => Persistence) persistence!: keyof typeof Persistence;
  @Field(() => Int, { description: 'Stores beside the primary.' }) replicas!: number;
  @Field(() => Int, { description: 'Give it back as expectedRevision.' }) revision!: number;
  @Field(() => [SavePoint]) savePoints!: readonly SavePoint[];
  @Field(() => SentinelPlacement, { nullable: true, description: 'Null where it stands alone.' }) sentinels!: keyof typeof SentinelPlacement | null;
  @Field(() => [SettingValue]) settings!: readonly SettingValue[];
  @Field(() => InstanceState) state!: keyof typeof InstanceState;
  @Field(() => String, { description: 'The state in one sentence.' }) summary!: string;
  @Field(() => Topology) topology!: keyof typeof Topology;
  @Field(() => DateTime) updatedAt!: Date;
}

export function toInstance(row: InstanceRow, now: Date = new Date()): Instance {
  const { spec, endpoint, createdAt, deletedAt, generation, observedGeneration, revision, conditions, updatedAt } = row;
  const seen = { ...row, desiredState: spec.desiredState };
  const isOldPasswordValid = row.previousPasswordSealed !== null && row.previousPasswordUntil !== null && row.previousPasswordUntil > now;
  return {
    __typename: 'Instance', row, id: toNodeId('Instance', row.id), createdAt, deletedAt, generation, observedGeneration, revision, conditions, updatedAt,
    name: spec.name, deletionProtection: spec.deletionProtection, maxmemoryPolicy: spec.maxmemoryPolicy, persistence: spec.persistence,
    archive: spec.archive, appendFsync: spec.appendFsync, savePoints: spec.savePoints,
    engine: spec.engine, topology: spec.topology, replicas: spec.replicas, sentinels: spec.topology === 'HA' ? spec.sentinels : null, state: stateOf(seen), summary: summaryOf(seen),
    settings: Object.entries(spec.settings).sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, value]) => ({ name, value })),
    credentials: { username: tenantUsername, version: spec.credentialVersion, previousValidUntil: isOldPasswordValid ? row.previousPasswordUntil : null },
    endpoint: endpoint === null ? null : { ...endpoint, username: tenantUsername, uri: `redis://${endpoint.host}:${endpoint.port}` },
  } as unknown as Instance;
}

export const InstanceConnection = connectionOf('Instance', () => Instance);

@ObjectType({ implements: () => [Node] })
export class InstanceEvent implements Node {
  @Field(() => ID) id!: string;
  @Field(() => Int) count!: number;
  @Field(() => DateTime) firstAt!: Date;
  @Field(() => DateTime) lastAt!: Date;
  @Field(() => String) message!: string;
  @Field(() => String) reason!: string;
  @Field(() => EventSeverity) severity!: string;
}

export function toInstanceEvent({ id, count, firstAt, lastAt, message, reason, severity }: InstanceEventRow): InstanceEvent {
  return { __typename: 'InstanceEvent', id: toNodeId('InstanceEvent', id), count, firstAt, lastAt, message, reason, severity } as InstanceEvent;
}

export const InstanceEventConnection = connectionOf('InstanceEvent', () => InstanceEvent);
