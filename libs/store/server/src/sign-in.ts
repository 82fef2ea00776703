/**
 * Who a session is, and what that leaves open to it: two conditions of the session, so that a command of a user without limits
 * asks nothing more.
 *
 *   NEEDS_AUTH   it has to sign in first
 *   RESTRICTED   its user may not do everything: `permissions.ts` looks at each command
 */
import type { Session } from '@larder/store-dispatch';
import { NEEDS_AUTH, RESTRICTED } from '@larder/store-dispatch';
import { Acl } from './acl';
import type { StoreServer } from './store-server';

export class SignIn {
  private readonly server: StoreServer;

  constructor(server: StoreServer) {
    this.server = server;
  }

  /** True when the default user needs no password. */
  isOpenToAll(): boolean {
    return this.server.acl.get('default')!.nopass;
  }

  /** Back to where a fresh connection is. */
  leave(session: Session): void {
    const open = this.server.acl.get('default')!;
    session.user = 'default';
    session.conditions &= ~(NEEDS_AUTH | RESTRICTED);
    if (!open.nopass || !open.enabled) session.conditions |= NEEDS_AUTH;
    else if (!Acl.isUnlimited(open)) session.conditions |= RESTRICTED;
  }

  enter(session: Session, name: string): void {
    session.user = name;
    session.conditions &= ~(NEEDS_AUTH | RESTRICTED);
    if (!Acl.isUnlimited(this.server.acl.get(name)!)) session.conditions |= RESTRICTED;
  }

  /** Rules of users changed: sessions that are signed in feel it at once. */
  usersChanged(): void {
    const { acl, connections } = this.server;
    for (const session of connections.values()) {
      const user = acl.get(session.user);
      if ((session.conditions & NEEDS_AUTH) !== 0) {
        // Who is in already stays in when a password is set; who waits outside comes in when it is taken away.
        if (this.isOpenToAll() && acl.get('default')!.enabled) this.leave(session);
        continue;
      }
      if (user === undefined) continue;
      if (Acl.isUnlimited(user)) session.conditions &= ~RESTRICTED;
      else session.conditions |= RESTRICTED;
    }
  }
}
