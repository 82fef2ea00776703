import type { Role } from '@/data/generated/graphql';

export const roleWords: Readonly<Record<Role, string>> = { OWNER: 'Owner', ADMIN: 'Admin', DEVELOPER: 'Developer', VIEWER: 'Viewer' };
export const roleChoices = (Object.keys(roleWords) as Role[]).map((role) => ({ value: role, label: roleWords[role] }));
