// What roles are called, and what each deed costs, said before it is done.
import type { MemberRole } from '@/data/generated/graphql';
import type { Instance } from '@/data/instance/instance-query';
import type { Deed } from '@/data/high-availability/high-availability-mutation';

export const roleWords: Readonly<Record<MemberRole, string>> = {
  PRIMARY: 'Primary', REPLICA: 'Replica', SENTINEL: 'Sentinel', GATE: 'Endpoint', UNKNOWN: 'Does not answer',
};

type Bytes = (bytes: number) => string;

export function lagWords({ role, isLinkUp, lagBytes }: Pick<Instance['members'][number], 'role' | 'isLinkUp' | 'lagBytes'>, format: Bytes): string {
  if (role !== 'REPLICA') return '–';
  if (isLinkUp !== true) return 'does not hear its primary';
  if (lagBytes == null) return 'linked';
  return lagBytes === 0 ? 'linked, has everything' : `linked, ${format(lagBytes)} behind`;
}

interface DeedWords {
  readonly title: string;
  readonly verb: string;
  readonly cost: (instance: Pick<Instance, 'members' | 'plan'>, format: Bytes) => string;
}

export const deedWords: Readonly<Record<Deed, DeedWords>> = {
  switchover: {
    title: 'Switch over to a replica?', verb: 'Switch over',
    cost: () => 'A replica becomes primary once it has everything. Nothing is lost; writes wait for about a second, and connections are closed once, so clients connect anew.',
  },
  failover: {
    title: 'Fail over at once?', verb: 'Fail over',
    cost: ({ members }, format) => `The best replica becomes primary at once, as if the primary had died. ${lossOf(members, format)} Connections are closed, so clients connect anew. To lose nothing, switch over instead.`,
  },
  addReplica: {
    title: 'Add a replica?', verb: 'Add a replica',
    cost: ({ plan }, format) => `It copies all data from the primary, which goes on serving, and counts ${format(plan.memoryBytes)} more of the organisation's memory.`,
  },
  removeReplica: {
    title: 'Remove a replica?', verb: 'Remove a replica',
    cost: () => 'One that does not hear the primary goes first, else the last by name; never the primary. Its copy of the data is removed, and who reads from it connects anew.',
  },
};

function lossOf(members: Instance['members'], format: Bytes): string {
  const lags = members.flatMap(({ isLinkUp, lagBytes }) => (isLinkUp === true && lagBytes != null ? [lagBytes] : []));
  const least = lags.length === 0 ? 0 : Math.min(...lags);
  return least === 0 ? 'Writes of the last moment may be lost.' : `The writes that it has not had yet are lost: ${format(least)} when it was last looked at.`;
}
