// From several stores back to the one that holds the truth: the primary. It takes the port that clients know from the proxy; the others go.
//
//   a whole group with a primary -> Sentinels go -> the proxy goes, the primary listens on its port -> the others go -> nothing reminds of them
//
// Invariants
// - As long as Sentinels are there it is theirs who is primary, and the group heals as ever. They go in a moment in which they agree and the
//   stores do too; where they turn out to have been choosing just then, they come back and finish.
// - After that nobody but a person changes who is primary, and writes go on until the proxy lets go of the port: the one short moment in which
//   connections end. What was acknowledged before is in the store that stays.
import { isSentinelGroup, isStore, memberKindOf, wishedMembersOf, type InstanceMemberRow } from '@larder/plane-domain';
import { done, refOf, systemAddress, wait, type PassContext, type StepOutcome } from '../pass-context';
import type { Start } from '../steps/processes';
import { removeMember } from '../steps/retire';
import { ensureGroup } from './ensure-group';
import { unequip } from './equip';
import { look } from './look';
import { memberHost } from './member-directives';
import { finishMove, gateOf, isWatched, swapPorts } from './port-move';
import { setGuard } from './write-guard';

type Ensure = (member: InstanceMemberRow, how?: Start) => Promise<StepOutcome>;

/** What is cut off has been answered or is unacknowledged; nobody waits for more. */
const retireGraceMs = 3000;

const neverStarted = {
  identity: null, runId: null, startedAt: null, exitedAt: null, exitReason: null, crashes: 0, notBefore: null, threads: null, credentialVersion: 0, restartNonce: 0,
} as const;

export async function fold(context: PassContext, ensure: Ensure): Promise<StepOutcome> {
  const named = (name: string): InstanceMemberRow => context.members.find((member) => member.name === name)!;
  const unwatched = isWatched(context) ? await endWatch(context, ensure) : done;
  if (unwatched.outcome !== 'done') return unwatched;
  for (const member of context.members.filter(({ name }) => memberKindOf(name) === 'SENTINEL')) {
    if (member.directory === '') continue;
    // One may run whose row does not know yet; alone it decides nothing. Their ports stay: where the way back is called off, the proxies that
    // know them find others there.
    await context.ports.provisioner.retireProcess(refOf(member), member.identity, retireGraceMs);
    await context.ports.provisioner.retireStorage(refOf(member));
    await context.writeMember(member, { ...neverStarted, directory: '' });
  }

  const [name] = wishedMembersOf(context.instance.spec, context.members.map((member) => member.name), context.availability);
  const moved = await takePort(context, () => named(name!));
  if (moved.outcome !== 'done') return moved;
  const serving = await ensure(named(name!));
  if (serving.outcome !== 'done') return serving;
  const others = context.members.filter((member) => member.name !== name);
  await Promise.all(others.map((member) => context.ports.provisioner.retireProcess(refOf(member), member.identity, retireGraceMs)));
  const plain = await unequip(context, named(name!));
  if (plain.outcome !== 'done') return plain;
  for (const member of others) {
    await context.event('NORMAL', 'Retired', `Member ${member.name} is no longer needed.`);
    await removeMember(context, member);
  }
  context.availability = null;
  return done;
}

async function endWatch(context: PassContext, ensure: Ensure): Promise<StepOutcome> {
  const { provisioner, link } = context.ports;
  const whole = await ensureGroup(context, ensure, context.members.map(({ name }) => name));
  if (whole.outcome !== 'done') return whole;
  const { roles } = await look(context);
  if (roles.isFailingOver || !roles.isPrimaryUp) return wait('FailingOver', 'The Sentinels are choosing a primary.', 200);
  for (const { name, port } of roles.followers) {
    await link.command(systemAddress(context, context.members.find((member) => member.name === name)!), ['REPLICAOF', memberHost(context.settings), String(port)]);
  }
  if (roles.followers.length > 0) return wait('Following', 'Stores that follow somebody else are brought back first.', 100);
  const sentinels = context.members.filter((member) => memberKindOf(member.name) === 'SENTINEL');
  await Promise.all(sentinels.map((member) => provisioner.retireProcess(refOf(member), member.identity, retireGraceMs)));
  const after = await look(context);
  const doAgree = after.stores.every(({ name, role }) => (name === roles.primary ? role === 'PRIMARY' : role !== 'PRIMARY'));
  return doAgree ? done : wait('FailingOver', 'The Sentinels were choosing a primary; they go on.', 0);
}

/** From the proxy, which goes. */
async function takePort(context: PassContext, store: () => InstanceMemberRow): Promise<StepOutcome> {
  const gate = gateOf(context);
  if (gate === undefined) return done;
  // (Before it is left alone. One that does not run has it from its file.)
  if (store().startedAt !== null) await setGuard(context, store(), 0);
  const { endpoint } = context.instance;
  if (endpoint !== null && gate.port === endpoint.port) {
    await context.event('NORMAL', 'PortMoves', `Port ${endpoint.port} goes from the proxy to store ${store().name}.`);
    await swapPorts(context, gate, store(), endpoint.port);
  }
  await context.ports.provisioner.retireProcess(refOf(gate), gate.identity, retireGraceMs);
  return finishMove(context, store());
}

/** Stores and others beside the one that is wished. */
export function isFolding({ instance, members }: PassContext): boolean {
  return instance.spec.topology === 'STANDALONE' && !isSentinelGroup(instance.spec) && (members.length > 1 || members.some((member) => !isStore(member)));
}
