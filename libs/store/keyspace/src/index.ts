export * from './keyspace';
export type { ValueKind } from './value-kind';
