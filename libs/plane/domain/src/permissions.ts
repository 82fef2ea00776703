// Who may do what. A person acts with the rights of a role in one organisation; an API token acts with its scopes in its own
// organisation. Both end in the same list of actions, so a resolver asks one question.
//
// Invariants: each role has everything that the role below it has; a token never manages members, tokens or the organisation, so a
// leaked one cannot make itself another.

export const roles = ['VIEWER', 'DEVELOPER', 'ADMIN', 'OWNER'] as const;
export type Role = (typeof roles)[number];

/** The lowest role that may do each thing: the one table. */
const lowestRole = {
  'organization.read': 'VIEWER',
  'instance.read': 'VIEWER',
  'backup.read': 'VIEWER',
  'operation.read': 'VIEWER',
  'instance.create': 'DEVELOPER',
  'instance.update': 'DEVELOPER',
  'instance.restart': 'DEVELOPER',
  'instance.rotate-credentials': 'DEVELOPER',
  'instance.hand-over': 'DEVELOPER',
  'operation.cancel': 'DEVELOPER',
  'backup.create': 'DEVELOPER',
  'backup.restore': 'DEVELOPER',
  'backup.download': 'DEVELOPER',
  'backup.import': 'DEVELOPER',
  'schedule.write': 'DEVELOPER',
  'instance.delete': 'ADMIN',
  'backup.delete': 'ADMIN',
  'audit.read': 'ADMIN',
  'member.read': 'VIEWER',
  'member.write': 'ADMIN',
  'token.read': 'ADMIN',
  'token.write': 'ADMIN',
  'organization.update': 'ADMIN',
  'organization.delete': 'OWNER',
  'owner.write': 'OWNER',
} as const satisfies Record<string, Role>;

export type Action = keyof typeof lowestRole;
export const actions = Object.keys(lowestRole) as readonly Action[];

export function can(role: Role, action: Action): boolean {
  return roles.indexOf(role) >= roles.indexOf(lowestRole[action]);
}

/** Only an owner makes, unmakes or removes an owner; everyone else needs member.write. */
export function canSetRole(acting: Role, from: Role | undefined, to: Role | undefined): boolean {
  return can(acting, from === 'OWNER' || to === 'OWNER' ? 'owner.write' : 'member.write');
}

export const tokenScopes = ['READ', 'INSTANCES_WRITE', 'INSTANCES_DELETE', 'BACKUPS_WRITE', 'BACKUPS_DELETE', 'AUDIT_READ'] as const;
export type TokenScope = (typeof tokenScopes)[number];

const scopeActions: Readonly<Record<TokenScope, readonly Action[]>> = {
  READ: ['organization.read', 'instance.read', 'backup.read', 'operation.read', 'member.read'],
  INSTANCES_WRITE: ['instance.create', 'instance.update', 'instance.restart', 'instance.rotate-credentials', 'instance.hand-over', 'operation.cancel'],
  INSTANCES_DELETE: ['instance.delete'],
  BACKUPS_WRITE: ['backup.create', 'backup.restore', 'backup.download', 'backup.import', 'schedule.write'],
  BACKUPS_DELETE: ['backup.delete'],
  AUDIT_READ: ['audit.read'],
};

/** Every token may read: what it made it must be able to see. */
export function tokenCan(scopes: readonly TokenScope[], action: Action): boolean {
  return scopeActions.READ.includes(action) || scopes.some((scope) => scopeActions[scope].includes(action));
}
