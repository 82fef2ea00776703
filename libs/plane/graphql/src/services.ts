// What the resolvers are given by the composition root: the domain's doors, joined to their rooms there.
import type { ChangeFeed, Engine, Repositories, SecretBox, UnitOfWork, WakeQueue } from '@larder/plane-domain';
import type { Identity, Signer } from '@larder/plane-identity';
import type { Clock, Ids } from '@larder/shared-std';

export interface PlaneFacts {
  readonly version: string;
  readonly publicHost: string;
  /** Where the API is reached, for the links in answers: http://127.0.0.1:4000. */
  readonly apiUrl: string;
  /** Where the console is reached, for the links in invitations. */
  readonly consoleUrl: string;
  readonly uploadBytesMax: number;
  /** That instances can be made with here; our own is the first. */
  readonly engines: readonly Engine[];
  readonly introspection: boolean;
  /** Where a browser may send a session's cookie from. */
  readonly allowedOrigins: readonly string[];
  /** Cookies travel over TLS alone. */
  readonly isSecure: boolean;
}

export interface PlaneServices {
  readonly work: UnitOfWork;
  /** Reads that decide who may what; what they answer may be remembered for a moment. */
  readonly access: Pick<Repositories, 'members' | 'organizations' | 'plans'>;
  readonly wake: WakeQueue;
  readonly secretBox: SecretBox;
  readonly identity: Identity;
  readonly downloads: Signer;
  readonly changes: ChangeFeed & { onGap(look: () => void): () => void };
  readonly clock: Clock;
  readonly ids: Ids;
  readonly facts: PlaneFacts;
}

/** Token under which Nest hands PlaneServices out. */
export const PLANE = Symbol('PLANE');

/** One finding for every place that would wake and must not fail because of it: the wish is stored, the sweep finds it. */
export async function wakeQuietly(wake: Promise<void>): Promise<void> {
  await wake.catch(() => undefined);
}
