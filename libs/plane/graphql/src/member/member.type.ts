import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { toNodeId, type MemberRow } from '@larder/plane-domain';
import { Role } from '../words/enums';
import { Node } from '../words/node.type';
import { connectionOf } from '../words/page.type';
import { LastOwner, NotFound } from '../words/refusals.type';
import { DateTime } from '../words/scalars';
import { resultOf } from '../words/union';

@ObjectType({ implements: () => [Node] })
export class Member implements Node {
  @Field(() => ID) id!: string;
  row!: MemberRow;
  @Field(() => DateTime) joinedAt!: Date;
  @Field(() => Role) role!: keyof typeof Role;
}

export function toMember(row: MemberRow): Member {
  return { __typename: 'Member', row, id: toNodeId('Member', row.id), joinedAt: row.createdAt, role: row.role } as Member;
}

export const MemberConnection = connectionOf('Member', () => Member);

@InputType()
export class UpdateMemberInput {
  @Field(() => ID) memberId!: string;
  @Field(() => Role) role!: keyof typeof Role;
}

@InputType()
export class RemoveMemberInput {
  @Field(() => ID) memberId!: string;
}

@ObjectType()
export class MemberPayload {
  @Field(() => Member) member!: Member;
}

@ObjectType()
export class RemoveMemberPayload {
  @Field(() => ID) memberId!: string;
}

export const UpdateMemberResult = resultOf('UpdateMemberResult', LastOwner, MemberPayload, NotFound);
export const RemoveMemberResult = resultOf('RemoveMemberResult', LastOwner, NotFound, RemoveMemberPayload);
