export * from './keyspace';
export { DamagedValue } from './value-kind';
export type { InputString, ValueCodec, ValueInput, ValueKind, ValueOutput } from './value-kind';
