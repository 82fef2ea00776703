export { FIRST_KIND } from './mail';
export type { LetterReader, Mail } from './mail';
export { JournalReader, JournalWriter } from './journal';
export type { UnitSink, UnitVisitor } from './journal';
export { JournalRing } from './journal-ring';
export type { ThreadFault } from './shard-locks';
export { BUSY, BUSY_UNKILLABLE, NOT_BUSY, Threads } from './threads';
export type { SharedThreads } from './threads';
export { THREADS_MAX } from './words';
