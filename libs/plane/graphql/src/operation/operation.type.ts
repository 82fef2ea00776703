import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { hasEnded, toNodeId, type OperationRow } from '@larder/plane-domain';
import { OperationKind, OperationPhase, StepState } from '../words/enums';
import { Node } from '../words/node.type';
import { connectionOf } from '../words/page.type';
import { NotCancelable, NotFound } from '../words/refusals.type';
import { DateTime } from '../words/scalars';
import { resultOf } from '../words/union';

@ObjectType()
export class OperationError {
  @Field(() => String) message!: string;
  @Field(() => String) reason!: string;
}

@ObjectType()
export class OperationStep {
  @Field(() => DateTime, { nullable: true }) endedAt!: string | null;
  @Field(() => String, { nullable: true }) message!: string | null;
  @Field(() => String) name!: string;
  @Field(() => DateTime, { nullable: true }) startedAt!: string | null;
  @Field(() => StepState) state!: keyof typeof StepState;
  @Field(() => String) title!: string;
}

@ObjectType({ implements: () => [Node] })
export class Operation implements Node {
  @Field(() => ID) id!: string;
  row!: OperationRow;
  @Field(() => Boolean) cancelable!: boolean;
  @Field(() => DateTime) createdAt!: Date;
  @Field(() => DateTime, { nullable: true }) endedAt!: Date | null;
  @Field(() => OperationError, { nullable: true, description: 'Only when FAILED.' }) error!: OperationError | null;
  @Field(() => OperationKind) kind!: keyof typeof OperationKind;
  @Field(() => Int) percent!: number;
  @Field(() => OperationPhase) phase!: keyof typeof OperationPhase;
  @Field(() => DateTime, { nullable: true }) startedAt!: Date | null;
  @Field(() => [OperationStep]) steps!: readonly OperationStep[];
}

export function toOperation(row: OperationRow): Operation {
  const { createdAt, endedAt, kind, percent, phase, startedAt, steps } = row;
  return {
    __typename: 'Operation', row, id: toNodeId('Operation', row.id), createdAt, endedAt, kind, percent, phase, startedAt, steps,
    cancelable: row.isCancelable && row.cancelRequestedAt === null && !hasEnded(phase),
    error: toOperationError(row),
  } as unknown as Operation;
}

export function toOperationError(row: { readonly errorReason: string | null; readonly errorMessage: string | null }): OperationError | null {
  return row.errorReason === null ? null : { reason: row.errorReason, message: row.errorMessage ?? row.errorReason };
}

export const OperationConnection = connectionOf('Operation', () => Operation);

@InputType()
export class CancelOperationInput {
  @Field(() => ID) operationId!: string;
}

@ObjectType()
export class CancelOperationPayload {
  @Field(() => Operation) operation!: Operation;
}

export const CancelOperationResult = resultOf('CancelOperationResult', CancelOperationPayload, NotCancelable, NotFound);
