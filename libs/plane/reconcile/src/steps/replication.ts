// Every store but the primary follows it and hears it. Stragglers are brought along; who is primary is not decided here.
import { isStore } from '@larder/plane-domain';
import { secondMs } from '@larder/shared-std';
import { look } from '../high-availability/look';
import { guardWrites } from '../high-availability/write-guard';
import { memberHost } from '../high-availability/member-directives';
import { done, outcomeOf, systemAddress, wait, type PassContext, type StepOutcome } from '../pass-context';

/** How old what is shown of lag and links may become. */
const lookAgainMs = 5 * secondMs;

export async function ensureReplication(context: PassContext): Promise<StepOutcome> {
  if (context.instance.spec.topology !== 'HA') return done;
  const { roles, stores } = await look(context);
  if (roles.isFailingOver) return wait('FailingOver', 'The Sentinels are choosing a primary.', 300);
  for (const { name, port } of roles.followers) {
    const member = context.members.find((each) => each.name === name)!;
    const told = await context.ports.link.command(systemAddress(context, member), ['REPLICAOF', memberHost(context.settings), String(port)]);
    if (!told.ok) return outcomeOf(told.error, 'REPLICAOF');
    await context.event('NORMAL', 'Following', `Store ${name} was told to follow ${roles.primary}.`);
  }
  const trouble = context.members.filter(isStore).map(({ id }) => context.trouble.get(id)).find((outcome) => outcome !== undefined);
  if (trouble !== undefined) return trouble;
  const unlinked = stores.filter(({ name, isLinkUp }) => name !== roles.primary && !isLinkUp).map(({ name }) => name);
  if (unlinked.length > 0 || roles.followers.length > 0) {
    return wait('Synchronizing', `Store ${(unlinked.length > 0 ? unlinked : roles.followers.map(({ name }) => name)).join(', ')} does not hear its primary yet.`, 100);
  }
  const guarded = await guardWrites(context, true);
  if (guarded.outcome !== 'done') return guarded;
  context.lookAgainAt = earlier(context.lookAgainAt, new Date(context.now().getTime() + lookAgainMs));
  return done;
}

function earlier(left: Date | null, right: Date): Date {
  return left !== null && left < right ? left : right;
}
