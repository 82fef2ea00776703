// Work that one worker at a time may do: the lease is renewed while it lasts and runs out when its holder dies.
//
// Invariant: what a holder writes, it writes in a transaction that keeps the lease (`Hold.keep`). That locks the lease's row until the end of
// the transaction: a holder that slept too long writes nothing any more, and whoever takes the lease sees all that its holder before wrote.
import type { Repositories, UnitOfWork } from '@larder/plane-domain';
import type { Clock, Timer } from '@larder/shared-std';

export interface LeasePorts {
  readonly work: UnitOfWork;
  readonly clock: Clock;
  /** Unique among all workers that ever lived. */
  readonly holder: string;
}

export interface Hold {
  /** Only inside a transaction. False where the lease has run out or is another's. */
  keep(records: Pick<Repositories, 'leases'>): Promise<boolean>;
}

/** The lease is another's, or has run out: nothing may be written. */
export class Overtaken extends Error {
  constructor() {
    super('another worker has taken over');
    this.name = 'Overtaken';
  }
}

export const leaseMs = 10_000;

/** Undefined where another worker holds it. */
export async function underLease<T>(ports: LeasePorts, name: string, act: (hold: Hold) => Promise<T>): Promise<T | undefined> {
  const { leases } = ports.work.records;
  const now = (): Date => new Date(ports.clock.now());
  const lease = await leases.take(name, ports.holder, leaseMs, now());
  if (lease === undefined) return undefined;
  let timer: Timer;
  const renew = (): void => {
    timer = ports.clock.setTimer(leaseMs / 3, () => {
      renew();
      void leases.renew(name, lease.fenceToken, leaseMs, now()).catch(() => false);
    });
  };
  renew();
  try {
    return await act({ keep: (records) => records.leases.renew(name, lease.fenceToken, leaseMs, now()) });
  } finally {
    timer!.cancel();
    await leases.release(name, lease.fenceToken).catch(() => undefined); // it runs out by itself
  }
}

/** `write` in a transaction under the lease. */
export function writeUnder<T>(work: UnitOfWork, hold: Hold, write: (records: Repositories) => Promise<T>): Promise<T> {
  return work.run(async (records) => {
    if (!(await hold.keep(records))) throw new Overtaken();
    return write(records);
  });
}
