import { Field, ID, ObjectType } from '@nestjs/graphql';
import { toNodeId, type AuditRow, type NodeType } from '@larder/plane-domain';
import { Node } from '../words/node.type';
import { connectionOf } from '../words/page.type';
import { DateTime, Long } from '../words/scalars';

@ObjectType({ implements: () => [Node] })
export class AuditEntry implements Node {
  @Field(() => ID) id!: string;
  @Field(() => String) action!: string;
  @Field(() => String) actor!: string;
  @Field(() => String) actorName!: string;
  @Field(() => DateTime) at!: Date;
  @Field(() => String, { description: 'JSON text: the input without secrets.' }) detail!: string;
  @Field(() => String) hash!: string;
  @Field(() => String, { nullable: true }) ip!: string | null;
  @Field(() => String, { description: 'ok, or the name of the refusal.' }) outcome!: string;
  @Field(() => Long) sequence!: number;
  @Field(() => ID, { nullable: true }) target!: string | null;
  @Field(() => String, { nullable: true }) targetName!: string | null;
}

export function toAuditEntry(row: AuditRow): AuditEntry {
  const { action, actor, actorName, at, hash, ip, outcome, sequence, targetName } = row;
  const [type, id] = row.target?.split(':') ?? [];
  return {
    __typename: 'AuditEntry', id: toNodeId('AuditEntry', row.id), action, actor, actorName, at, hash, ip, outcome, sequence, targetName,
    detail: JSON.stringify(row.detail), target: type !== undefined && id !== undefined ? toNodeId(type as NodeType, id) : null,
  } as AuditEntry;
}

export const AuditEntryConnection = connectionOf('AuditEntry', () => AuditEntry);
