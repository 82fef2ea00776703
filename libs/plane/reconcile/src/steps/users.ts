// The tenant's passwords: one, or two while a rotation lasts. A process that was started by this wish has them from its file.
import { memberKindOf, tenantUsername } from '@larder/plane-domain';
import { done, outcomeOf, systemAddress, tenantPasswords, type PassContext, type StepOutcome } from '../pass-context';

export async function ensureUsers(context: PassContext): Promise<StepOutcome> {
  const { ports: { link }, instance } = context;
  const until = instance.previousPasswordUntil;
  const isPreviousOver = instance.previousPasswordSealed !== null && (until === null || until <= context.now());
  for (const member of context.members) {
    // A gate has no users: it leads to those who do.
    if (memberKindOf(member.name) === 'GATE' || member.startedAt === null || context.trouble.has(member.id)) continue;
    if (member.credentialVersion >= instance.spec.credentialVersion && !isPreviousOver) continue;
    const answer = await link.setPasswords(systemAddress(context, member), tenantUsername, tenantPasswords(context));
    if (!answer.ok) return outcomeOf(answer.error, 'ACL SETUSER');
    if (member.credentialVersion < instance.spec.credentialVersion) {
      await context.writeMember(member, { credentialVersion: instance.spec.credentialVersion });
      await context.event('NORMAL', 'CredentialsApplied', 'The new password is valid.');
    }
  }
  if (isPreviousOver) {
    context.dropPreviousPassword = true;
    await context.event('NORMAL', 'PreviousPasswordEnded', 'The previous password is no longer valid.');
  } else if (instance.previousPasswordSealed !== null) {
    context.lookAgainAt = until;
  }
  return done;
}
