export * from './command';
export * from './dispatcher';
export { BUSY_SCRIPT, HELD, MISCONF, OOM, gates } from './gates';
export type { Gate } from './gates';
export * from './session';
export { Timing } from './timing';
export { transactionCommands } from './transactions';
export * from './unit';
export { Waiters } from './waiters';
