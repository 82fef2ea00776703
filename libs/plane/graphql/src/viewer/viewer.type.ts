import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { InvalidInput, SignInFailed } from '../words/refusals.type';
import { resultOf } from '../words/union';

/** Everything of it is resolved from the request; it holds nothing itself. */
@ObjectType({ description: 'Who is asking: a person with a session, or an API token.' })
export class Viewer {
  /** An object type needs one field of its own in TypeScript; it is not in the schema. */
  isViewer!: true;
}

@InputType()
export class SignInInput {
  @Field(() => String) email!: string;
  @Field(() => String) password!: string;
}

@InputType()
export class ChangePasswordInput {
  @Field(() => String) currentPassword!: string;
  @Field(() => String) newPassword!: string;
}

@ObjectType({ description: 'The session lies in an HttpOnly cookie, set by the answer.' })
export class SignInPayload {
  @Field(() => Viewer) viewer!: Viewer;
}

@ObjectType()
export class SignOutPayload {
  @Field(() => Boolean) ok!: boolean;
}

@ObjectType()
export class ChangePasswordPayload {
  @Field(() => Boolean) ok!: boolean;
}

export const SignInResult = resultOf('SignInResult', SignInFailed, SignInPayload);
export const ChangePasswordResult = resultOf('ChangePasswordResult', ChangePasswordPayload, InvalidInput, SignInFailed);
