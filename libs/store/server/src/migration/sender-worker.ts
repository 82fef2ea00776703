/**
 * The helper thread of MIGRATE: keeps connections to targets for ten seconds, writes what it is told and reads the lines that answer.
 *
 * A step is connecting, writing, or waiting for one line; each has the whole time limit. A connection that broke before any key
 * was answered is tried once more, since it may have been closed long ago.
 */
import type { Socket } from 'node:net';
import { connect, isIP } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import { workerData } from 'node:worker_threads';
import { respCommand } from '@larder/store-persistence';
import type { Delivery, Shipment } from '@larder/store-persistence';
import { Settings } from '@larder/store-settings';
import { tlsModule } from '../late-modules';
import { Log } from '../log';
import { loadTls } from '../tls-context';

export interface SenderWorkerData {
  readonly role: 'key-sender';
  readonly port: MessagePort;
  /** BELL is rung when a delivery lies in the port; STATE keeps a request from being sent to a helper that ends. */
  readonly words: SharedArrayBuffer;
}

export interface SenderRequest extends Shipment {
  /** What TLS is made of; undefined for plain connections. */
  readonly settings: ReadonlyMap<string, unknown> | undefined;
}

/** Words of what both threads share: the bell, and whether the helper has something to do or is gone. */
export const BELL = 0;
export const STATE = 1;
export const IDLE = 0;
export const ASKED = 1;
const ENDED = 2;

const KEPT_MS = 10_000;
const TIMER_MS_MAX = 2 ** 31 - 1;
const CONNECTIONS_MAX = 64;

/** Errors that connecting ends with at once. */
const NOWHERE: ReadonlySet<string> = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EINVAL', 'EACCES']);

type Step = 'connecting' | 'writing' | 'reading';

class StepFailed extends Error {
  readonly step: Step;
  readonly isTimeout: boolean;

  constructor(step: Step, isTimeout: boolean) {
    super(step);
    this.step = step;
    this.isTimeout = isTimeout;
  }
}

/** A connection to a target, one step at a time. */
class Target {
  database = -1;
  /** Its name is known, and the network has taken it. */
  isUnderWay: boolean;
  private readonly socket: Socket;
  private readonly readyEvent: 'connect' | 'secureConnect';
  private received: Buffer = Buffer.alloc(0);
  private isBroken = false;
  private wake: () => void = () => undefined;

  constructor(host: string, socket: Socket, readyEvent: 'connect' | 'secureConnect') {
    this.socket = socket;
    this.isUnderWay = isIP(host) !== 0;
    socket.on('lookup', (error: Error | null) => void (this.isUnderWay = error === null));
    this.readyEvent = readyEvent;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
      this.wake();
    });
    const broken = (): void => {
      this.isBroken = true;
      this.wake();
    };
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (NOWHERE.has(error.code ?? '')) this.isUnderWay = false;
      broken();
    });
    socket.on('end', broken);
    socket.on('close', broken);
  }

  /** Runs one step: `begin` starts it and gets what to call at its end. */
  private step(step: Step, timeoutMs: number, begin: (done: () => void) => void, isDone?: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new StepFailed(step, true)), Math.min(timeoutMs, TIMER_MS_MAX));
      const finish = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const look = (): void => {
        if (isDone?.() === true) return finish();
        if (!this.isBroken) return;
        clearTimeout(timer);
        reject(new StepFailed(step, false));
      };
      this.wake = look;
      begin(finish);
      look();
    });
  }

  open(timeoutMs: number): Promise<void> {
    return this.step('connecting', timeoutMs, (done) => void this.socket.once(this.readyEvent, done));
  }

  write(bytes: Buffer, timeoutMs: number): Promise<void> {
    return this.step('writing', timeoutMs, (done) => void this.socket.write(bytes, (error) => (error == null ? done() : undefined)));
  }

  async line(timeoutMs: number): Promise<string> {
    let end = -1;
    await this.step('reading', timeoutMs, () => undefined, () => (end = this.received.indexOf('\r\n')) >= 0);
    const line = this.received.toString('latin1', 0, end);
    this.received = this.received.subarray(end + 2);
    return line;
  }

  close(): void {
    this.socket.destroy();
  }
}

class Sender {
  private readonly targets = new Map<string, Target>();

  async deliver(request: SenderRequest): Promise<Delivery> {
    for (let mayRetry = true; ; mayRetry = false) {
      const delivery: { auth?: string; select?: string; restored: string[] } = { restored: [] };
      const name = `${request.host}:${request.port}`;
      try {
        await this.attempt(request, name, delivery);
        return delivery;
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        this.forget(name);
        if (error.step === 'connecting') return { failure: 'connecting', restored: [] };
        if (error.isTimeout || !mayRetry || delivery.restored.length > 0) return { ...delivery, failure: error.step };
      }
    }
  }

  private async attempt(request: SenderRequest, name: string, delivery: { auth?: string; select?: string; restored: string[] }): Promise<void> {
    const { timeoutMs, database, credentials, commands } = request;
    const target = this.targets.get(name) ?? (await this.connect(request, name));
    const selects = target.database !== database;
    const before = [
      ...(credentials.length > 0 ? [respCommand(['AUTH', ...credentials.map((each) => Buffer.from(each))])] : []),
      ...(selects ? [respCommand(['SELECT', String(database)])] : []),
    ];
    await target.write(Buffer.concat([...before, ...commands]), timeoutMs);
    if (credentials.length > 0) delivery.auth = await target.line(timeoutMs);
    if (selects) delivery.select = await target.line(timeoutMs);
    while (delivery.restored.length < commands.length) delivery.restored.push(await target.line(timeoutMs));
    const isRefused = [delivery.auth, delivery.select, ...delivery.restored].some((line) => line?.startsWith('-'));
    target.database = isRefused ? -1 : database;
  }

  private async connect({ host, port, timeoutMs, settings: captured }: SenderRequest, name: string): Promise<Target> {
    const to = { host, port: Number.parseInt(port, 10) || 0 };
    if (to.port < 1 || to.port > 65535) throw new StepFailed('connecting', false);
    let target: Target;
    if (captured === undefined) target = new Target(host, connect(to), 'connect');
    else {
      const settings = new Settings();
      settings.adopt(captured);
      const context = loadTls(settings, new Log(settings), new Uint8Array(32));
      if (context === undefined) throw new StepFailed('connecting', false);
      target = new Target(host, tlsModule().connect({ ...to, secureContext: context.outgoing, rejectUnauthorized: true, checkServerIdentity: () => undefined }), 'secureConnect');
    }
    try {
      await target.open(timeoutMs);
    } catch (error) {
      target.close();
      // Redis looks at how a plain connection went only when it writes.
      if (captured === undefined && target.isUnderWay && error instanceof StepFailed) throw new StepFailed('writing', error.isTimeout);
      throw error;
    }
    if (this.targets.size >= CONNECTIONS_MAX) this.forget([...this.targets.keys()][0]!);
    this.targets.set(name, target);
    return target;
  }

  private forget(name: string): void {
    this.targets.get(name)?.close();
    this.targets.delete(name);
  }
}

/** The worker's whole life. */
export function runKeySender(): void {
  const { port, words: shared } = workerData as SenderWorkerData;
  const words = new Int32Array(shared);
  const sender = new Sender();
  const idle = (): NodeJS.Timeout =>
    setTimeout(() => {
      if (Atomics.compareExchange(words, STATE, IDLE, ENDED) === IDLE) process.exit(0);
    }, KEPT_MS);
  let end = idle();
  port.on('message', (request: SenderRequest) => {
    clearTimeout(end);
    void sender.deliver({ ...request, commands: request.commands.map((each) => Buffer.from(each)) }).then((delivery) => {
      port.postMessage(delivery);
      Atomics.store(words, STATE, IDLE);
      Atomics.store(words, BELL, 1);
      Atomics.notify(words, BELL);
      end = idle();
    });
  });
}
