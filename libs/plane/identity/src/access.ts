// Who is asking, and what follows from it. Pure: the caller has read the role.
import { can, tokenCan, type Action, type ApiTokenRow, type Role, type UserRow } from '@larder/plane-domain';

export type Viewer =
  | { readonly kind: 'user'; readonly user: UserRow; readonly sessionId: string }
  | { readonly kind: 'token'; readonly token: ApiTokenRow };

export type Access = 'allowed' | 'forbidden' | 'not-found';

/** A foreign organisation does not exist for the viewer; inside one's own, too low a role or too narrow a scope is forbidden. */
export function decideAccess(viewer: Viewer, organizationId: string, role: Role | undefined, action: Action): Access {
  if (viewer.kind === 'token') {
    if (viewer.token.organizationId !== organizationId) return 'not-found';
    return tokenCan(viewer.token.scopes, action) ? 'allowed' : 'forbidden';
  }
  if (role === undefined) return 'not-found';
  return can(role, action) ? 'allowed' : 'forbidden';
}

export function actorOf(viewer: Viewer): string {
  return viewer.kind === 'user' ? `user:${viewer.user.id}` : `token:${viewer.token.id}`;
}

export function actorNameOf(viewer: Viewer): string {
  return viewer.kind === 'user' ? viewer.user.email : `token ${viewer.token.name}`;
}
