// Relay's pages. One factory makes the connection and the edge of a noun; toConnection() fills them from a page of records.
import { Field, Int, ObjectType } from '@nestjs/graphql';
import { GraphQLError } from 'graphql';
import type { Page, PageRequest } from '@larder/plane-domain';

@ObjectType()
export class PageInfo {
  @Field(() => String, { nullable: true }) endCursor!: string | null;
  @Field(() => Boolean) hasNextPage!: boolean;
  @Field(() => Boolean) hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true }) startCursor!: string | null;
}

export interface Edge<T> { readonly cursor: string; readonly node: T }
export interface Connection<T> {
  readonly edges: readonly Edge<T>[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
  readonly totalCount: number;
}

export function connectionOf<T>(noun: string, type: () => new () => T): new () => Connection<T> {
  @ObjectType(`${noun}Edge`)
  class NounEdge {
    @Field(() => String) cursor!: string;
    @Field(() => type()) node!: T;
  }
  @ObjectType(`${noun}Connection`)
  class NounConnection {
    @Field(() => [NounEdge]) edges!: NounEdge[];
    @Field(() => [type()]) nodes!: T[];
    @Field(() => PageInfo) pageInfo!: PageInfo;
    @Field(() => Int) totalCount!: number;
  }
  return NounConnection;
}

export function toConnection<R extends { readonly id: string }, T>(page: Page<R>, request: PageRequest, toNode: (row: R) => T): Connection<T> {
  const edges = page.items.map((row) => ({ cursor: toCursor(row.id), node: toNode(row) }));
  return {
    edges, nodes: edges.map((edge) => edge.node), totalCount: page.totalCount,
    pageInfo: {
      startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null,
      hasNextPage: page.hasNextPage, hasPreviousPage: request.after !== null,
    },
  };
}

export function parsePage(first: number, after: string | null | undefined): PageRequest {
  if (!Number.isInteger(first) || first < 1 || first > 100) throw badRequest('first must be from 1 to 100');
  return { first, after: after == null ? null : parseCursor(after) };
}

function toCursor(id: string): string {
  return Buffer.from(`after:${id}`).toString('base64url');
}

function parseCursor(cursor: string): string {
  const id = /^after:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(Buffer.from(cursor.slice(0, 200), 'base64url').toString())?.[1];
  if (id === undefined) throw badRequest('after is not a cursor that this API gave');
  return id;
}

export function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}
