import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { toNodeId, type ApiTokenRow } from '@larder/plane-domain';
import { TokenScope } from '../words/enums';
import { Node } from '../words/node.type';
import { connectionOf } from '../words/page.type';
import { InvalidInput, NotFound, QuotaExceeded } from '../words/refusals.type';
import { DateTime } from '../words/scalars';
import { resultOf } from '../words/union';

@ObjectType({ implements: () => [Node] })
export class ApiToken implements Node {
  @Field(() => ID) id!: string;
  row!: ApiTokenRow;
  @Field(() => DateTime) createdAt!: Date;
  @Field(() => DateTime, { nullable: true }) expiresAt!: Date | null;
  @Field(() => DateTime, { nullable: true }) lastUsedAt!: Date | null;
  @Field(() => String) name!: string;
  @Field(() => String) prefix!: string;
  @Field(() => DateTime, { nullable: true }) revokedAt!: Date | null;
  @Field(() => [TokenScope]) scopes!: readonly (keyof typeof TokenScope)[];
}

export function toApiToken(row: ApiTokenRow): ApiToken {
  const { createdAt, expiresAt, lastUsedAt, name, prefix, revokedAt, scopes } = row;
  return { __typename: 'ApiToken', row, id: toNodeId('ApiToken', row.id), createdAt, expiresAt, lastUsedAt, name, prefix, revokedAt, scopes } as ApiToken;
}

export const ApiTokenConnection = connectionOf('ApiToken', () => ApiToken);

@InputType()
export class CreateApiTokenInput {
  @Field(() => DateTime, { nullable: true }) expiresAt?: Date | null;
  @Field(() => String) name!: string;
  @Field(() => ID) organizationId!: string;
  @Field(() => [TokenScope]) scopes!: (keyof typeof TokenScope)[];
}

@InputType()
export class RevokeApiTokenInput {
  @Field(() => ID) apiTokenId!: string;
}

@ObjectType()
export class CreateApiTokenPayload {
  @Field(() => ApiToken) apiToken!: ApiToken;
  @Field(() => String, { description: 'Shown once. Send it as Authorization: Bearer.' }) secret!: string;
}

@ObjectType()
export class RevokeApiTokenPayload {
  @Field(() => ApiToken) apiToken!: ApiToken;
}

export const CreateApiTokenResult = resultOf('CreateApiTokenResult', CreateApiTokenPayload, InvalidInput, NotFound, QuotaExceeded);
export const RevokeApiTokenResult = resultOf('RevokeApiTokenResult', NotFound, RevokeApiTokenPayload);
