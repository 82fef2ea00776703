// The settings of the running store, compared with the wish and changed live.
import { guardWrites } from '../high-availability/write-guard';
import { decideChanges, decideLiveSettings } from '../decide-directives';
import { done, failed, outcomeOf, servingStores, systemAddress, type PassContext, type StepOutcome } from '../pass-context';

export async function ensureSettings(context: PassContext): Promise<StepOutcome> {
  const { ports: { link }, instance, plan } = context;
  const guarded = instance.spec.topology === 'HA' ? await guardWrites(context, false) : done;
  if (guarded.outcome !== 'done') return guarded;
  const wished = decideLiveSettings(instance.spec, plan);
  for (const member of servingStores(context)) {
    const address = systemAddress(context, member);
    const found = await link.configGet(address, Object.keys(wished));
    if (!found.ok) return outcomeOf(found.error, 'CONFIG GET');
    const changes = decideChanges(wished, found.value);
    if (Object.keys(changes).length === 0) continue;
    const changed = await link.configSet(address, changes);
    if (!changed.ok) {
      return changed.error.fault === 'reply'
        ? failed('SettingRefused', `The store refuses a setting: ${changed.error.message}`) : outcomeOf(changed.error, 'CONFIG SET');
    }
    await context.event('NORMAL', 'SettingsApplied', `Applied ${Object.keys(changes).sort().join(', ')}.`);
  }
  return done;
}
