// The first person of an empty installation: made at the first start, with a password that is shown once.
//
// Invariant: what was never shown is drawn anew at the next start (the process may die between making and showing); what was shown is
// never drawn again.
import type { Clock, Ids } from '@larder/shared-std';
import type { UnitOfWork } from '@larder/plane-domain';
import { hashPassword } from './passwords';
import { drawPassword } from './secrets';

export const adminEmail = 'admin@larder.local';
const shownFact = 'first-administrator-shown';

export interface FirstSignIn {
  readonly email: string;
  readonly password: string;
  /** Call when a person can have read it. */
  markShown(): Promise<void>;
}

export async function ensureFirstAdministrator(
  { work, clock, ids }: { readonly work: UnitOfWork; readonly clock: Clock; readonly ids: Ids },
): Promise<FirstSignIn | undefined> {
  if ((await work.records.platformFacts.get(shownFact)) === true) return undefined;
  const password = drawPassword(20);
  const passwordHash = await hashPassword(password);
  const isReady = await work.run(async (records) => {
    const known = await records.users.byEmail(adminEmail);
    if (known !== undefined) {
      await records.users.setPasswordHash(known.id, passwordHash);
      return true;
    }
    if ((await records.users.count()) > 0) return false;
    const createdAt = new Date(clock.now());
    const userId = ids.next();
    const organizationId = ids.next();
    await records.users.insert({ id: userId, email: adminEmail, name: 'Administrator', passwordHash, isPlatformAdmin: true, disabledAt: null, createdAt });
    await records.organizations.insert({ id: organizationId, slug: 'main', name: 'Main', createdAt });
    await records.members.insert({ id: ids.next(), organizationId, userId, role: 'OWNER', createdAt });
    return true;
  });
  if (!isReady) return undefined;
  return { email: adminEmail, password, markShown: () => work.records.platformFacts.set(shownFact, true) };
}
