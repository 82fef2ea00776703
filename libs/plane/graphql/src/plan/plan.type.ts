import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { toNodeId, type Plan as PlanRow } from '@larder/plane-domain';
import { Persistence } from '../words/enums';
import { Node } from '../words/node.type';
import { Long } from '../words/scalars';

@ObjectType({ implements: () => [Node] })
export class Plan implements Node {
  @Field(() => ID) id!: string;
  @Field(() => Int) backupsMax!: number;
  @Field(() => Persistence, { description: 'What an instance gets that names none.' }) defaultPersistence!: keyof typeof Persistence;
  @Field(() => Int) maxClients!: number;
  @Field(() => Long) memoryBytes!: number;
  @Field(() => String, { description: 'Stable word used in inputs: nano, small, …' }) name!: string;
  @Field(() => Int, { description: 'Threads that execute commands, where the machine has so many cores.' }) threads!: number;
  @Field(() => String) title!: string;
}

export function toPlan({ id, ...rest }: PlanRow): Plan {
  return { __typename: 'Plan', id: toNodeId('Plan', id), name: id, ...rest } as Plan;
}
