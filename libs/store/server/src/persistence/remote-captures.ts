/**
 * What the other threads' commands capture for a background save.
 *
 *   home ── control port: { port, counts, numbers } ─▶ thread        before anybody executes again after the cut,
 *        ── letter: begin ───────────────────────────▶               the thread reads both and captures from then on
 *   thread ── port: chunks ──────────────────────────▶ writer
 *   home ── question: close ─────────────────────────▶ thread        hands on its last chunk
 *
 * A port cannot be sent in a letter, and a letter alone is read in time: hence both.
 */
import type { MessagePort, Worker } from 'node:worker_threads';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { ValueCodec } from '@larder/store-keyspace';
import { SnapshotCapture } from '@larder/store-persistence';
import type { StoreServer } from '../store-server';
import { ChunkPort } from './chunk-port';
import { styleOf } from './rdb-choices';
import type { FromWriter, ToWriter } from './rdb-worker';

interface Begin {
  port: MessagePort;
  counts: SharedArrayBuffer;
  numbersAtCut: Int32Array;
}

/** Home's side: `controls` are ports to the other threads. */
export class RemoteCaptures {
  private readonly server: StoreServer;
  private readonly controls: readonly MessagePort[];

  constructor(server: StoreServer, controls: readonly MessagePort[]) {
    this.server = server;
    this.controls = controls;
  }

  /** The cut, on all other threads; in the exclusive section of the cut, after the first chunk of home. */
  begin(writer: Worker, counts: SharedArrayBuffer, numbersAtCut: Int32Array): void {
    for (const control of this.controls) {
      const { port1, port2 } = new MessageChannel();
      writer.postMessage({ port: port1 } satisfies ToWriter, [port1]);
      control.postMessage({ port: port2, counts, numbersAtCut } satisfies Begin, [port2]);
    }
    this.server.crew?.tellCapture('begin');
  }

  /** All have handed on what they captured. Alone. */
  close(): void {
    this.server.crew?.tellCapture('close');
  }

  /** Nobody wants the file any more. Alone. */
  discard(): void {
    this.server.crew?.tellCapture('discard');
  }
}

/** Another thread's side. */
export class CaptureReceiver {
  private capture: SnapshotCapture | null = null;
  private port: MessagePort | null = null;
  private readonly server: StoreServer;
  private readonly codecs: readonly ValueCodec[];
  private readonly control: MessagePort;

  constructor(server: StoreServer, codecs: readonly ValueCodec[], control: MessagePort) {
    this.server = server;
    this.codecs = codecs;
    this.control = control;
  }

  hear(what: string): void {
    if (what === 'begin') this.begin();
    else if (what === 'discard') {
      if (this.capture !== null) this.capture.isDiscarded = true;
    } else this.close();
  }

  private begin(): void {
    const { port, counts, numbersAtCut } = receiveMessageOnPort(this.control)!.message as Begin;
    const chunks = new ChunkPort(port, counts);
    port.on('message', ({ chunk }: FromWriter) => {
      if (chunk !== undefined) chunks.recycle(chunk);
    });
    this.port = port;
    this.capture = new SnapshotCapture(this.server.keyspace, { codecs: this.codecs, emit: chunks.emit, spare: chunks.spare, style: styleOf(this.server), numbersAtCut });
  }

  private close(): void {
    this.capture?.close();
    this.capture = null;
    // The last chunk is on its way; the writer closes its end when it has it.
    this.port?.unref();
    this.port = null;
  }
}
