// What clients are given: published once a tenant's own PING went through.
import { done, failed, outcomeOf, tenantAddress, type PassContext, type StepOutcome } from '../pass-context';

export async function ensureEndpoint(context: PassContext): Promise<StepOutcome> {
  const { ports: { link }, settings, instance } = context;
  const member = context.members[0]!;
  const isKnownGood = !context.isFresh && instance.endpoint !== null && instance.observedGeneration === instance.generation;
  if (!isKnownGood) {
    const answer = await link.ping(tenantAddress(context, member));
    if (!answer.ok && answer.error.fault === 'auth') {
      await context.writeMember(member, { credentialVersion: 0 }); // the next pass makes them valid again
      return failed('AuthRefused', 'The store refuses the password that its clients have.');
    }
    if (!answer.ok) return outcomeOf(answer.error, 'PING');
  }
  context.endpoint = { host: settings.publicHost, port: member.port };
  return done;
}
