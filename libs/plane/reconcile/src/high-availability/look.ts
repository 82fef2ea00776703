// Asks every Sentinel and every store how things stand. Who does not answer in time is simply not there.
import { isStore, type HandoverMode, type InstanceMemberRow, type LinkAnswer } from '@larder/plane-domain';
import { systemAddress, type PassContext } from '../pass-context';
import { decideRoles, seenOf, type Roles, type SentinelView, type StoreView } from './decide-roles';
import { decideViewEvents, describeSentinels, describeStores, readDetails } from './describe-view';
import { sentinelsOf, type SentinelDoor } from './sentinels-of';

export interface View {
  readonly stores: readonly StoreView[];
  readonly sentinels: readonly SentinelView[];
  readonly roles: Roles;
}

/** Also notes it as what the status will say. `how`: what a change of primary comes from, where it was wished. */
export async function look(context: PassContext, how: HandoverMode = 'FAILOVER'): Promise<View> {
  const [stores, sentinels] = await Promise.all([
    Promise.all(context.members.filter(isStore).map((member) => lookAtStore(context, member))),
    Promise.all(sentinelsOf(context).sentinels.map((sentinel) => askSentinel(context, sentinel))),
  ]);
  const heard = sentinels.filter((view) => view !== undefined);
  const before = context.availability;
  const roles = decideRoles(stores, heard, before, sentinelsOf(context).sentinels.filter(({ hasStarted }) => hasStarted).length);
  const now = {
    at: context.now().toISOString(), primary: roles.primary, configEpoch: roles.configEpoch, stores: describeStores(seenOf(stores, roles.primary), stores, roles.primary),
    sentinelsUp: heard.length, sentinels: describeSentinels(heard, stores), givenUpId: before?.givenUpId ?? null,
    primarySince: before?.primary === roles.primary && before.configEpoch === roles.configEpoch ? before.primarySince ?? before.at : context.now().toISOString(),
  };
  // While it comes up for the first time everybody appears; nothing has happened to it yet.
  const events = context.instance.observedGeneration === 0 ? [] : decideViewEvents(before, now);
  for (const { severity, reason, message } of events) await context.event(severity, reason, message);
  if (before !== null && before.primary !== roles.primary) {
    const [severity, reason] = how === 'SWITCHOVER' ? ['NORMAL', 'SwitchedOver'] as const : ['WARNING', 'FailedOver'] as const;
    await context.event(severity, reason, `From store ${before.primary} to ${roles.primary}, in epoch ${roles.configEpoch}: ${reasonOf(context, how)}.`);
  }
  context.availability = now;
  return { stores, sentinels: heard, roles };
}

/** A wish is over once its epoch is past, so one of the epoch that ends here brought it about. */
function reasonOf({ instance: { spec: { handover } }, availability }: PassContext, how: HandoverMode): string {
  if (how === 'SWITCHOVER') return handover?.epoch === availability?.configEpoch ? 'as asked, after it had everything' : 'for a restart, after it had everything';
  return handover !== null && handover.epoch === availability?.configEpoch ? 'as asked, at once' : `store ${availability?.primary} was lost, and the Sentinels chose another`;
}

export async function lookAtStore(context: PassContext, member: InstanceMemberRow): Promise<StoreView> {
  const absent: StoreView = { name: member.name, port: member.port, role: null, followsPort: null, isLinkUp: false, offset: null };
  if (member.startedAt === null) return absent;
  const answer = await context.ports.link.info(systemAddress(context, member));
  if (!answer.ok || answer.value.isLoading) return absent;
  const { role, fields, runId } = answer.value;
  const isReplica = role === 'slave';
  return {
    name: member.name, port: member.port, role: isReplica ? 'REPLICA' : 'PRIMARY', followsPort: isReplica ? Number(fields.get('master_port')) : null,
    isLinkUp: isReplica && fields.get('master_link_status') === 'up', offset: Number(fields.get(isReplica ? 'slave_repl_offset' : 'master_repl_offset') ?? 0),
    details: readDetails(runId, fields),
  };
}

export async function askSentinel(context: PassContext, { name, hasStarted, address, setName }: SentinelDoor): Promise<SentinelView | undefined> {
  if (!hasStarted) return undefined;
  const { link } = context.ports;
  const ask = (what: string): Promise<LinkAnswer<unknown>> => link.command(address, ['SENTINEL', what, setName]);
  // A leader's row has the new epoch as soon as it has promoted somebody, and the new address only at the end; the address asked for by name is
  // the new one all along.
  const [primary, replicas, place] = await Promise.all([ask('MASTER'), ask('REPLICAS'), ask('GET-MASTER-ADDR-BY-NAME')]);
  const fields = fieldsOf(primary);
  const flags = fields.get('flags')?.split(',') ?? [];
  if (!fields.has('port') || !place.ok || !Array.isArray(place.value)) return undefined;
  return {
    name, primaryPort: Number(place.value[1]), configEpoch: Number(fields.get('config-epoch') ?? 0), isFailingOver: flags.includes('failover_in_progress'),
    downAfterMs: Number(fields.get('down-after-milliseconds') ?? 0), isPrimaryDown: flags.includes('s_down') || flags.includes('o_down'), othersCount: Number(fields.get('num-other-sentinels') ?? 0),
    replicaPorts: replicas.ok && Array.isArray(replicas.value) ? (replicas.value as unknown[]).flatMap((each) => Number(fieldsOf({ ok: true, value: each }).get('port'))) : [],
  };
}

/** The priority that a Sentinel knows of the store at that port. */
export async function priorityHeard(context: PassContext, sentinel: SentinelDoor, port: number): Promise<number | undefined> {
  const row = (await replicasHeard(context, sentinel))?.find((fields) => Number(fields.get('port')) === port);
  return row === undefined ? undefined : Number(row.get('slave-priority'));
}

/** Ports of the replicas that a Sentinel might choose, as far as it knows; undefined where it does not answer. */
export async function choosableBy(context: PassContext, sentinel: SentinelDoor): Promise<readonly number[] | undefined> {
  const rows = await replicasHeard(context, sentinel);
  return rows?.filter((fields) => !/s_down|o_down|disconnected/.test(fields.get('flags') ?? '') && fields.get('slave-priority') !== '0').map((fields) => Number(fields.get('port')));
}

async function replicasHeard(context: PassContext, { address, setName }: SentinelDoor): Promise<ReadonlyMap<string, string>[] | undefined> {
  const answer = await context.ports.link.command(address, ['SENTINEL', 'REPLICAS', setName]);
  return answer.ok && Array.isArray(answer.value) ? (answer.value as unknown[]).map((each) => fieldsOf({ ok: true, value: each })) : undefined;
}

function fieldsOf(answer: LinkAnswer<unknown>): ReadonlyMap<string, string> {
  const words = answer.ok && Array.isArray(answer.value) ? (answer.value as unknown[]).map(String) : [];
  return new Map(words.flatMap((name, index) => (index % 2 === 0 ? [[name, words[index + 1]!] as const] : [])));
}
