// What has an id that node(id) understands. Objects name themselves by `__typename`, which also tells members of unions apart.
import { Field, ID, InterfaceType } from '@nestjs/graphql';

export interface Named {
  readonly __typename: string;
}

/** Payloads and nodes carry `__typename`, refusals of the domain `kind`. */
export function typeNameOf(value: { readonly __typename?: string; readonly kind?: string }): string {
  return value.__typename ?? value.kind ?? '';
}

@InterfaceType('Node', { resolveType: typeNameOf })
export abstract class Node {
  @Field(() => ID, { description: 'Typed and opaque.' }) id!: string;
}
