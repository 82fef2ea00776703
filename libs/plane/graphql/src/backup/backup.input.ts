import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { CreateInstancePayload, SavePointInput, SettingInput } from '../instance/instance.input';
import { Operation } from '../operation/operation.type';
import { AppendFsync, DownloadFormat, MaxmemoryPolicy, Persistence, SentinelPlacement, Topology } from '../words/enums';
import {
  BackupNotRestorable, IdempotencyConflict, InvalidInput, InvalidState, NameTaken, NotFound, NotSupportedYet, QuotaExceeded, UploadRefused,
} from '../words/refusals.type';
import { DateTime } from '../words/scalars';
import { resultOf } from '../words/union';
import { Backup } from './backup.type';

@InputType()
export class CreateBackupInput {
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => ID) instanceId!: string;
}

@InputType()
export class DeleteBackupInput {
  @Field(() => ID) backupId!: string;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
}

@InputType()
export class CreateBackupDownloadInput {
  @Field(() => ID) backupId!: string;
  @Field(() => DownloadFormat, { nullable: true, defaultValue: 'RDB' }) format?: keyof typeof DownloadFormat | null;
}

@InputType({ description: "Into a new instance of the same organization; what is not given is as the backup's instance had it, or the default." })
export class RestoreBackupInput {
  @Field(() => AppendFsync, { nullable: true }) appendFsync?: keyof typeof AppendFsync | null;
  @Field(() => ID) backupId!: string;
  @Field(() => Boolean, { nullable: true, defaultValue: true }) deletionProtection?: boolean | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => MaxmemoryPolicy, { nullable: true }) maxmemoryPolicy?: keyof typeof MaxmemoryPolicy | null;
  @Field(() => String) name!: string;
  @Field(() => Persistence, { nullable: true }) persistence?: keyof typeof Persistence | null;
  @Field(() => String, { nullable: true }) plan?: string | null;
  @Field(() => Int, { nullable: true, description: 'With HA: 1 to 5.' }) replicas?: number | null;
  @Field(() => [SavePointInput], { nullable: true }) savePoints?: SavePointInput[] | null;
  @Field(() => SentinelPlacement, { nullable: true }) sentinels?: keyof typeof SentinelPlacement | null;
  @Field(() => [SettingInput], { nullable: true }) settings?: SettingInput[] | null;
  @Field(() => Topology, { nullable: true }) topology?: keyof typeof Topology | null;
}

@InputType()
export class ImportBackupInput {
  @Field(() => AppendFsync, { nullable: true }) appendFsync?: keyof typeof AppendFsync | null;
  @Field(() => Boolean, { nullable: true, defaultValue: true }) deletionProtection?: boolean | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => MaxmemoryPolicy, { nullable: true, defaultValue: 'NOEVICTION' }) maxmemoryPolicy?: keyof typeof MaxmemoryPolicy | null;
  @Field(() => String) name!: string;
  @Field(() => ID) organizationId!: string;
  @Field(() => Persistence, { nullable: true, description: "Default: the plan's." }) persistence?: keyof typeof Persistence | null;
  @Field(() => String) plan!: string;
  @Field(() => Int, { nullable: true, description: 'With HA: 1 to 5; default: 1.' }) replicas?: number | null;
  @Field(() => [SavePointInput], { nullable: true }) savePoints?: SavePointInput[] | null;
  @Field(() => SentinelPlacement, { nullable: true, description: 'With HA; default: DEDICATED.' }) sentinels?: keyof typeof SentinelPlacement | null;
  @Field(() => [SettingInput], { nullable: true, defaultValue: [] }) settings?: SettingInput[] | null;
  @Field(() => Topology, { nullable: true, defaultValue: 'STANDALONE' }) topology?: keyof typeof Topology | null;
  @Field(() => ID) uploadId!: string;
}

@ObjectType()
export class BackupPayload {
  @Field(() => Backup) backup!: Backup;
  @Field(() => Operation) operation!: Operation;
}

@ObjectType()
export class CreateBackupDownloadPayload {
  @Field(() => DateTime) expiresAt!: Date;
  @Field(() => String) fileName!: string;
  @Field(() => String, { description: 'GET it without any other sign of who you are; answers application/octet-stream.' }) url!: string;
}

export const CreateBackupResult = resultOf('CreateBackupResult', BackupPayload, IdempotencyConflict, InvalidState, NotFound, QuotaExceeded);
export const DeleteBackupResult = resultOf('DeleteBackupResult', BackupPayload, IdempotencyConflict, InvalidState, NotFound);
export const CreateBackupDownloadResult = resultOf('CreateBackupDownloadResult', BackupNotRestorable, CreateBackupDownloadPayload, NotFound);
export const RestoreBackupResult = resultOf('RestoreBackupResult',
  BackupNotRestorable, CreateInstancePayload, IdempotencyConflict, InvalidInput, NameTaken, NotFound, NotSupportedYet, QuotaExceeded);
export const ImportBackupResult = resultOf('ImportBackupResult',
  CreateInstancePayload, IdempotencyConflict, InvalidInput, NameTaken, NotFound, NotSupportedYet, QuotaExceeded, UploadRefused);
