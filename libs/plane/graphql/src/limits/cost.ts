// What a query may ask for, decided before anything is executed. Pure: the document, its variables and the schema in, a verdict out.
//
//   cost = 1 per field that has fields of its own, times `first` of every page around it; a mutation costs 10 more
//
// Invariants
// - One pass that stops at the first limit, so a hostile document costs no more than an allowed one; fragments are charged at every
//   spread, and a spread inside itself (validation refuses it too) ends at the depth limit.
// - Introspection is measured by depth and number like everything else; tools need 13 levels of it.
import {
  getNamedType, isObjectType, isInterfaceType, Kind, valueFromASTUntyped,
  type DocumentNode, type FieldNode, type FragmentDefinitionNode, type GraphQLNamedType, type GraphQLSchema, type OperationDefinitionNode, type SelectionSetNode,
} from 'graphql';

export interface Limits {
  readonly depthMax: number;
  readonly aliasesMax: number;
  readonly costMax: number;
}
export const defaultLimits: Limits = { depthMax: 12, aliasesMax: 60, costMax: 50_000 };
/** Introspection goes deeper than any screen: ofType inside ofType. */
const introspectionDepthMax = 20;
const mutationCost = 10;
/** With every fragment spread out. */
const fieldsMax = 20_000;

export type Verdict =
  | { readonly ok: true; readonly cost: number }
  | { readonly ok: false; readonly code: 'TOO_COMPLEX' | 'BAD_REQUEST'; readonly message: string };

export function measure(
  schema: GraphQLSchema, document: DocumentNode, variables: Readonly<Record<string, unknown>>, limits: Limits = defaultLimits,
): Verdict {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const [operation] = operations;
  if (operation === undefined || operations.length > 1) return refuse('BAD_REQUEST', 'a document holds exactly one operation');
  const fragments = new Map(document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])));
  const walk = new Walk(schema, fragments, withDefaults(operation, variables), limits);
  try {
    const cost = 1 + walk.selection(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined, 1, limits.depthMax);
    return { ok: true, cost: cost + (operation.operation === 'mutation' ? mutationCost : 0) };
  } catch (error) {
    if (error instanceof OverLimit) return refuse('TOO_COMPLEX', error.message);
    throw error;
  }
}

class OverLimit extends Error {}

class Walk {
  private aliases = 0;
  private fields = 0;
  private readonly open = new Set<string>();

  private readonly schema: GraphQLSchema;
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly variables: Readonly<Record<string, unknown>>;
  private readonly limits: Limits;

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>, variables: Readonly<Record<string, unknown>>, limits: Limits) {
    this.schema = schema;
    this.fragments = fragments;
    this.variables = variables;
    this.limits = limits;
  }

  /** Cost of a selection on one object; the caller multiplies it. */
  selection(set: SelectionSetNode, type: GraphQLNamedType | undefined, depth: number, depthMax: number): number {
    if (depth > depthMax) throw new OverLimit(`the query is nested deeper than ${depthMax} levels`);
    let cost = 0;
    for (const node of set.selections) {
      switch (node.kind) {
        case Kind.FIELD:
          cost += this.field(node, type, depth, depthMax);
          break;
        case Kind.INLINE_FRAGMENT:
          // Nested ones add no field: the scan of the text (shape.ts) bounds how deep they can go.
          cost += this.selection(node.selectionSet, this.named(node.typeCondition?.name.value) ?? type, depth, depthMax);
          break;
        case Kind.FRAGMENT_SPREAD: {
          const fragment = this.fragments.get(node.name.value);
          if (fragment) cost += this.spread(fragment, depth, depthMax);
          break;
        }
      }
      if (cost > this.limits.costMax) throw new OverLimit(`the query costs more than ${this.limits.costMax}`);
    }
    return cost;
  }

  private spread(fragment: FragmentDefinitionNode, depth: number, depthMax: number): number {
    const name = fragment.name.value;
    if (this.open.has(name)) throw new OverLimit(`the fragment ${name} spreads itself`);
    this.open.add(name);
    const cost = this.selection(fragment.selectionSet, this.named(fragment.typeCondition.name.value), depth, depthMax);
    this.open.delete(name);
    return cost;
  }

  private field(node: FieldNode, type: GraphQLNamedType | undefined, depth: number, depthMax: number): number {
    const name = node.name.value;
    if (node.alias && ++this.aliases > this.limits.aliasesMax) throw new OverLimit(`the query has more than ${this.limits.aliasesMax} aliases`);
    if (++this.fields > fieldsMax) throw new OverLimit(`the query has more than ${fieldsMax} fields`);
    if (!node.selectionSet) return 0;
    const isIntrospection = name === '__schema' || name === '__type';
    const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    const inner = definition ? getNamedType(definition.type) : undefined;
    const below = this.selection(node.selectionSet, inner, depth + 1, isIntrospection ? introspectionDepthMax : depthMax);
    const total = 1 + below * this.pageSize(node, definition?.args.find((arg) => arg.name === 'first')?.defaultValue);
    if (total > this.limits.costMax) throw new OverLimit(`the query costs more than ${this.limits.costMax}`);
    return total;
  }

  private pageSize(node: FieldNode, defaultSize: unknown): number {
    const given = node.arguments?.find((argument) => argument.name.value === 'first');
    const size = given ? valueFromASTUntyped(given.value, this.variables) ?? defaultSize : defaultSize;
    return typeof size === 'number' && Number.isFinite(size) ? Math.min(Math.max(size, 1), 100) : 1;
  }

  private named(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : this.schema.getType(name) ?? undefined;
  }
}

function withDefaults(operation: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values: Record<string, unknown> = { ...variables };
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (values[variable.name.value] === undefined && defaultValue) values[variable.name.value] = valueFromASTUntyped(defaultValue);
  }
  return values;
}

function refuse(code: 'TOO_COMPLEX' | 'BAD_REQUEST', message: string): Verdict {
  return { ok: false, code, message };
}
