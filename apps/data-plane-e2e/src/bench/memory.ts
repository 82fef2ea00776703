/** Resident memory per key: a million strings of 16 bytes key and 32 bytes value, above the empty server. */
import { encodeCommands } from '@larder/shared-testing';
import type { Command, Store, StoreKind } from '@larder/shared-testing';
import { startStore } from '@larder/shared-testing';
import { residentBytes } from './measure.ts';

const BATCH = 1_000;

export async function bytesPerKey(kind: StoreKind, keys: number): Promise<number> {
  const store = await startStore({ kind });
  try {
    const empty = residentBytes(store.pid);
    await fill(store, keys);
    return (residentBytes(store.pid) - empty) / keys;
  } finally {
    await store.kill();
  }
}

async function fill(store: Store, keys: number): Promise<void> {
  const client = await store.connect(2, 60_000);
  const value = 'v'.repeat(32);
  for (let from = 0; from < keys; from += BATCH) {
    const batch: Command[] = [];
    for (let at = from; at < Math.min(keys, from + BATCH); at++) batch.push(['SET', `key:${String(at).padStart(12, '0')}`, value]);
    await client.exchange(encodeCommands(batch), batch.length);
  }
  if ((await client.ask('DBSIZE')) !== keys) throw new Error(`${store.kind} does not hold the ${keys} keys it was given`);
  client.close();
}
