/** A full SCAN shows every key that was there from its beginning to its end, and none that was never there, while others come and go. */
import { connectRaw } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';
import { watcher } from './watcher.ts';
import type { Watcher } from './watcher.ts';

const DATABASE = '7';
const STAYING = 200;
const COMING = 300;
const TIMEOUT_MS = 15_000;

export function watchScan(store: Store, seed: number): Watcher {
  return watcher(async (isOver, complain) => {
    const [scanner, changer] = await Promise.all([connectRaw({ port: store.port, timeoutMs: TIMEOUT_MS }), connectRaw({ port: store.port, timeoutMs: TIMEOUT_MS })]);
    try {
      await Promise.all([scanner, changer].map((client) => client.ask('SELECT', DATABASE)));
      const staying = Array.from({ length: STAYING }, (_, at) => `s${seed}:stays:${at}`);
      await changer.ask('MSET', ...staying.flatMap((key) => [key, 'v']));
      let scans = 0;
      let areScansDone = false;
      const changes = (async () => {
        for (let round = 0; !areScansDone; round++) {
          const passing = Array.from({ length: COMING }, (_, at) => `s${seed}:passes:${round % 5}.${at}`);
          await changer.ask('MSET', ...passing.flatMap((key) => [key, 'v']));
          await changer.ask('DEL', ...passing);
        }
      })();
      changes.catch(() => undefined); // it is awaited below, maybe later than it fails
      try {
        while (scans === 0 || !isOver()) {
          const seen = await fullScan(scanner);
          const missed = staying.filter((key) => !seen.has(key));
          const strange = [...seen].filter((key) => !/^s\d+:(stays|passes):/.test(key));
          if (missed.length > 0) complain(`SCAN ${scans} missed ${missed.slice(0, 5).join(' ')} (${missed.length} of ${STAYING})`);
          if (strange.length > 0) complain(`SCAN ${scans} showed ${strange.slice(0, 5).join(' ')}, which was never there`);
          scans++;
        }
      } finally {
        areScansDone = true;
        await changes;
      }
      await changer.ask('UNLINK', ...staying);
    } finally {
      scanner.close();
      changer.close();
    }
  });
}

async function fullScan(client: RawClient): Promise<Set<string>> {
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = (await client.ask('SCAN', cursor, 'COUNT', '50')) as [string, string[]];
    for (const key of keys) seen.add(key);
    cursor = next;
  } while (cursor !== '0');
  return seen;
}
