import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { toNodeId, type BackupRow } from '@larder/plane-domain';
import { OperationError, toOperationError } from '../operation/operation.type';
import { BackupState, BackupTrigger, Verification } from '../words/enums';
import { Node } from '../words/node.type';
import { connectionOf } from '../words/page.type';
import { DateTime, Long } from '../words/scalars';

@ObjectType()
export class KeyCount {
  @Field(() => Int) database!: number;
  @Field(() => Long) keys!: number;
  @Field(() => String) type!: string;
}

@ObjectType({ implements: () => [Node] })
export class Backup implements Node {
  @Field(() => ID) id!: string;
  row!: BackupRow;
  @Field(() => String, { nullable: true, description: 'SHA-256 of the plain RDB.' }) checksum!: string | null;
  @Field(() => DateTime, { nullable: true }) completedAt!: Date | null;
  @Field(() => DateTime) createdAt!: Date;
  @Field(() => Int, { nullable: true }) durationMs!: number | null;
  @Field(() => OperationError, { nullable: true }) error!: OperationError | null;
  @Field(() => DateTime, { nullable: true, description: 'When retention will remove it, as far as age decides.' }) expiresAt!: Date | null;
  @Field(() => String) instanceName!: string;
  @Field(() => Long, { nullable: true }) keyCount!: number | null;
  @Field(() => [KeyCount]) keyCounts!: readonly KeyCount[];
  @Field(() => Long, { nullable: true, description: 'As a plain RDB.' }) rawSizeBytes!: number | null;
  @Field(() => DateTime, { nullable: true }) scheduledAt!: Date | null;
  @Field(() => Long, { nullable: true, description: 'As stored: compressed and encrypted.' }) sizeBytes!: number | null;
  @Field(() => DateTime, { nullable: true }) startedAt!: Date | null;
  @Field(() => BackupState) state!: keyof typeof BackupState;
  @Field(() => BackupTrigger) trigger!: keyof typeof BackupTrigger;
  @Field(() => Verification) verification!: keyof typeof Verification;
  @Field(() => String, { nullable: true }) verificationMessage!: string | null;
  @Field(() => DateTime, { nullable: true }) verifiedAt!: Date | null;
}

export function toBackup(row: BackupRow): Backup {
  const {
    completedAt, createdAt, durationMs, expiresAt, instanceName, keyCount, rawSizeBytes, scheduledAt, sizeBytes, startedAt, state, trigger,
    verification, verificationMessage, verifiedAt,
  } = row;
  return {
    __typename: 'Backup', row, id: toNodeId('Backup', row.id), checksum: row.rawChecksum, completedAt, createdAt, durationMs,
    error: toOperationError(row), expiresAt, instanceName, keyCount, keyCounts: row.keyCounts ?? [], rawSizeBytes, scheduledAt, sizeBytes,
    startedAt, state, trigger, verification, verificationMessage, verifiedAt,
  } as unknown as Backup;
}

export const BackupConnection = connectionOf('Backup', () => Backup);
