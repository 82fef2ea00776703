export { RdbEncoder, writeLength } from './rdb-encoder';
export type { EncoderOptions, Spill } from './rdb-encoder';
export { CHUNK_BYTES, RdbFrames } from './rdb-frames';
export { RdbFault, RdbReader } from './rdb-reader';
export type { LoadedRdb, RdbEvents, RdbSource, ReadOptions } from './rdb-reader';
export { rdbStyle } from './rdb-style';
export type { RdbStyle } from './rdb-style';
export { RDB_VERSION } from './rdb-format';
export { Snapshot, SnapshotCapture } from './snapshot';
export type { CaptureOptions, SnapshotOptions } from './snapshot';
export { dumpCommands } from './dump-commands';
export { migrateCommand, respCommand } from './migrate-command';
export type { Delivery, KeySender, Shipment } from './migrate-command';
export { AofLoader, aofFaultLines } from './aof/aof-loader';
export type { AofFault, AofTarget } from './aof/aof-loader';
export { AofReader } from './aof/aof-reader';
export type { AofSource } from './aof/aof-reader';
export { checkAof } from './aof/check-aof';
export type { CheckPort, CheckedFile } from './aof/check-aof';
export { checkRdb } from './aof/check-rdb';
export type { CheckRdbPort } from './aof/check-rdb';
export { CommandBuffer, EXEC_BYTES, MULTI_BYTES, selectBytes, timestampBytes } from './aof/command-encoder';
export {
  EMPTY_MANIFEST,
  aofNames,
  formatManifest,
  manifestFaultLines,
  parseManifest,
  withNewBase,
  withNewIncrement,
  withRewritten,
  withoutHistory,
} from './aof/manifest';
export type { AofFile, AofManifest, ManifestFault } from './aof/manifest';
