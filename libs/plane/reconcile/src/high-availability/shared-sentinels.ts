// Three Sentinels that watch all instances of an organization that wish it.
//
//   the group      an instance of its own kind (plane-domain, sentinelGroupName): made by the first that needs it, retired with the last
//   an instance    MONITOR <its id> with its own inner user and password; a user of its name with its password, for its clients
//
// Invariants
// - Each pass over an instance finds what a Sentinel lacks of it and says it again, so one that lost its file is whole after a pass over each.
//   `down-after-milliseconds` is said last: a Sentinel that has it has the rest.
// - Whoever is watched and shall not be is forgotten by the group's own pass, should its last pass not have reached every Sentinel.
// - The group is retired in a moment in which nobody wishes it. Whoever wishes it later finds it going, waits, and makes another.
import { createHash, randomBytes } from 'node:crypto';
import {
  builtInPlans, downAfterMs, draftInstance, sealedAs, sentinelGroupName, sentinelNames, sentinelQuorum, sentinelUsername, type InstanceMemberRow, type LinkAnswer, type Outcome,
} from '@larder/plane-domain';
import { systemClock, systemRandom, uuidV7 } from '@larder/shared-std';
import { done, outcomeOf, systemPassword, tenantPasswords, wait, type PassContext, type SentinelGroup, type StepOutcome } from '../pass-context';
import { ensureProcess } from '../steps/processes';
import { ensureMember } from '../steps/storage';
import { askSentinel } from './look';
import { failoverTimeoutMs, innerPassword, memberHost, tenantOnSharedRules } from './member-directives';
import { isSharing, sentinelsOf, type SentinelDoor } from './sentinels-of';
import { isStandingDown } from './stand-down';

const ids = uuidV7(systemClock, systemRandom);
/** Not kept in a Sentinel's file: said again to each that was started. */
export const quickTimings = ['info-period', '1000', 'publish-period', '500'];

// ── of an instance ──────────────────────────────────────────────────────────────────────────────────────────────────────

export async function ensureWatched(context: PassContext, primary: InstanceMemberRow): Promise<StepOutcome> {
  const ready = await ensureSentinelGroup(context);
  if (ready.outcome !== 'done') return ready;
  const outcomes = await Promise.all(sentinelsOf(context).sentinels.map((sentinel) => ensureWatchedBy(context, sentinel, primary)));
  // As many as must agree are enough to go on; the step `sentinels` waits for the rest.
  const isEnough = outcomes.filter(({ outcome }) => outcome === 'done').length >= sentinelQuorum;
  return isEnough ? done : outcomes.find(({ outcome }) => outcome !== 'done') ?? wait('NotReady', 'The organization’s Sentinels are not there yet.', 200);
}

async function ensureWatchedBy(context: PassContext, sentinel: SentinelDoor, primary: InstanceMemberRow): Promise<Outcome> {
  const { plan } = context;
  const view = await askSentinel(context, sentinel);
  const user = await ensureUser(context, sentinel);
  if (user.outcome !== 'done') return user;
  if (view !== undefined && (view.downAfterMs === downAfterMs(plan) || isStandingDown([view, view]))) return done;
  const inner = innerPassword(systemPassword(context), sentinelUsername);
  const name = sentinel.setName;
  return tell(context, sentinel, [
    ...(view === undefined ? [['SENTINEL', 'MONITOR', name, memberHost(context.settings), String(primary.port), String(sentinelQuorum)]] : []),
    ['SENTINEL', 'SET', name, 'auth-user', sentinelUsername, 'auth-pass', inner, 'failover-timeout', String(failoverTimeoutMs), 'parallel-syncs', '1'],
    ['SENTINEL', 'SET', name, 'down-after-milliseconds', String(downAfterMs(plan))],
  ]);
}

async function ensureUser(context: PassContext, { address, setName }: SentinelDoor): Promise<Outcome> {
  const wished = tenantPasswords(context).map((password) => createHash('sha256').update(password).digest('hex')).sort();
  const found = await context.ports.link.command(address, ['ACL', 'GETUSER', setName]);
  if (!found.ok) return outcomeOf(found.error, 'ACL GETUSER');
  if (String(passwordsOf(found)) === String(wished)) return done;
  const about = await context.ports.link.command(address, ['INFO', 'server']);
  if (!about.ok) return outcomeOf(about.error, 'INFO');
  const isOurs = String(about.value).includes('larder_version:');
  return tell(context, { address }, [
    ['ACL', 'SETUSER', setName, 'reset', 'on', ...wished.map((hash) => `#${hash}`), ...tenantOnSharedRules(setName, isOurs)],
    ['SENTINEL', 'FLUSHCONFIG'],
  ]);
}

function passwordsOf(answer: LinkAnswer<unknown>): readonly string[] {
  const words = answer.ok && Array.isArray(answer.value) ? answer.value as unknown[] : [];
  const at = words.indexOf('passwords');
  const hashes = at < 0 ? [] : words[at + 1];
  return Array.isArray(hashes) ? hashes.map(String).sort() : [];
}

/** Before its stores go. Who does not hear it is told by the group's own pass. */
export async function forgetWatched(context: PassContext): Promise<StepOutcome> {
  if (!isSharing(context)) return done;
  for (const sentinel of sentinelsOf(context).sentinels) await forget(context, sentinel, sentinel.setName);
  return done;
}

/** The last one takes the group along. */
export async function releaseGroup(context: PassContext): Promise<StepOutcome> {
  const { instance: { id, organizationId }, ports: { records: { instances } } } = context;
  if (!isSharing(context) || context.sentinelGroup === null) return done;
  if ((await instances.sharingIdsForLoop(organizationId)).some((other) => other !== id)) return done;
  const { instance: group } = context.sentinelGroup;
  if (group.spec.desiredState !== 'DELETED') {
    await instances.writeSpec(organizationId, group.id, group.revision, { spec: { ...group.spec, desiredState: 'DELETED' }, bumpGeneration: true, at: context.now() });
  }
  await context.passOver(group.id);
  return done;
}

async function ensureSentinelGroup(context: PassContext): Promise<StepOutcome> {
  context.sentinelGroup ??= await makeGroup(context);
  let group = context.sentinelGroup;
  const isWhole = ({ instance, members }: SentinelGroup): boolean => instance.spec.desiredState === 'RUNNING' && instance.observedGeneration === instance.generation
    && members.filter(({ startedAt }) => startedAt !== null).length === sentinelNames.length;
  if (isWhole(group)) return done;
  await context.passOver(group.instance.id);
  group = await readGroup(context) ?? group;
  context.sentinelGroup = group;
  const why = group.instance.conditions.find(({ type, status }) => type === 'Ready' && status === 'FALSE')?.message;
  return isWhole(group) ? done : wait('SentinelsStart', why === undefined ? 'The organization’s Sentinels are being started.' : `The organization’s Sentinels: ${why}`, 100);
}

export async function readGroup({ ports: { records }, instance: { organizationId } }: Pick<PassContext, 'ports' | 'instance'>): Promise<SentinelGroup | null> {
  const instance = await records.instances.byName(organizationId, sentinelGroupName);
  return instance === undefined ? null : { instance, members: await records.instanceMembers.ofInstances([instance.id]) };
}

/** Of two that make it at once one finds the other's: the name is unique. */
async function makeGroup(context: PassContext): Promise<SentinelGroup> {
  const { ports: { records, secrets }, instance: { organizationId, spec } } = context;
  const id = ids.next();
  const draft = draftInstance({ name: 'sentinels', planId: spec.planId, deletionProtection: false }, [...builtInPlans, context.plan]);
  if (!draft.ok) throw new Error(draft.error.message);
  const secret = (): Uint8Array => Buffer.from(randomBytes(24).toString('base64url'));
  await records.instances.insert({
    id, organizationId, spec: { ...draft.value, name: sentinelGroupName }, createdAt: context.now(), createdById: null,
    passwordSealed: secrets.seal(secret(), sealedAs.password(id)), systemPasswordSealed: secrets.seal(secret(), sealedAs.systemPassword(id)),
  });
  return (await readGroup(context))!;
}

// ── of the group ────────────────────────────────────────────────────────────────────────────────────────────────────────

export async function ensureGroupStorage(context: PassContext): Promise<StepOutcome> {
  for (const name of sentinelNames) {
    const outcome = await ensureMember(context, name);
    if (outcome.outcome !== 'done') return outcome;
  }
  return done;
}

export async function ensureGroupProcesses(context: PassContext): Promise<StepOutcome> {
  const outcomes = await Promise.all(context.members.map((member) => ensureProcess(context, member, { primary: member, follows: null })));
  return outcomes.find(({ outcome }) => outcome !== 'done') ?? done;
}

/** Each looks often, and watches nobody who shall not be watched. */
export async function ensureGroupWatch(context: PassContext): Promise<StepOutcome> {
  const wished = new Set(await context.ports.records.instances.sharingIdsForLoop(context.instance.organizationId));
  for (const sentinel of sentinelsOf(context).sentinels) {
    const member = context.members.find(({ id }) => id === sentinel.memberId)!;
    if (member.threads === null) {
      const tuned = await tell(context, sentinel, [['SENTINEL', 'DEBUG', ...quickTimings]]);
      if (tuned.outcome === 'wait') return tuned;
      await context.writeMember(member, { threads: 1 });
    }
    const watched = await context.ports.link.command(sentinel.address, ['SENTINEL', 'MASTERS']);
    if (!watched.ok) return outcomeOf(watched.error, 'SENTINEL MASTERS');
    for (const name of namesOf(watched.value)) if (!wished.has(name)) await forget(context, sentinel, name);
  }
  return done;
}

function namesOf(rows: unknown): string[] {
  return Array.isArray(rows) ? (rows as unknown[]).flatMap((row) => (Array.isArray(row) ? [String((row as unknown[])[row.indexOf('name') + 1])] : [])) : [];
}

async function forget(context: PassContext, { address }: Pick<SentinelDoor, 'address'>, name: string): Promise<void> {
  await context.ports.link.command(address, ['SENTINEL', 'REMOVE', name]);
  await context.ports.link.command(address, ['ACL', 'DELUSER', name]);
  await context.ports.link.command(address, ['SENTINEL', 'FLUSHCONFIG']);
}

async function tell(context: PassContext, { address }: Pick<SentinelDoor, 'address'>, commands: readonly (readonly string[])[]): Promise<Outcome> {
  for (const words of commands) {
    const answer = await context.ports.link.command(address, words);
    if (!answer.ok) return outcomeOf(answer.error, words.slice(0, 2).join(' '));
  }
  return done;
}
