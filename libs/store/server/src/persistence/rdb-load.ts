/**
 * Loading in pieces: work that rests (`yield`) wherever others may run, so that clients who ask meanwhile are answered that the server
 * is loading. Whoever may let nobody run does it at once.
 */
import type { RdbReader } from '@larder/store-persistence';
import type { StoreServer } from '../store-server';

export type Pieces<T> = Generator<undefined, T, undefined>;

export async function inPieces<T>(work: Pieces<T>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function atOnce<T>(work: Pieces<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Reads an RDB file key by key. Nothing expires: what the file holds is not looked at before all of it is there. `progress` hears how
 * many bytes are read. @throws RdbFault, ArenaFull
 */
export function* rdbPieces(reader: RdbReader, server: StoreServer, progress: (bytes: number) => void): Pieces<void> {
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
    yield;
  }
}
