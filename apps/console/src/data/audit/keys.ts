export const auditKeys = { list: (slug: string, action: string) => ['audit', slug, action] as const };
