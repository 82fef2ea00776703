export * from './command';
export * from './dispatcher';
export { HELD, MISCONF, OOM, gates } from './gates';
export type { Gate } from './gates';
export * from './session';
export { transactionCommands } from './transactions';
export * from './unit';
export { Waiters } from './waiters';
