import { Field, ID, ObjectType } from '@nestjs/graphql';
import { toNodeId, type UserRow } from '@larder/plane-domain';
import { Node } from '../words/node.type';
import { DateTime } from '../words/scalars';

@ObjectType({ implements: () => [Node] })
export class User implements Node {
  @Field(() => ID) id!: string;
  @Field(() => DateTime) createdAt!: Date;
  @Field(() => String) email!: string;
  @Field(() => Boolean) isPlatformAdmin!: boolean;
  @Field(() => String) name!: string;
}

export function toUser({ id, createdAt, email, isPlatformAdmin, name }: UserRow): User {
  return { __typename: 'User', id: toNodeId('User', id), createdAt, email, isPlatformAdmin, name } as User;
}
