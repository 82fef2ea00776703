// What the archive needs of the world.
import type { ScratchEngine, SecretBox, UnitOfWork } from '@larder/plane-domain';
import type { Clock, Ids } from '@larder/shared-std';
import type { SweptStorage } from '../storage/swept-storage';
import type { LogManifest } from './aof-manifest';

/** The append-only directory of a member, wherever it runs. A driver for other machines is one more of these. */
export interface LogSource {
  /** Undefined while there is no member or no log. */
  open(instanceId: string): Promise<LogView | undefined>;
}

export interface LogView {
  readonly manifest: LogManifest;
  /** Bytes of a part; undefined where it is gone. */
  sizeOf(name: string): Promise<number | undefined>;
  read(name: string, from: number, to: number): AsyncIterable<Uint8Array>;
  /** What the running store says; undefined where it does not answer. */
  ask(): Promise<{ readonly isStamped: boolean; readonly isRewriting: boolean } | undefined>;
  askRewrite(): Promise<void>;
  /** Lets the store delete the parts that are history, and keep later ones again. */
  releaseHistory(): Promise<void>;
}

export interface ArchivePorts {
  readonly work: UnitOfWork;
  readonly source: LogSource;
  readonly storage: SweptStorage;
  readonly scratch: ScratchEngine;
  readonly secrets: SecretBox;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Unique among all workers that ever lived. */
  readonly holder: string;
}
