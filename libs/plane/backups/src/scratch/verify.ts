// Is a stored backup one that a store can be restored from? Read back from storage, checked, loaded by an engine, counted.
//
//   storage → SHA-256 of the object → unseal → decompress → SHA-256 of the RDB, walk → scratch engine → keys per database and type
//
// What the store counted at its cut stands in the file, too (RESIZEDB): a key that its writer left out shows.
// A key with an expiry may run out between the two counts. So the walk gives two: those alive when the load began and those still
// alive when the count was over; what the engine found must lie between them. Without such keys both are equal, and so is the test.
import type { BackupRow, BackupStorage, ByteStream, KeyCount, ScratchEngine } from '@larder/plane-domain';
import type { Clock } from '@larder/shared-std';
import { Meter } from '../byte-streams';
import { IntegrityFault } from '../integrity-fault';
import { RdbReader } from '../rdb/rdb-reader';
import { unpack } from '../sealed/packed-stream';

export type Proof = { readonly isProven: true; readonly keys: number } | { readonly isProven: false; readonly message: string };

export interface VerifyPorts {
  readonly storage: BackupStorage;
  readonly scratch: ScratchEngine;
  readonly clock: Clock;
}

type Stored = Pick<BackupRow, 'id' | 'storageKey' | 'checksum' | 'rawChecksum' | 'keyCounts'>;

/** Rejects only for what another try may mend (a storage that does not answer). */
export async function verifyBackup(ports: VerifyPorts, backup: Stored, dataKey: Uint8Array, boundTo: string): Promise<Proof> {
  const [stored, raw, reader] = [new Meter(), new Meter(), new RdbReader()];
  async function* plain(source: ByteStream): AsyncGenerator<Uint8Array> {
    for await (const chunk of raw.watch(unpack(stored.watch(source), dataKey, boundTo))) {
      reader.push(chunk);
      yield chunk;
    }
    reader.finish();
    if (stored.digest() !== backup.checksum) throw new IntegrityFault('the checksum of the stored object is another than at backup time');
    if (raw.digest() !== backup.rawChecksum) throw new IntegrityFault('the checksum of the RDB is another than at backup time');
  }
  if ((await ports.storage.stat(backup.storageKey!)) === undefined) {
    return { isProven: false, message: `The stored object ${backup.storageKey} is gone from ${ports.storage.location}.` };
  }
  try {
    const beganMs = ports.clock.now();
    const loaded = await ports.scratch.load(plain(await ports.storage.get(backup.storageKey!)));
    if (!loaded.ok) return { isProven: false, message: `A scratch engine did not load it: ${loaded.message}.` };
    // Whatever expires at t is there until t, so the moments before the two decide.
    const fault = reader.shortfall ?? compareWithin(reader.aliveAt(ports.clock.now() - 1), reader.aliveAt(beganMs - 1), loaded.keyCounts);
    if (fault !== undefined) return { isProven: false, message: fault };
    return { isProven: true, keys: loaded.keyCounts.reduce((sum, { keys }) => sum + keys, 0) };
  } catch (error) {
    if (error instanceof IntegrityFault) return { isProven: false, message: `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.` };
    throw error;
  }
}

/** What lies outside its two bounds, as one sentence; undefined where all is well. */
export function compareWithin(least: readonly KeyCount[], most: readonly KeyCount[], found: readonly KeyCount[]): string | undefined {
  const label = ({ database, type }: KeyCount): string => `${type} keys in database ${database}`;
  const byLabel = (counts: readonly KeyCount[]): Map<string, number> => new Map(counts.map((count) => [label(count), count.keys]));
  const [lower, upper, seen] = [byLabel(least), byLabel(most), byLabel(found)];
  for (const name of new Set([...upper.keys(), ...seen.keys()])) {
    const [low, high, keys] = [lower.get(name) ?? 0, upper.get(name) ?? 0, seen.get(name) ?? 0];
    if (keys < low || keys > high) return `Expected ${low === high ? low : `${low} to ${high}`} ${name}, found ${keys}.`;
  }
  return undefined;
}
