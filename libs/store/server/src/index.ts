export { connectionCommands } from './commands/connection-commands';
export { Connection } from './connection';
export { Log } from './log';
export { StoreServer } from './store-server';
export type { StoreServerOptions } from './store-server';
