/** Hands that write down what they are told to do, for one Sentinel without a world around it. */
import { SteppedClock, seededRandom } from '@larder/shared-std/testing';
import type { ConnectionKind, EventLevel, Hands } from '../hands';
import { Sentinel } from '../sentinel';

export class RecordingHands implements Hands {
  readonly clock = new SteppedClock();
  readonly done: string[] = [];
  readonly events: string[] = [];
  readonly sent: { connection: number; args: readonly string[] }[] = [];
  readonly scripts: { job: number; argv: readonly string[] }[] = [];
  readonly names = new Map<string, string>();
  readonly executables = new Set<string>();

  sentinel(): Sentinel {
    return new Sentinel({ hands: this, clock: this.clock, random: seededRandom(1) });
  }

  connect(connection: number, host: string, port: number, kind: ConnectionKind): void {
    this.done.push(`connect ${connection} ${host}:${port} ${kind}`);
  }

  disconnect(connection: number): void {
    this.done.push(`disconnect ${connection}`);
  }

  send(connection: number, args: readonly string[]): void {
    this.sent.push({ connection, args });
  }

  localAddress(): string {
    return '10.0.0.9';
  }

  resolve(hostname: string): string | undefined {
    return this.names.get(hostname);
  }

  persist(): boolean {
    this.done.push('persist');
    return true;
  }

  event(_level: EventLevel, channel: string, message: string): void {
    this.events.push(`${channel} ${message}`);
  }

  log(_level: EventLevel, message: string): void {
    this.done.push(`log ${message}`);
  }

  startScript(job: number, argv: readonly string[]): number | undefined {
    this.scripts.push({ job, argv });
    return this.executables.has(argv[0]!) ? 1000 + job : undefined;
  }

  killScript(pid: number): void {
    this.done.push(`kill ${pid}`);
  }

  isExecutable(path: string): boolean {
    return this.executables.has(path);
  }

  crash(): void {
    this.done.push('crash');
  }

  listeningPort(): number {
    return 26379;
  }

  ownPassword(): string {
    return '';
  }
}
