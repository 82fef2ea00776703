// What a store that was started alone needs to be one of several, given while it runs; and taken back when it stands alone again. The same rows
// that a start gets (member-directives.ts).
import { replicationUsername, sentinelUsername, tenantUsername, writeGuardSetting, type InstanceMemberRow, type Outcome } from '@larder/plane-domain';
import { done, outcomeOf, systemAddress, systemPassword, type PassContext } from '../pass-context';
import { memberHost, storeDirectives } from './member-directives';

/**
 * Whoever has `masteruser` has all of it: it is set last, and taken back first. Whoever has `replica-announce-ip` may have some of it: that goes last.
 */
export async function equip(context: PassContext, store: InstanceMemberRow): Promise<Outcome> {
  const directives = storeDirectives(systemPassword(context), memberHost(context.settings), null);
  const settings = Object.fromEntries(directives.filter(([name]) => name !== 'user').map(([name, value]) => [name, value!]));
  const users = directives.filter(([name]) => name === 'user').map(([, ...rule]) => ['ACL', 'SETUSER', ...rule]);
  const dressed = await has(context, store, 'masteruser');
  if (typeof dressed !== 'boolean') return dressed;
  if (dressed) return done;
  // The tenant first: `masterauth` is none of theirs.
  const told = await tell(context, store, [['ACL', 'SETUSER', tenantUsername, '-config|get'], ...users]);
  if (told.outcome !== 'done') return told;
  const set = await context.ports.link.configSet(systemAddress(context, store), settings);
  return set.ok ? done : outcomeOf(set.error, 'CONFIG SET');
}

export async function unequip(context: PassContext, store: InstanceMemberRow): Promise<Outcome> {
  const { link } = context.ports;
  const address = systemAddress(context, store);
  const dressed = await has(context, store, 'replica-announce-ip');
  if (typeof dressed !== 'boolean') return dressed;
  if (!dressed) return done;
  const cleared = await link.configSet(address, { masteruser: '', masterauth: '', [writeGuardSetting]: '0' });
  if (!cleared.ok) return outcomeOf(cleared.error, 'CONFIG SET');
  const told = await tell(context, store, [['ACL', 'DELUSER', replicationUsername, sentinelUsername], ['ACL', 'SETUSER', tenantUsername, '+config|get']]);
  if (told.outcome !== 'done') return told;
  const last = await link.configSet(address, { 'replica-announce-ip': '' });
  return last.ok ? done : outcomeOf(last.error, 'CONFIG SET');
}

async function has(context: PassContext, store: InstanceMemberRow, setting: string): Promise<boolean | Outcome> {
  const found = await context.ports.link.configGet(systemAddress(context, store), [setting]);
  return found.ok ? (found.value[setting] ?? '') !== '' : outcomeOf(found.error, 'CONFIG GET');
}

async function tell(context: PassContext, store: InstanceMemberRow, commands: readonly (readonly string[])[]): Promise<Outcome> {
  for (const words of commands) {
    const answer = await context.ports.link.command(systemAddress(context, store), words);
    if (!answer.ok) return outcomeOf(answer.error, words.slice(0, 2).join(' '));
  }
  return done;
}
