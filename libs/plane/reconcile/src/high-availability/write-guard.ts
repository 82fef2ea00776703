// min-replicas-to-write: a primary that is cut off from its replicas stops taking writes by itself.
//
// Invariants
// - Raised only once every replica hears the primary: a group that comes up, grows or synchronizes takes writes meanwhile.
// - Lowered only because the wish says so, and before replicas go; never because replicas are missing, which is what it is there for.
import { decideWriteGuard, writeGuardLagSeconds, writeGuardSetting, type InstanceMemberRow, type Outcome } from '@larder/plane-domain';
import { done, outcomeOf, servingStores, systemAddress, type PassContext } from '../pass-context';

export async function guardWrites(context: PassContext, mayRaise: boolean): Promise<Outcome> {
  const wished = decideWriteGuard(context.instance.spec);
  for (const member of servingStores(context)) {
    const outcome = await setGuard(context, member, wished, mayRaise);
    if (outcome.outcome !== 'done') return outcome;
  }
  return done;
}

/** `mayRaise` false: only down to it. */
export async function setGuard(context: PassContext, member: InstanceMemberRow, wished: number, mayRaise = false): Promise<Outcome> {
  const { link } = context.ports;
  const address = systemAddress(context, member);
  const found = await link.configGet(address, [writeGuardSetting]);
  if (!found.ok) return outcomeOf(found.error, 'CONFIG GET');
  const is = Number(found.value[writeGuardSetting] ?? 0);
  if (is === wished || (is < wished && !mayRaise)) return done;
  const set = await link.configSet(address, { 'min-replicas-max-lag': String(writeGuardLagSeconds), [writeGuardSetting]: String(wished) });
  return set.ok ? done : outcomeOf(set.error, 'CONFIG SET');
}
