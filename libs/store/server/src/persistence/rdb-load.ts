/**
 * Reads an RDB file key by key and lets others run in between, so that clients who ask meanwhile are answered that the server is
 * loading. Nothing expires between two pieces: what the file holds is not looked at before all of it is there.
 */
import type { RdbReader } from '@larder/store-persistence';
import type { StoreServer } from '../store-server';

/** `progress` hears how many bytes of the file are read. @throws RdbFault, ArenaFull */
export async function readInPieces(reader: RdbReader, server: StoreServer, progress: (bytes: number) => void): Promise<void> {
  const { keyspace, settings } = server;
  for (;;) {
    const until = reader.offset + settings.number('loading-process-events-interval-bytes');
    const { expires } = keyspace;
    keyspace.expires = false;
    try {
      if (reader.readUntil(keyspace, () => reader.offset >= until) !== undefined) return;
    } finally {
      keyspace.expires = expires;
    }
    progress(reader.offset);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
