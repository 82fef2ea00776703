// The front door of @larder/plane-domain: the control plane's words, decisions and doors. No framework, no I/O.
export * from './refusals';
export * from './permissions';
export * from './persistence';
export * from './plans';
export * from './tenant-settings';
export * from './high-availability';
export * from './availability-view';
export * from './instance';
export * from './operation';
export * from './schedule';
export * from './backup';
export * from './archive';
export * from './ports';
export * from './repositories';
export * from './settings';
export * from './node-id';
