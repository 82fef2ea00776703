// The domain's refusals as object types: each is handed out as the domain made it, and `kind` is its type's name.
import { Field, Int, InterfaceType, ObjectType } from '@nestjs/graphql';
import { Engine, QuotaResource } from './enums';
import { typeNameOf } from './node.type';
import { Long } from './scalars';

@InterfaceType({ description: 'An expected no. Its type says which; the message is a sentence for people.', resolveType: typeNameOf })
export abstract class Refusal {
  @Field(() => String) message!: string;
}

@ObjectType()
export class InputFault {
  @Field(() => String, { description: 'Path into the input.' }) field!: string;
  @Field(() => String) message!: string;
}

const refusal = { implements: () => [Refusal] };

@ObjectType(refusal)
export class InvalidInput extends Refusal {
  @Field(() => [InputFault]) faults!: InputFault[];
}
@ObjectType(refusal)
export class NameTaken extends Refusal {
  @Field(() => String) name!: string;
}
@ObjectType({ ...refusal, description: 'Also where it exists but belongs to another organization.' })
export class NotFound extends Refusal {
  @Field(() => String) noun!: string;
}
@ObjectType(refusal)
export class QuotaExceeded extends Refusal {
  @Field(() => Long) limit!: number;
  @Field(() => Long) requested!: number;
  @Field(() => QuotaResource) resource!: keyof typeof QuotaResource;
  @Field(() => Long) used!: number;
}
@ObjectType(refusal)
export class NotSupportedYet extends Refusal {
  @Field(() => String) feature!: string;
}
@ObjectType(refusal)
export class EngineNotInstalled extends Refusal {
  @Field(() => Engine) engine!: keyof typeof Engine;
  @Field(() => [Engine], { description: 'Those that are.' }) installed!: readonly (keyof typeof Engine)[];
}
@ObjectType(refusal)
export class RevisionConflict extends Refusal {
  @Field(() => Int) currentRevision!: number;
}
@ObjectType(refusal)
export class IdempotencyConflict extends Refusal {
  @Field(() => String) key!: string;
}
@ObjectType(refusal)
export class DeletionProtected extends Refusal {}
@ObjectType(refusal)
export class InvalidState extends Refusal {
  @Field(() => String) state!: string;
}
@ObjectType({ ...refusal, description: 'The store that shall take over lacks writes that the primary has.' })
export class NotInSync extends Refusal {
  @Field(() => Long, { nullable: true, description: 'Null: it does not hear its primary.' }) lagBytes!: number | null;
  @Field(() => String) member!: string;
}
@ObjectType(refusal)
export class NotCancelable extends Refusal {}
@ObjectType(refusal)
export class BackupNotRestorable extends Refusal {}
@ObjectType({ ...refusal, description: 'The second lies outside of what is archived, or in a gap of it; the message says which.' })
export class TimeNotRestorable extends Refusal {}
@ObjectType(refusal)
export class UploadRefused extends Refusal {}
@ObjectType(refusal)
export class LastOwner extends Refusal {}
@ObjectType(refusal)
export class InvitationInvalid extends Refusal {}
@ObjectType(refusal)
export class SignInFailed extends Refusal {
  @Field(() => Int, { nullable: true }) retryAfterSeconds!: number | null;
}
