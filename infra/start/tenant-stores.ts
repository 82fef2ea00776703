/**
 * Tenants' instances at the end of a start: all told to save and leave at the same time, and waited for. Their directories are read
 * as the local-process driver writes them (libs/plane/provisioner), so this works also when the worker is not there any more.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { findStore, stopStore } from '../../libs/plane/provisioner/src/local-process/process-identity.ts';

export interface StoppedStores {
  readonly left: number;
  /** Did not leave in time. */
  readonly killed: number;
}

export function runningStores(home: string): string[] {
  return directories(path.join(home, 'instances')).flatMap((instance) => directories(instance)).filter((directory) => findStore(directory) !== undefined);
}

/** `isPatient`: asked again and again whether to go on waiting for a large store that is still saving. */
export async function stopStores(home: string, isPatient: (waitedMs: number, left: number) => boolean): Promise<StoppedStores> {
  const stopped = { left: 0, killed: 0 };
  const stores = runningStores(home);
  let open = stores.length;
  const stop = async (directory: string): Promise<void> => {
    const how = await stopStore(directory, (waitedMs) => isPatient(waitedMs, open));
    stopped[how === 'killed' ? 'killed' : 'left'] += 1;
    open -= 1;
  };
  // Sentinels and proxies first: they would do something about stores that go.
  await Promise.all(stores.filter(isAround).map(stop));
  await Promise.all(stores.filter((directory) => !isAround(directory)).map(stop));
  return stopped;
}

/** As plane-domain names members that are no stores. */
function isAround(directory: string): boolean {
  return /^(?:sentinel-\d|gate|reads)$/.test(path.basename(directory));
}

function directories(place: string): string[] {
  if (!existsSync(place)) return [];
  return readdirSync(place, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => path.join(place, entry.name));
}
