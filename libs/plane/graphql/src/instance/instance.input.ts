import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { defaultArchive } from '@larder/plane-domain';
import { Operation } from '../operation/operation.type';
import { AppendFsync, Engine, MaxmemoryPolicy, Persistence, SentinelPlacement, Topology } from '../words/enums';
import {
  DeletionProtected, EngineNotInstalled, IdempotencyConflict, InvalidInput, InvalidState, NameTaken, NotFound, NotInSync, NotSupportedYet, QuotaExceeded, RevisionConflict,
} from '../words/refusals.type';
import { resultOf } from '../words/union';
import { Instance } from './instance.type';

@InputType()
export class SettingInput {
  @Field(() => String) name!: string;
  @Field(() => String) value!: string;
}

@InputType()
export class SavePointInput {
  @Field(() => Int) changes!: number;
  @Field(() => Int) seconds!: number;
}

@InputType({ description: 'Whether every second of the last while can be restored. Needs AOF or RDB_AOF.' })
export class ArchiveInput {
  @Field(() => Int, { nullable: true, defaultValue: defaultArchive.intervalSeconds, description: 'How often the log is archived, 1–3600 s.' }) intervalSeconds?: number | null;
  @Field(() => Boolean, { nullable: true, defaultValue: true }) isEnabled?: boolean | null;
  @Field(() => Int, { nullable: true, defaultValue: defaultArchive.retentionHours, description: 'How far back one may go, 1–8784 h.' }) retentionHours?: number | null;
}

@InputType()
export class CreateInstanceInput {
  @Field(() => ArchiveInput, { nullable: true, description: 'Default: off.' }) archive?: ArchiveInput | null;
  @Field(() => AppendFsync, { nullable: true, description: 'With AOF and RDB_AOF; default: EVERYSEC.' }) appendFsync?: keyof typeof AppendFsync | null;
  @Field(() => Boolean, { nullable: true, defaultValue: true }) deletionProtection?: boolean | null;
  @Field(() => Engine, { nullable: true, defaultValue: 'LARDER', description: 'Stays as it is made.' }) engine?: keyof typeof Engine | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => MaxmemoryPolicy, { nullable: true, defaultValue: 'NOEVICTION' }) maxmemoryPolicy?: keyof typeof MaxmemoryPolicy | null;
  @Field(() => String) name!: string;
  @Field(() => ID) organizationId!: string;
  @Field(() => Persistence, { nullable: true, description: "Default: the plan's." }) persistence?: keyof typeof Persistence | null;
  @Field(() => String, { description: 'Name of the plan: nano, small, …' }) plan!: string;
  @Field(() => Int, { nullable: true, description: 'With HA: 1 to 5 beside the primary; default: 1. Each has the memory of the plan, and counts.' }) replicas?: number | null;
  @Field(() => [SavePointInput], { nullable: true, description: 'With RDB and RDB_AOF; default: 300 s with 1 change, 60 s with 100.' })
  savePoints?: SavePointInput[] | null;
  @Field(() => SentinelPlacement, { nullable: true, description: 'With HA; default: DEDICATED.' }) sentinels?: keyof typeof SentinelPlacement | null;
  @Field(() => [SettingInput], { nullable: true, defaultValue: [] }) settings?: SettingInput[] | null;
  @Field(() => Topology, { nullable: true, defaultValue: 'STANDALONE' }) topology?: keyof typeof Topology | null;
}

@InputType()
export class UpdateInstanceInput {
  @Field(() => ArchiveInput, { nullable: true }) archive?: ArchiveInput | null;
  @Field(() => AppendFsync, { nullable: true }) appendFsync?: keyof typeof AppendFsync | null;
  @Field(() => Boolean, { nullable: true }) deletionProtection?: boolean | null;
  @Field(() => Int, { nullable: true }) expectedRevision?: number | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => ID) instanceId!: string;
  @Field(() => MaxmemoryPolicy, { nullable: true }) maxmemoryPolicy?: keyof typeof MaxmemoryPolicy | null;
  @Field(() => String, { nullable: true }) name?: string | null;
  @Field(() => Persistence, { nullable: true, description: 'Changed while it runs.' }) persistence?: keyof typeof Persistence | null;
  @Field(() => String, { nullable: true }) plan?: string | null;
  @Field(() => Int, { nullable: true, description: 'With HA: 1 to 5 beside the primary.' }) replicas?: number | null;
  @Field(() => [SavePointInput], { nullable: true, description: 'Replaces the whole list.' }) savePoints?: SavePointInput[] | null;
  @Field(() => [SettingInput], { nullable: true, description: 'Replaces the whole list.' }) settings?: SettingInput[] | null;
  @Field(() => Topology, { nullable: true, description: 'Changed while it runs, both ways; its endpoint and its data stay. Until it has ended the operation can be canceled.' })
  topology?: keyof typeof Topology | null;
}

@InputType()
export class RestartInstanceInput {
  @Field(() => Int, { nullable: true }) expectedRevision?: number | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => ID) instanceId!: string;
}

@InputType()
export class FailoverInput {
  @Field(() => Int, { nullable: true }) expectedRevision?: number | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => ID) instanceId!: string;
}

@InputType()
export class SwitchoverInput {
  @Field(() => Int, { nullable: true }) expectedRevision?: number | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => ID) instanceId!: string;
  @Field(() => String, { nullable: true, description: 'Name of the store that becomes primary; default: whom the Sentinels choose.' }) target?: string | null;
}

@InputType()
export class PromoteInput {
  @Field(() => Int, { nullable: true }) expectedRevision?: number | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => ID) instanceId!: string;
  @Field(() => String, { description: 'Name of the store that becomes primary.' }) member!: string;
}

@InputType()
export class AddReplicaInput {
  @Field(() => Int, { nullable: true }) expectedRevision?: number | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => ID) instanceId!: string;
}

@InputType()
export class RemoveReplicaInput {
  @Field(() => Int, { nullable: true }) expectedRevision?: number | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => ID) instanceId!: string;
}

@InputType()
export class RotateCredentialsInput {
  @Field(() => Int, { nullable: true }) expectedRevision?: number | null;
  @Field(() => Int, { nullable: true, defaultValue: 3600, description: 'How long the old password goes on working; 0 ends it at once.' })
  graceSeconds?: number | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => ID) instanceId!: string;
}

@InputType()
export class DeleteInstanceInput {
  @Field(() => Int, { nullable: true }) expectedRevision?: number | null;
  @Field(() => Boolean, { nullable: true, defaultValue: false }) finalBackup?: boolean | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => ID) instanceId!: string;
}

@ObjectType({ description: 'Shown once: in the answer that made them, and to a repetition of the same idempotency key.' })
export class Credentials {
  @Field(() => String) password!: string;
  @Field(() => String, { nullable: true, description: 'redis://user:password@host:port; null until the port has been chosen.' }) uri!: string | null;
  @Field(() => String) username!: string;
}

@ObjectType()
export class CreateInstancePayload {
  @Field(() => Credentials) credentials!: Credentials;
  @Field(() => Instance) instance!: Instance;
  @Field(() => Operation) operation!: Operation;
}

@ObjectType()
export class RotateCredentialsPayload {
  @Field(() => Credentials) credentials!: Credentials;
  @Field(() => Instance) instance!: Instance;
  @Field(() => Operation) operation!: Operation;
}

@ObjectType()
export class InstancePayload {
  @Field(() => Instance) instance!: Instance;
  @Field(() => Operation) operation!: Operation;
}

@ObjectType({ description: 'operation is null when nothing had to be done on the store.' })
export class UpdateInstancePayload {
  @Field(() => Instance) instance!: Instance;
  @Field(() => Operation, { nullable: true }) operation!: Operation | null;
}

export const CreateInstanceResult = resultOf('CreateInstanceResult',
  CreateInstancePayload, EngineNotInstalled, IdempotencyConflict, InvalidInput, NameTaken, NotFound, NotSupportedYet, QuotaExceeded);
export const UpdateInstanceResult = resultOf('UpdateInstanceResult',
  IdempotencyConflict, InvalidInput, InvalidState, NameTaken, NotFound, NotSupportedYet, QuotaExceeded, RevisionConflict, UpdateInstancePayload);
export const RestartInstanceResult = resultOf('RestartInstanceResult', IdempotencyConflict, InstancePayload, InvalidState, NotFound, RevisionConflict);
export const RotateCredentialsResult = resultOf('RotateCredentialsResult',
  IdempotencyConflict, InvalidInput, InvalidState, NotFound, RevisionConflict, RotateCredentialsPayload);
export const DeleteInstanceResult = resultOf('DeleteInstanceResult',
  DeletionProtected, IdempotencyConflict, InstancePayload, InvalidState, NotFound, RevisionConflict);
export const HandoverResult = resultOf('HandoverResult', IdempotencyConflict, InstancePayload, InvalidInput, InvalidState, NotFound, NotInSync, RevisionConflict);
export const ReplicasResult = resultOf('ReplicasResult',
  IdempotencyConflict, InstancePayload, InvalidState, NotFound, QuotaExceeded, RevisionConflict);
