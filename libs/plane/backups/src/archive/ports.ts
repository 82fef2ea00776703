// What the archive needs of the world.
import type { ScratchEngine, SecretBox, UnitOfWork } from '@larder/plane-domain';
import type { Clock, Ids } from '@larder/shared-std';
import type { SweptStorage } from '../storage/swept-storage';
import type { LogManifest } from './aof-manifest';

/** The append-only directory of a member, wherever it runs. A driver for other machines is one more of these. */
export interface LogSource {
  /** That of the primary, as far as it is known, or of one member; undefined while there is no such member or no log. */
  open(instanceId: string, memberId?: string): Promise<LogView | undefined>;
}

export interface LogView {
  readonly memberId: string;
  /** Then it is the truth only while its store is primary: who asks must look at `reign`. */
  readonly isOneOfSeveral: boolean;
  /** Since when the present primary has been seen as such, Unix ms. */
  readonly primarySinceMs: number | undefined;
  readonly manifest: LogManifest;
  /** Bytes of a part; undefined where it is gone. */
  sizeOf(name: string): Promise<number | undefined>;
  read(name: string, from: number, to: number): AsyncIterable<Uint8Array>;
  /** What the running store says; undefined where it does not answer. `reign`: its replication id while it is primary, else null. */
  ask(): Promise<{ readonly isStamped: boolean; readonly isKept: boolean; readonly isRewriting: boolean; readonly reign: string | null } | undefined>;
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
