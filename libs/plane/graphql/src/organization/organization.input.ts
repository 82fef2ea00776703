import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { IdempotencyConflict, InvalidInput, NameTaken, NotFound } from '../words/refusals.type';
import { resultOf } from '../words/union';
import { Organization } from './organization.type';

@InputType()
export class CreateOrganizationInput {
  @Field(() => String, { nullable: true }) idempotencyKey?: string | null;
  @Field(() => String) name!: string;
  @Field(() => String) slug!: string;
}

@InputType()
export class UpdateOrganizationInput {
  @Field(() => String) name!: string;
  @Field(() => ID) organizationId!: string;
}

@ObjectType()
export class OrganizationPayload {
  @Field(() => Organization) organization!: Organization;
}

export const CreateOrganizationResult = resultOf('CreateOrganizationResult', IdempotencyConflict, InvalidInput, NameTaken, OrganizationPayload);
export const UpdateOrganizationResult = resultOf('UpdateOrganizationResult', InvalidInput, NotFound, OrganizationPayload);
