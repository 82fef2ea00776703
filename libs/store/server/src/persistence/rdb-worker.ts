/**
 * The thread of a background save: encodes, compresses, sums and writes what the executing threads only copied.
 *
 *   executing threads ──▶ { chunk, length } …         worker ──▶ { written, chunk } … { done: bytes } or { error }
 *   the one that walks ──▶ { port } for each other thread, { end: chunks in all } or { abandon: why }
 *
 * The end is acted upon when that many chunks have come, since those of different threads come on different ports.
 */
import type { MessagePort } from 'node:worker_threads';
import { parentPort, workerData } from 'node:worker_threads';
import type { Chunk } from './chunk-port';
import { DEAD, IN_FLIGHT, WRITTEN } from './chunk-port';
import { RdbFile } from './rdb-file';
import type { RdbFileOptions } from './rdb-file';

export interface ToWriter extends Partial<Chunk> {
  port?: MessagePort;
  end?: number;
  abandon?: string;
}

export interface FromWriter {
  written?: number;
  /** To be used again. */
  chunk?: Uint8Array;
  done?: number;
  error?: string;
}

/** The worker's whole life. `convert` makes something else of the finished file before it counts as written. */
export function runRdbWriter(convert?: (path: string) => void): void {
  const home = parentPort!;
  const ports: MessagePort[] = [home];
  const { file: options, counts: shared } = workerData as { file: RdbFileOptions; counts: SharedArrayBuffer };
  const counts = new Int32Array(shared);
  let file: RdbFile | undefined;
  let received = 0;
  let expected = -1;
  const close = () => ports.forEach((port) => port.close());
  const fail = (why: string) => {
    Atomics.store(counts, DEAD, 1);
    Atomics.notify(counts, IN_FLIGHT);
    try {
      file?.abandon();
    } finally {
      home.postMessage({ error: `${options.temporary}: ${why}` } satisfies FromWriter);
      close();
    }
  };
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      fail((error as Error).message);
    }
  };
  const write = (port: MessagePort, chunk: Uint8Array, length: number) => {
    file!.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length), length);
    received++;
    Atomics.add(counts, WRITTEN, 1);
    Atomics.sub(counts, IN_FLIGHT, length);
    Atomics.notify(counts, IN_FLIGHT);
    port.postMessage({ written: length, chunk } satisfies FromWriter, [chunk.buffer as ArrayBuffer]);
  };
  const hear = (port: MessagePort, message: ToWriter) =>
    guarded(() => {
      if (message.port !== undefined) listen(message.port);
      if (message.chunk !== undefined) write(port, message.chunk, message.length!);
      if (message.abandon !== undefined) return fail(message.abandon);
      if (message.end !== undefined) expected = message.end;
      if (expected !== received) return;
      file!.commit();
      convert?.(options.path);
      home.postMessage({ done: file!.bytes } satisfies FromWriter);
      close();
    });
  const listen = (port: MessagePort) => {
    if (port !== home) ports.push(port);
    port.on('message', (message: ToWriter) => hear(port, message));
  };
  guarded(() => {
    file = new RdbFile(options);
    listen(home);
  });
}
