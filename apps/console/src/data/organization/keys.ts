export const organizationKeys = {
  detail: (slug: string) => ['organization', slug] as const,
  quotas: (slug: string) => ['organization', slug, 'quotas'] as const,
};
