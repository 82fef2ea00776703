// From one store to several while it serves, without a lost write and without a cut connection.
//
//   noted who holds the data -> replicas synchronize with it -> the proxy takes the port, the store goes on beside it -> Sentinels watch
//   (storage)                   (processes, replication)        (front)                                                 (front, sentinels)
//
// Invariants
// - The store that served alone is the primary throughout. Until a Sentinel watches it is started again as what it was.
// - Sentinels begin when every replica is in sync and the primary listens where it will stay: they never see it move.
// - Until the port moves clients notice nothing, whatever becomes of the rest.
import { memberKindOf, isStore, wishedMembersOf, sentinelUsername, type InstanceMemberRow } from '@larder/plane-domain';
import { delay } from '@larder/shared-std';
import { done, systemAddress, systemPassword, wait, type PassContext, type StepOutcome } from '../pass-context';
import type { Start } from '../steps/processes';
import { equip } from './equip';
import { innerPassword, memberHost } from './member-directives';
import { finishMove, gateOf, swapPorts } from './port-move';

type Ensure = (member: InstanceMemberRow, how: Start) => Promise<StepOutcome>;

/** A proxy has begun to wait for its port by then; should it be slower, new connections are refused for so much longer. */
const gateBeginsMs = 400;
const throughRoundsMax = 40;
const throughPauseMs = 10;

/** As the step `processes`: the one that serves, then those who follow it, and the proxies. */
export async function spread(context: PassContext, ensure: Ensure): Promise<StepOutcome> {
  const wished = wishedMembersOf(context.instance.spec, context.members.map(({ name }) => name), context.availability);
  const named = (name: string): InstanceMemberRow => context.members.find((member) => member.name === name)!;
  const name = context.availability!.primary;
  const moved = await finishMove(context, named(name));
  if (moved.outcome !== 'done') return moved;
  const serving = await ensure(named(name), { primary: named(name), follows: null });
  if (serving.outcome !== 'done') return serving;
  const equipped = await equip(context, named(name));
  if (equipped.outcome !== 'done') return equipped;
  const primary = named(name);
  const others = wished.filter((each) => each !== name && memberKindOf(each) !== 'SENTINEL');
  await Promise.all(others.map(async (each) => {
    const follows = isStore({ name: each }) ? { host: memberHost(context.settings), port: primary.port } : null;
    const outcome = await ensure(named(each), { primary, follows });
    if (outcome.outcome === 'done') context.trouble.delete(named(each).id);
    else context.trouble.set(named(each).id, outcome);
  }));
  return done;
}

/** The proxy takes the port that clients know. Only once every replica is in sync. */
export async function putInFront(context: PassContext): Promise<StepOutcome> {
  const { instance: { endpoint }, ports: { clock, link } } = context;
  const named = (name: string): InstanceMemberRow => context.members.find((member) => member.name === name)!;
  const gate = gateOf(context)!;
  const trouble = context.trouble.get(gate.id);
  if (trouble !== undefined) return trouble;
  const { primary } = context.availability!;
  if (gate.port !== endpoint!.port) {
    const leftMs = (gate.startedAt?.getTime() ?? context.now().getTime()) + gateBeginsMs - context.now().getTime();
    if (leftMs > 0) return wait('GateBegins', 'The proxy is being started.', leftMs);
    await context.event('NORMAL', 'PortMoves', `Port ${endpoint!.port} goes from store ${primary} to the proxy; who is connected stays connected.`);
    await swapPorts(context, named(primary), gate, endpoint!.port);
  }
  const moved = await finishMove(context, named(primary));
  if (moved.outcome !== 'done') return moved;
  // As a user whose connections are new ones: the others still lead to the store itself.
  const through = { ...systemAddress(context, named('gate')), username: sentinelUsername, password: innerPassword(systemPassword(context), sentinelUsername) };
  let answer = await link.ping(through);
  for (let round = 0; round < throughRoundsMax && !answer.ok; round += 1) {
    await delay(clock, throughPauseMs);
    answer = await link.ping(through);
  }
  return answer.ok ? done : wait('NotAnswering', 'The proxy does not lead to the primary yet.', 50);
}
