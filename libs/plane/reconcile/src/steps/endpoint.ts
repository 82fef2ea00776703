// What clients are given: published once a tenant's own PING went through.
import { isStore } from '@larder/plane-domain';
import { isStillDirect } from '../high-availability/port-move';
import { done, failed, outcomeOf, servingStores, tenantAddress, wait, type PassContext, type StepOutcome } from '../pass-context';

export async function ensureEndpoint(context: PassContext): Promise<StepOutcome> {
  const { ports: { link }, settings, instance } = context;
  const isBehindGate = instance.spec.topology === 'HA' && !isStillDirect(context);
  const member = context.members.find((each) => (isBehindGate ? each.name === 'gate' : isStore(each) && each.name === (context.availability?.primary ?? each.name)))!;
  const trouble = context.trouble.get(member.id);
  if (trouble !== undefined) return trouble;
  const isKnownGood = !context.isFresh && instance.endpoint !== null && instance.observedGeneration === instance.generation;
  if (!isKnownGood) {
    const answer = await link.ping(tenantAddress(context, member));
    if (!answer.ok && answer.error.fault === 'auth') {
      for (const each of servingStores(context)) await context.writeMember(each, { credentialVersion: 0 }); // the next pass makes them valid again
      return failed('AuthRefused', 'The store refuses the password that its clients have.');
    }
    // A gate that has just begun asks the Sentinels first.
    if (!answer.ok && answer.error.fault === 'refused' && isBehindGate) return wait('NotAnswering', 'The endpoint does not lead to the primary yet.', 50);
    if (!answer.ok) return outcomeOf(answer.error, 'PING');
  }
  context.endpoint = { host: settings.publicHost, port: member.port };
  return done;
}
