/**
 * The thread of a background save: encodes, compresses, sums and writes what the executing thread only copied.
 *
 *   main ──▶ { chunk, length } … { end: true }            worker ──▶ { written } … { done: bytes } or { error }
 */
import { parentPort, workerData } from 'node:worker_threads';
import { RdbFile } from './rdb-file';
import type { RdbFileOptions } from './rdb-file';

export interface ToWriter {
  chunk?: Uint8Array;
  length?: number;
  end?: boolean;
}

export interface FromWriter {
  written?: number;
  done?: number;
  error?: string;
}

/** The worker's whole life. */
export function runRdbWriter(): void {
  const port = parentPort!;
  const say = (message: FromWriter) => port.postMessage(message);
  const { file: options } = workerData as { file: RdbFileOptions };
  let file: RdbFile | undefined;
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      file?.abandon();
      say({ error: `${options.temporary}: ${(error as Error).message}` });
      port.close();
    }
  };
  guarded(() => {
    file = new RdbFile(options);
  });
  port.on('message', (message: ToWriter) =>
    guarded(() => {
      if (message.chunk !== undefined) {
        file!.write(Buffer.from(message.chunk.buffer, message.chunk.byteOffset, message.chunk.length), message.length!);
        say({ written: message.length! });
      }
      if (message.end === true) {
        file!.commit();
        say({ done: file!.bytes });
        port.close();
      }
    }),
  );
}
