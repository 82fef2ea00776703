/**
 * The thread that writes append-only files: drains the journal, writes, syncs. Its orders come over a port, each with a bell.
 *
 * While there is work it looks again every few milliseconds, under `always` at once; without work it sleeps until the bell.
 */
import type { MessagePort } from 'node:worker_threads';
import { BroadcastChannel, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { AofManifest } from '@larder/store-persistence';
import { JournalReader, JournalRing } from '@larder/store-threads';
import { systemDisk } from './aof-disk';
import { AofWriter } from './aof-writer';
import type { AofWriterSettings, FromAofWriter, ToAofWriter } from './aof-writer';

export interface AofWorkerData {
  role: 'aof-writer';
  ring: SharedArrayBuffer;
  position: number;
  port: MessagePort;
  /** Counted up and rung when a flush or stop is done. */
  done: SharedArrayBuffer;
  /** Where threads beside the first hear what is safe; '' when there are none. */
  channel: string;
  folder: string;
  prefix: string;
  manifest: AofManifest;
  settings: AofWriterSettings;
  opens: boolean;
}

/** What the other threads hear. */
export interface AofNews {
  safe?: number;
  /** Why writes fail, for what is answered to them. */
  fault?: string;
}

/** Without work it sleeps this long at most, and shortly while a sync runs beside, whose end comes through the event loop. */
const SLEEP_MS = 250;
const SHORT_SLEEP_MS = 5;
const NAP_MS_MAX = 5;

/** The worker's whole life. */
export async function runAofWriter(): Promise<void> {
  const { ring: shared, port, done: doneShared, channel: name, ...options } = workerData as AofWorkerData;
  const ring = new JournalRing(shared);
  const done = new Int32Array(doneShared);
  const channel = name === '' ? null : new BroadcastChannel(name);
  const writer = new AofWriter({
    ...options,
    source: new JournalReader(ring),
    disk: systemDisk,
    say(message: FromAofWriter) {
      if (message.kind === 'safe') channel?.postMessage({ safe: message.position } satisfies AofNews);
      if (message.kind === 'fault') channel?.postMessage({ fault: message.reason } satisfies AofNews);
      port.postMessage(message);
    },
    now: () => Date.now(),
    monotonic: () => performance.now(),
  });
  port.postMessage({ kind: 'ready' } satisfies FromAofWriter);
  // Sleeping on the ring does not keep a thread alive.
  const alive = setInterval(() => undefined, 1 << 30);
  for (;;) {
    for (let letter = receiveMessageOnPort(port); letter !== undefined; letter = receiveMessageOnPort(port)) {
      const message = letter.message as ToAofWriter;
      writer.handle(message);
      if (message.kind !== 'flush' && message.kind !== 'stop') continue;
      Atomics.add(done, 0, 1);
      Atomics.notify(done, 0);
    }
    if (writer.isStopped) break;
    const ms = writer.turn();
    // Longer than a nap it must not be deaf: what is journalled meanwhile, and orders, come with the bell.
    if (ms > NAP_MS_MAX) ring.sleep(writer.isSyncing ? SHORT_SLEEP_MS : Math.min(ms, SLEEP_MS));
    else if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    // Syncs that run beside end in the event loop.
    if (writer.isSyncing) await new Promise((resolve) => setImmediate(resolve));
  }
  clearInterval(alive);
  channel?.close();
  port.close();
}
