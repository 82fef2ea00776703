export { Defragmentation } from './defragmentation';
export * from './keyspace';
export { FORESEEN_MAX, Foresight } from './foresight';
export { DeferredQueues, NO_OUTPUT } from './deferred-queues';
export type { DeferredSaver } from './deferred-queues';
export { Lfu } from './lfu';
export { DamagedValue } from './value-kind';
export type { InputString, LargeContent, ValueCodec, ValueInput, ValueKind, ValueOutput } from './value-kind';
