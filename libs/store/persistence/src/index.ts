export { RdbEncoder, writeLength } from './rdb-encoder';
export type { EncoderOptions } from './rdb-encoder';
export { RdbFrames } from './rdb-frames';
export { RdbFault, RdbReader } from './rdb-reader';
export type { LoadedRdb, RdbSource, ReadOptions } from './rdb-reader';
export { RDB_VERSION } from './rdb-format';
export { Snapshot } from './snapshot';
export type { SnapshotOptions } from './snapshot';
export { dumpCommands } from './dump-commands';
