// A part of the worker: something that runs for as long as the worker does. The list of parts is the worker.
import type { Registry } from 'prom-client';
import type { Platform } from '../platform';

export interface RunningPart {
  /** What is wrong, for /readyz; undefined while all is well. */
  fault?(): string | undefined;
  /** Must end within about a second: what is left undone is found by the next worker's sweep. */
  stop(): Promise<void>;
}

export interface WorkerPart {
  readonly name: string;
  start(platform: Platform, metrics: Registry): Promise<RunningPart>;
}
