import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import type { LogArchiveRow, RestorableWindow as WindowOfDomain, ArchiveGap as GapOfDomain } from '@larder/plane-domain';
import { CreateBackupDownloadPayload } from '../backup/backup.input';
import { CreateInstancePayload, InstancePayload, SettingInput } from '../instance/instance.input';
import {
  BackupNotRestorable, IdempotencyConflict, InvalidInput, InvalidState, NameTaken, NotFound, NotSupportedYet, QuotaExceeded, RevisionConflict, TimeNotRestorable,
} from '../words/refusals.type';
import { SentinelPlacement, Topology } from '../words/enums';
import { DateTime, Long } from '../words/scalars';
import { resultOf } from '../words/union';

@ObjectType({ description: 'Every second from the one to the other, both included.' })
export class RestorableWindow {
  @Field(() => DateTime) from!: Date;
  @Field(() => DateTime) to!: Date;
}

@ObjectType({ description: 'Seconds that cannot be restored, and why.' })
export class ArchiveGap {
  @Field(() => DateTime) from!: Date;
  @Field(() => String) message!: string;
  @Field(() => String) reason!: string;
  @Field(() => DateTime) to!: Date;
}

@ObjectType({ description: 'Why nothing is archived at the moment; it is tried again.' })
export class ArchiveFault {
  @Field(() => DateTime) at!: Date;
  @Field(() => String) message!: string;
  @Field(() => String) reason!: string;
}

@ObjectType({ description: 'To which seconds an instance can be restored.' })
export class Restorable {
  @Field(() => ArchiveFault, { nullable: true }) fault!: ArchiveFault | null;
  @Field(() => [ArchiveGap], { description: 'Between the windows, and behind the last one where the archive has ended.' }) gaps!: ArchiveGap[];
  @Field(() => Int) objects!: number;
  @Field(() => Long, { description: 'What lies in storage; it counts as bytes of backups.' }) sizeBytes!: number;
  @Field(() => [RestorableWindow], { description: 'Oldest first.' }) windows!: RestorableWindow[];
}

@ObjectType({ description: 'What a restore to this second would read, or why there is none.' })
export class RestorePoint {
  @Field(() => DateTime, { nullable: true, description: 'The second after which its base was cut.' }) baseAt!: Date | null;
  @Field(() => Long) baseBytes!: number;
  @Field(() => Boolean) isRestorable!: boolean;
  @Field(() => Long) logBytes!: number;
  @Field(() => String, { nullable: true }) message!: string | null;
  @Field(() => Int) objects!: number;
}

export function toWindow({ from, to }: WindowOfDomain): RestorableWindow {
  return { from: dateOf(from), to: dateOf(to) };
}

export function toGap({ reason, message, ...window }: GapOfDomain): ArchiveGap {
  return { ...toWindow(window), reason, message };
}

export function toFault(state: LogArchiveRow | undefined): ArchiveFault | null {
  if (state?.faultReason == null) return null;
  return { at: state.faultAt ?? state.dueAt, reason: state.faultReason, message: state.faultMessage ?? '' };
}

export function dateOf(second: number): Date {
  return new Date(second * 1000);
}

@InputType({ description: 'What is not given is as the instance has it.' })
export class NewInstanceInput {
  @Field(() => Boolean, { nullable: true, defaultValue: true }) deletionProtection?: boolean | null;
  @Field(() => String) name!: string;
  @Field(() => String, { nullable: true }) plan?: string | null;
  @Field(() => Int, { nullable: true, description: 'With HA: 1 to 5.' }) replicas?: number | null;
  @Field(() => SentinelPlacement, { nullable: true }) sentinels?: keyof typeof SentinelPlacement | null;
  @Field(() => [SettingInput], { nullable: true }) settings?: SettingInput[] | null;
  @Field(() => Topology, { nullable: true }) topology?: keyof typeof Topology | null;
}

@InputType({ description: 'Exactly one of both.' })
export class RestoreTargetInput {
  @Field(() => Boolean, { nullable: true, description: 'In the place of what the instance holds now, after a safety backup from which it can be undone.' })
  inPlace?: boolean | null;
  @Field(() => NewInstanceInput, { nullable: true }) new?: NewInstanceInput | null;
}

@InputType({ description: 'toTime or backupId: a second of the archive, or a backup of this instance.' })
export class RestoreInstanceInput {
  @Field(() => ID, { nullable: true }) backupId?: string | null;
  @Field(() => Int, { nullable: true, description: 'In place only.' }) expectedRevision?: number | null;
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => ID) instanceId!: string;
  @Field(() => RestoreTargetInput) into!: RestoreTargetInput;
  @Field(() => DateTime, { nullable: true, description: 'The state at the end of this second.' }) toTime?: Date | null;
}

@InputType({ description: 'A second of the archive as a data directory in a tar.' })
export class CreatePointDownloadInput {
  @Field(() => ID) instanceId!: string;
  @Field(() => DateTime) toTime!: Date;
}

export const CreatePointDownloadResult = resultOf('CreatePointDownloadResult', CreateBackupDownloadPayload, NotFound, TimeNotRestorable);
export const RestoreInstanceResult = resultOf('RestoreInstanceResult',
  BackupNotRestorable, CreateInstancePayload, IdempotencyConflict, InstancePayload, InvalidInput, InvalidState, NameTaken, NotFound, NotSupportedYet,
  QuotaExceeded, RevisionConflict, TimeNotRestorable);
