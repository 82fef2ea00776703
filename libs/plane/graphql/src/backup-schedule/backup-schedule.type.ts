import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { toNodeId, type BackupScheduleRow } from '@larder/plane-domain';
import { MissedPolicy } from '../words/enums';
import { Node } from '../words/node.type';
import { IdempotencyConflict, InvalidInput, InvalidState, NotFound, QuotaExceeded, RevisionConflict } from '../words/refusals.type';
import { DateTime } from '../words/scalars';
import { resultOf } from '../words/union';

@ObjectType({ implements: () => [Node] })
export class BackupSchedule implements Node {
  @Field(() => ID) id!: string;
  row!: BackupScheduleRow;
  @Field(() => DateTime) createdAt!: Date;
  @Field(() => String) cron!: string;
  @Field(() => Boolean) isEnabled!: boolean;
  @Field(() => DateTime, { nullable: true }) lastAt!: Date | null;
  @Field(() => MissedPolicy) missedPolicy!: keyof typeof MissedPolicy;
  @Field(() => DateTime, { nullable: true }) nextAt!: Date | null;
  @Field(() => Int, { nullable: true, description: 'Keep so many; null for any number.' }) retentionCount!: number | null;
  @Field(() => Int, { nullable: true, description: 'Keep so long; null for ever.' }) retentionDays!: number | null;
  @Field(() => Int) revision!: number;
  @Field(() => String) timeZone!: string;
}

export function toBackupSchedule(row: BackupScheduleRow): BackupSchedule {
  const { createdAt, cron, isEnabled, lastAt, missedPolicy, nextAt, retentionCount, retentionDays, revision, timeZone } = row;
  return {
    __typename: 'BackupSchedule', row, id: toNodeId('BackupSchedule', row.id), createdAt, cron, isEnabled, lastAt, missedPolicy, nextAt,
    retentionCount, retentionDays, revision, timeZone,
  } as BackupSchedule;
}

@InputType()
export class CreateBackupScheduleInput {
  @Field(() => String) cron!: string;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => ID) instanceId!: string;
  @Field(() => Boolean, { nullable: true, defaultValue: true }) isEnabled?: boolean | null;
  @Field(() => MissedPolicy, { nullable: true, defaultValue: 'ONCE' }) missedPolicy?: keyof typeof MissedPolicy | null;
  @Field(() => Int, { nullable: true, defaultValue: 7 }) retentionCount?: number | null;
  @Field(() => Int, { nullable: true }) retentionDays?: number | null;
  // Nullable: compiled queries ask for what is required before they look at its default.
  @Field(() => String, { nullable: true, defaultValue: 'UTC' }) timeZone?: string | null;
}

@InputType()
export class UpdateBackupScheduleInput {
  @Field(() => String, { nullable: true }) cron?: string | null;
  @Field(() => Int, { nullable: true }) expectedRevision?: number | null;
  @Field(() => Boolean, { nullable: true }) isEnabled?: boolean | null;
  @Field(() => MissedPolicy, { nullable: true }) missedPolicy?: keyof typeof MissedPolicy | null;
  @Field(() => Int, { nullable: true, description: 'Null takes the limit away.' }) retentionCount?: number | null;
  @Field(() => Int, { nullable: true, description: 'Null takes the limit away.' }) retentionDays?: number | null;
  @Field(() => ID) scheduleId!: string;
  @Field(() => String, { nullable: true }) timeZone?: string | null;
}

@InputType()
export class DeleteBackupScheduleInput {
  @Field(() => ID) scheduleId!: string;
}

@ObjectType()
export class BackupSchedulePayload {
  @Field(() => BackupSchedule) schedule!: BackupSchedule;
}

@ObjectType()
export class DeleteBackupSchedulePayload {
  @Field(() => ID) scheduleId!: string;
}

@ObjectType()
export class SchedulePreview {
  @Field(() => String, { description: 'In words: every day at 03:00.' }) description!: string;
  @Field(() => [DateTime]) times!: Date[];
}

export const CreateBackupScheduleResult = resultOf('CreateBackupScheduleResult',
  BackupSchedulePayload, IdempotencyConflict, InvalidInput, InvalidState, NotFound, QuotaExceeded);
export const UpdateBackupScheduleResult = resultOf('UpdateBackupScheduleResult', BackupSchedulePayload, InvalidInput, NotFound, RevisionConflict);
export const DeleteBackupScheduleResult = resultOf('DeleteBackupScheduleResult', DeleteBackupSchedulePayload, NotFound);
export const PreviewScheduleResult = resultOf('PreviewScheduleResult', InvalidInput, SchedulePreview);
