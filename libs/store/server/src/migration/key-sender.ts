/**
 * Sends keys to other servers while this thread stands still: a helper thread has the sockets, because the event loop that would
 * serve them here does not run until the command is done.
 *
 *   this thread   request ──port──▶ helper   ──▶ target
 *                 waits on the bell ◀── bell, reply in the port
 *
 * The helper is started at the first MIGRATE and ends, with its connections, when it had nothing to do for ten seconds.
 */
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Delivery, KeySender, Shipment } from '@larder/store-persistence';
import type { StoreServer } from '../store-server';
import { ASKED, BELL, IDLE, STATE } from './sender-worker';
import type { SenderRequest, SenderWorkerData } from './sender-worker';

/** Beyond the time limits of all steps: then the helper itself is gone. */
const GRACE_MS = 5_000;
const WAITING = 0;

export class ThreadKeySender implements KeySender {
  private readonly server: StoreServer;
  private readonly program: string;
  private helper: { worker: Worker; port: MessagePort; words: Int32Array } | undefined;

  /** `program` is the file whose worker role sends. */
  constructor(server: StoreServer, program: string) {
    this.server = server;
    this.program = program;
  }

  send(shipment: Shipment): Delivery {
    const { settings } = this.server;
    if (this.helper === undefined || Atomics.compareExchange(this.helper.words, STATE, IDLE, ASKED) !== IDLE) this.helper = this.start();
    const { helper } = this;
    Atomics.store(helper.words, BELL, WAITING);
    const request: SenderRequest = { ...shipment, settings: settings.flag('tls-cluster') ? settings.capture() : undefined };
    helper.port.postMessage(request);
    const steps = shipment.commands.length + 4;
    // The ringing for the last delivery may come late, and wake this wait: only the word says that the bell rang.
    const until = performance.now() + steps * shipment.timeoutMs + GRACE_MS;
    while (Atomics.wait(helper.words, BELL, WAITING, Math.max(until - performance.now(), 0)) === 'ok');
    const answer = receiveMessageOnPort(helper.port) as { message: Delivery } | undefined;
    if (answer !== undefined) return answer.message;
    this.stop();
    return { failure: 'reading', restored: [] };
  }

  private start(): NonNullable<ThreadKeySender['helper']> {
    const { port1, port2 } = new MessageChannel();
    const words = new Int32Array(new SharedArrayBuffer(8));
    words[STATE] = ASKED;
    const workerData: SenderWorkerData = { role: 'key-sender', port: port2, words: words.buffer as SharedArrayBuffer };
    const worker = new Worker(this.program, { workerData, transferList: [port2], resourceLimits: { maxYoungGenerationSizeMb: 8 } });
    worker.unref();
    const helper = { worker, port: port1, words };
    const forget = (): void => {
      if (this.helper === helper) this.helper = undefined;
    };
    worker.once('error', (error) => {
      this.server.log.warning(`The thread that sends keys failed: ${error.message}`);
      forget();
    });
    worker.once('exit', forget);
    return helper;
  }

  private stop(): void {
    void this.helper?.worker.terminate();
    this.helper = undefined;
  }
}
