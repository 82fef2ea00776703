export * from './keyspace';
export { Lfu } from './lfu';
export { DamagedValue } from './value-kind';
export type { InputString, ValueCodec, ValueInput, ValueKind, ValueOutput } from './value-kind';
