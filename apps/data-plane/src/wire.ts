/** The composition root of the store: which rooms a server is made of. */
import type { MessagePort } from 'node:worker_threads';
import {
  bitmapCommands,
  databaseCommands,
  expiryCommands,
  geoCommands,
  hashCodec,
  hashCommands,
  hashKind,
  hashLimits,
  hyperloglogCommands,
  hyperloglogLimits,
  keyCommands,
  listCodec,
  listCommands,
  lcsCommands,
  listKind,
  setCodec,
  setCommands,
  setKind,
  setLimits,
  sortCommands,
  streamCodec,
  streamCommands,
  streamKind,
  stringCommands,
  stringLimits,
  zsetCodec,
  zsetCommands,
  zsetKind,
  zsetLimits,
} from '@larder/store-commands';
import { listLimits, streamLimits } from '@larder/store-datatypes';
import type { CommandRow } from '@larder/store-dispatch';
import type { ValueCodec, ValueKind } from '@larder/store-keyspace';
import { dumpCommands, migrateCommand } from '@larder/store-persistence';
import type { StoreServer } from '@larder/store-server';
import {
  CaptureReceiver,
  AofPersistence,
  ThreadKeySender,
  RemoteCaptures,
  aclCommands,
  aofCommands,
  clientCommands,
  commandCommands,
  configCommands,
  connectionCommands,
  debugCommands,
  observationCommands,
  pubsubCommands,
  FullSync,
  failoverCommands,
  ReplicaRole,
  primaryCommands,
  replicaCommands,
  saveCommands,
  serverCommands,
} from '@larder/store-server';
import { scriptRows } from './scripts';

export const kinds: readonly ValueKind[] = [hashKind, listKind, setKind, streamKind, zsetKind];

/** How values of each type are saved; strings need no codec. */
export const codecs: readonly ValueCodec[] = [hashCodec, listCodec, setCodec, streamCodec, zsetCodec];

export function commandRows(server: StoreServer): readonly CommandRow[] {
  return [
    ...connectionCommands(server),
    ...clientCommands(server),
    ...configCommands(server),
    ...aclCommands(server),
    ...commandCommands,
    ...pubsubCommands(server),
    ...serverCommands(server),
    ...primaryCommands(server),
    ...failoverCommands(server),
    ...replicaCommands(server, () => server.replica!),
    ...observationCommands(server),
    ...debugCommands(server, codecs),
    ...keyCommands,
    ...expiryCommands,
    ...databaseCommands,
    ...sortCommands,
    ...stringCommands,
    ...lcsCommands,
    ...bitmapCommands,
    ...hyperloglogCommands,
    ...geoCommands,
    ...hashCommands,
    ...listCommands,
    ...setCommands,
    ...zsetCommands,
    ...streamCommands,
    ...scriptRows(server),
    ...dumpCommands(codecs, () => server.settings.flag('rdbcompression'), () => server.debug.skipsChecksums),
    migrateCommand(codecs, new ThreadKeySender(server, __filename), () => server.settings.flag('rdbcompression')),
    ...aofCommands(() => server.persistence as AofPersistence),
    ...saveCommands(() => server.persistence as AofPersistence),
  ];
}

/** Sizes from which collections change their encoding: setting, and who follows it. */
const limits = [
  ['proto-max-bulk-len', (n: number) => (stringLimits.bytesMax = n)],
  ['hash-max-listpack-entries', (n: number) => (hashLimits.maxListpackEntries = n)],
  ['hash-max-listpack-value', (n: number) => (hashLimits.maxListpackValue = n)],
  ['set-max-intset-entries', (n: number) => (setLimits.maxIntsetEntries = n)],
  ['zset-max-listpack-entries', (n: number) => (zsetLimits.maxListpackEntries = n)],
  ['zset-max-listpack-value', (n: number) => (zsetLimits.maxListpackValue = n)],
  ['hll-sparse-max-bytes', (n: number) => (hyperloglogLimits.sparseMaxBytes = n)],
  ['list-max-listpack-size', (n: number) => (listLimits.maxListpackSize = n)],
  ['list-compress-depth', (n: number) => (listLimits.compressDepth = n)],
  ['stream-node-max-bytes', (n: number) => (streamLimits.nodeMaxBytes = n)],
  ['stream-node-max-entries', (n: number) => (streamLimits.nodeMaxEntries = n)],
] as const;

/**
 * What rooms need of the server besides commands. `program` is the file whose worker role writes snapshots; `controls` lead
 * from home to the other threads, or from one of these to home.
 */
export function wireRooms(server: StoreServer, program: string, controls: readonly MessagePort[] = []): void {
  const { settings } = server;
  if (server.threadIndex === 0) {
    const persistence = new AofPersistence(server, { codecs, program, captures: new RemoteCaptures(server, controls) });
    server.persistence = persistence;
    server.replication.home = new FullSync(server.replication, persistence);
    server.replica = new ReplicaRole(server, codecs);
  } else {
    const receiver = new CaptureReceiver(server, codecs, controls[0]!);
    server.hearCapture = (what) => receiver.hear(what);
  }
  for (const [name, follow] of limits) {
    const apply = () => void follow(settings.number(name));
    apply();
    settings.onChange(name, apply);
  }
}
