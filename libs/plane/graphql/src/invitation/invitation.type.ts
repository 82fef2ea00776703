import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { toNodeId, type InvitationRow } from '@larder/plane-domain';
import { Organization } from '../organization/organization.type';
import { Viewer } from '../viewer/viewer.type';
import { Role } from '../words/enums';
import { Node } from '../words/node.type';
import { connectionOf } from '../words/page.type';
import { InvalidInput, InvitationInvalid, NotFound, QuotaExceeded } from '../words/refusals.type';
import { DateTime } from '../words/scalars';
import { resultOf } from '../words/union';

@ObjectType({ implements: () => [Node] })
export class Invitation implements Node {
  @Field(() => ID) id!: string;
  @Field(() => DateTime) createdAt!: Date;
  @Field(() => String) email!: string;
  @Field(() => DateTime) expiresAt!: Date;
  @Field(() => Role) role!: keyof typeof Role;
}

export function toInvitation({ id, createdAt, email, expiresAt, role }: InvitationRow): Invitation {
  return { __typename: 'Invitation', id: toNodeId('Invitation', id), createdAt, email, expiresAt, role } as Invitation;
}

export const InvitationConnection = connectionOf('Invitation', () => Invitation);

@InputType()
export class InviteMemberInput {
  @Field(() => String) email!: string;
  @Field(() => ID) organizationId!: string;
  @Field(() => Role) role!: keyof typeof Role;
}

@InputType()
export class AcceptInvitationInput {
  @Field(() => String, { nullable: true, description: 'For someone who has no account yet.' }) name?: string | null;
  @Field(() => String, { nullable: true }) password?: string | null;
  @Field(() => String) token!: string;
}

@InputType()
export class RevokeInvitationInput {
  @Field(() => ID) invitationId!: string;
}

@ObjectType()
export class InviteMemberPayload {
  @Field(() => Invitation) invitation!: Invitation;
  @Field(() => String, { description: 'Shown once; part of the link to hand over.' }) token!: string;
  @Field(() => String) url!: string;
}

@ObjectType()
export class AcceptInvitationPayload {
  @Field(() => Organization) organization!: Organization;
  @Field(() => Viewer) viewer!: Viewer;
}

@ObjectType()
export class RevokeInvitationPayload {
  @Field(() => ID) invitationId!: string;
}

export const InviteMemberResult = resultOf('InviteMemberResult', InvalidInput, InviteMemberPayload, NotFound, QuotaExceeded);
export const AcceptInvitationResult = resultOf('AcceptInvitationResult', AcceptInvitationPayload, InvalidInput, InvitationInvalid);
export const RevokeInvitationResult = resultOf('RevokeInvitationResult', NotFound, RevokeInvitationPayload);
