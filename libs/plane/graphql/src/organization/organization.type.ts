import { Field, ID, ObjectType } from '@nestjs/graphql';
import { toNodeId, type OrganizationRow } from '@larder/plane-domain';
import { QuotaResource } from '../words/enums';
import { Node } from '../words/node.type';
import { connectionOf } from '../words/page.type';
import { DateTime, Long } from '../words/scalars';

@ObjectType({ implements: () => [Node] })
export class Organization implements Node {
  @Field(() => ID) id!: string;
  row!: OrganizationRow;
  @Field(() => DateTime) createdAt!: Date;
  @Field(() => String) name!: string;
  @Field(() => String) slug!: string;
}

export function toOrganization(row: OrganizationRow): Organization {
  return { __typename: 'Organization', row, id: toNodeId('Organization', row.id), createdAt: row.createdAt, name: row.name, slug: row.slug } as Organization;
}

@ObjectType()
export class QuotaUse {
  @Field(() => Long) limit!: number;
  @Field(() => QuotaResource) resource!: keyof typeof QuotaResource;
  @Field(() => Long) used!: number;
}

export const OrganizationConnection = connectionOf('Organization', () => Organization);
