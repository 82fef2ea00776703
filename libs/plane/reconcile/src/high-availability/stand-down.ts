// Sentinels that choose nobody for a while: the stores of an instance are about to be stopped and filled anew, and none of the replicas may
// be made primary with what it held before, or with nothing.
//
//   stand down   down-after-milliseconds becomes an hour; they go on watching, and tell clients and gates what they told before
//   stand up     the step `sentinels` finds another value than the plan's and sets it back, once every replica hears the primary
//
// Invariant: it is their own word that counts (SENTINEL MASTER), so it holds over the death of a worker, and of a Sentinel, which keeps it.
import { hourMs } from '@larder/shared-std';
import { sentinelNames, sentinelQuorum, type Outcome } from '@larder/plane-domain';
import { done, outcomeOf, wait, type PassContext } from '../pass-context';
import type { SentinelView } from './decide-roles';
import { sentinelsOf } from './sentinels-of';

const standDownMs = hourMs;

/** So many that the others are no quorum. */
export function isStandingDown(sentinels: readonly Pick<SentinelView, 'downAfterMs'>[]): boolean {
  return sentinels.filter(({ downAfterMs }) => downAfterMs >= standDownMs).length > sentinelNames.length - sentinelQuorum;
}

export async function standDown(context: PassContext): Promise<Outcome> {
  let told = 0;
  for (const { address, setName } of sentinelsOf(context).sentinels) {
    const set = await context.ports.link.command(address, ['SENTINEL', 'SET', setName, 'down-after-milliseconds', String(standDownMs)]);
    if (set.ok) told += 1;
    else if (set.error.fault === 'reply') return outcomeOf(set.error, 'SENTINEL SET');
  }
  return told > sentinelNames.length - sentinelQuorum ? done : wait('NotReady', 'The Sentinels do not answer.', 500);
}
