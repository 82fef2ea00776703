// The port that clients know goes from the store to the proxy before it, and back. Nobody restarts for it and no connection is cut: the store
// listens elsewhere (CONFIG SET port keeps who is connected), and the proxy, which waits for the port, takes it a moment later.
//
//   alone      store P   gate N (waits for P)
//   noted      store N   gate P          in the rows: they have swapped
//   done       the same in the world
//
// Invariants
// - The rows are changed first: they say what shall be. A pass that finds a store at another port than its row says moves it on; a store that
//   is started anew starts where its row says.
// - A store is known by its process, not by its port: where it has left, the proxy answers with it.
import { memberKindOf, type InstanceMemberRow, type StoreAddress } from '@larder/plane-domain';
import { done, outcomeOf, systemAddress, wait, type PassContext, type StepOutcome } from '../pass-context';

export function gateOf({ members }: PassContext): InstanceMemberRow | undefined {
  return members.find(({ name }) => name === 'gate');
}

/** Clients connect to the store itself although there shall be a proxy. */
export function isStillDirect({ instance, members }: PassContext): boolean {
  const gate = members.find(({ name }) => name === 'gate');
  return instance.endpoint !== null && gate !== undefined && gate.port !== instance.endpoint.port;
}

/** Sentinels watch it, or have: whoever is primary then is theirs to say. */
export function isWatched({ members, instance: { spec } }: PassContext): boolean {
  // (With Sentinels of the organization it never stood alone: its topology stays as it was made.)
  return spec.sentinels === 'ORGANIZATION' || members.some(({ name, startedAt }) => memberKindOf(name) === 'SENTINEL' && startedAt !== null);
}

/** It has served alone, and is on its way to several stores. (One that shares Sentinels is made with them.) */
export function isSpreading(context: PassContext): boolean {
  return context.instance.spec.topology === 'HA' && context.instance.spec.sentinels === 'DEDICATED' && context.instance.endpoint !== null && !isWatched(context);
}

/** In the rows. Nothing where it has been done. */
export async function swapPorts(context: PassContext, holder: InstanceMemberRow, next: InstanceMemberRow, port: number): Promise<void> {
  if (holder.port !== port) return;
  await context.ports.records.instanceMembers.swapPorts(holder.id, next.id, port, context.fence, context.now());
  const ports = new Map([[holder.id, next.port], [next.id, port]]);
  context.members = context.members.map((member) => ({ ...member, port: ports.get(member.id) ?? member.port }));
}

/** In the world: the store listens where its row says. */
export async function finishMove(context: PassContext, store: InstanceMemberRow): Promise<StepOutcome> {
  const { link } = context.ports;
  const gate = gateOf(context);
  if (gate === undefined || store.identity === null) return done;
  const isItself = async (at: StoreAddress): Promise<boolean> => {
    const answer = await link.info(at);
    return answer.ok && Number(answer.value.fields.get('process_id')) === store.identity!.pid;
  };
  const here = systemAddress(context, store);
  if (await isItself(here)) return closeOldDoor(context, here, gate.port);
  const there = { ...here, port: gate.port };
  // It does not run, or does not answer: the step `processes` says so.
  if (!(await isItself(there))) return done;
  const moved = await link.configSet(there, { port: String(store.port) });
  if (moved.ok || await isItself(here)) return closeOldDoor(context, here, gate.port);
  return moved.error.fault === 'reply' ? wait('PortHeld', `The store cannot listen on port ${store.port} yet: ${moved.error.message}`, 50) : outcomeOf(moved.error, 'CONFIG SET port');
}

/**
 * Connections outlive the move, ours and those of other workers too: once somebody else has the old port, what is meant for them would reach this
 * store. Tenants keep theirs.
 */
async function closeOldDoor(context: PassContext, here: StoreAddress, oldPort: number): Promise<StepOutcome> {
  const closed = await context.ports.link.command(here, ['CLIENT', 'KILL', 'LADDR', `${here.host}:${oldPort}`, 'USER', here.username]);
  return closed.ok ? done : outcomeOf(closed.error, 'CLIENT KILL');
}
