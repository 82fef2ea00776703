// A mutation's answer: its payload or one of the refusals it may give.
import { createUnionType } from '@nestjs/graphql';
import { typeNameOf } from './node.type';

type TypeClass = abstract new (...args: never[]) => object;

export function resultOf(name: string, ...types: readonly TypeClass[]): object {
  return createUnionType({ name, types: () => types as never, resolveType: typeNameOf as never });
}
