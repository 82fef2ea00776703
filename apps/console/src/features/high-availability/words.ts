// What roles are called, how each member stands in words, and what each deed costs, said before it is done.
import type { HandoverMode, MemberRole } from '@/data/generated/graphql';
import type { Instance } from '@/data/instance/instance-query';
import type { Deed } from '@/data/high-availability/high-availability-mutation';
import type { Tone } from '@/ui/badge';
import { formatBytes, formatDuration } from '../../ui/format';

type Member = Instance['members'][number];
type Availability = NonNullable<Instance['availability']>;
export type Forecast = Availability['handovers'][number];

export const roleWords: Readonly<Record<MemberRole, string>> = {
  PRIMARY: 'Primary', REPLICA: 'Replica', SENTINEL: 'Sentinel', GATE: 'Endpoint', UNKNOWN: 'Store',
};

/** How it stands, short enough for a box; the tone repeats it. */
export function faceOf(member: Member, primary: string): readonly [tone: Tone, words: string] {
  const { role, isRunning, isAnswering, isLinkUp, isSyncing, linkDownSeconds, follows, configEpoch, name } = member;
  if (!isRunning) return ['bad', 'Not running'];
  if (isAnswering === false || role === 'UNKNOWN') return ['bad', 'Does not answer'];
  switch (role) {
    case 'PRIMARY': return ['good', 'Takes writes'];
    case 'GATE': return ['good', name === 'reads' ? 'Leads to the replicas' : `Leads to ${primary}`];
    case 'SENTINEL': {
      const epoch = configEpoch == null ? '' : `, epoch ${configEpoch}`;
      return follows == null ? ['good', 'Watches'] : follows === primary ? ['good', `Sees ${follows}${epoch}`] : ['warn', `Still sees ${follows}${epoch}`];
    }
    case 'REPLICA': {
      if (isSyncing === true) return ['busy', 'Copies everything'];
      if (isLinkUp !== true) return ['warn', linkDownSeconds == null ? 'Not linked' : `Not linked for ${linkDownSeconds < 60 ? `${linkDownSeconds} s` : formatDuration(linkDownSeconds * 1000)}`];
      return ['good', 'Linked'];
    }
  }
}

/** Of a linked replica: `12 B, 1 s behind`. The seconds are those since the primary last heard from it. */
export function lagWords({ role, isLinkUp, lagBytes, lagSeconds }: Pick<Member, 'role' | 'isLinkUp' | 'lagBytes' | 'lagSeconds'>): string | undefined {
  if (role !== 'REPLICA' || isLinkUp !== true || lagBytes == null) return undefined;
  return lagSeconds == null ? `${formatBytes(lagBytes)} behind` : `${formatBytes(lagBytes)}, ${lagSeconds} s behind`;
}

export const modeTitles: Readonly<Record<HandoverMode, string>> = { SWITCHOVER: 'Switch over', FAILOVER: 'Fail over' };

/** What a change of primary would do now. */
export function forecastRows({ candidate, lostBytes, lostSeconds, pauseMs, mode }: Forecast): (readonly [term: string, value: string])[] {
  const lost = mode === 'SWITCHOVER' ? 'Nothing'
    : lostBytes == null ? 'Not known'
      : lostBytes > 0 ? `${formatBytes(lostBytes)} of writes${lostSeconds != null && lostSeconds > 0 ? `, those of the last ${lostSeconds} s` : ''}`
        : 'Writes of the last moment at most';
  return [['Next primary', candidate == null ? 'None: no replica hears the primary' : `Store ${candidate}`], ['Writes stand still for', `about ${formatDuration(pauseMs)}`], ['Lost', lost]];
}

/** The same for a store of one's choice: it is waited for until it has everything. */
export function promotionRows(member: Member, { handovers }: Availability): (readonly [term: string, value: string])[] {
  const pauseMs = handovers.find(({ mode }) => mode === 'SWITCHOVER')?.pauseMs ?? 0;
  const lag = lagWords(member)?.replace(' behind', '');
  return [['Next primary', `Store ${member.name}`], ['It has yet to receive', lag ?? 'not known'], ['Writes stand still for', `about ${formatDuration(pauseMs)}`], ['Lost', 'Nothing']];
}

interface DeedWords {
  readonly title: string;
  readonly verb: string;
  readonly cost: (instance: Pick<Instance, 'plan'>) => string;
}

export const deedWords: Readonly<Record<Deed, DeedWords>> = {
  switchover: {
    title: 'Switch over to a replica?', verb: 'Switch over',
    cost: () => 'A replica becomes primary once it has everything: writes wait meanwhile, and none is lost. Connections are closed once, so clients connect anew.',
  },
  failover: {
    title: 'Fail over at once?', verb: 'Fail over',
    cost: () => 'The best replica becomes primary at once, as if the primary had died. Connections are closed, so clients connect anew. To lose nothing, switch over instead.',
  },
  addReplica: {
    title: 'Add a replica?', verb: 'Add a replica',
    cost: ({ plan }) => `It copies all data from the primary, which goes on serving, and counts ${formatBytes(plan.memoryBytes)} more of the organisation's memory.`,
  },
  removeReplica: {
    title: 'Remove a replica?', verb: 'Remove a replica',
    cost: () => 'One that does not hear the primary goes first, else the last by name; never the primary. Its copy of the data is removed, and who reads from it connects anew.',
  },
};
