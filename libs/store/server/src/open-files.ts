/**
 * `maxclients` and the system's limit on open files, of which every connection is one. (Node takes all that the system allows at the
 * start.) Where the system cannot be asked there is no limit.
 */
import { readFileSync } from 'node:fs';
import type { StoreServer } from './store-server';

/** For all that is no client. */
const RESERVED = 32;
/** Of a further thread: event loop, wake-ups, listeners. */
const RESERVED_PER_THREAD = 12;

function openFilesMax(): number {
  try {
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return soft === undefined || soft === 'unlimited' ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}

/** Lowers `maxclients` to what the system allows and says so, when the returned function is called; keeps CONFIG SET from raising it above. */
export function followOpenFiles(server: StoreServer): () => void {
  const { settings, log } = server;
  const reserved = RESERVED + (server.threadCount - 1) * RESERVED_PER_THREAD;
  const files = openFilesMax();
  const clientsMax = files - reserved;
  const tell = (): void => {
    const asked = settings.number('maxclients');
    log.warning(`You requested maxclients of ${asked} requiring at least ${asked + reserved} max file descriptors.`);
    log.warning(`Server can't set maximum open files to ${asked + reserved} because of OS error: Operation not permitted.`);
  };
  settings.onChange('maxclients', () => {
    if (settings.number('maxclients') <= clientsMax) return undefined;
    tell();
    return `The operating system is not able to handle the specified number of clients, try with ${clientsMax}`;
  });
  return () => {
    if (settings.number('maxclients') <= clientsMax || clientsMax < 1) return;
    tell();
    log.warning(`Current maximum open files is ${files}. maxclients has been reduced to ${clientsMax} to compensate for low ulimit. If you need higher maxclients increase 'ulimit -n'.`);
    settings.assign('maxclients', String(clientsMax));
  };
}
