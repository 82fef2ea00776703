export const memberKeys = {
  list: (slug: string) => ['members', slug] as const,
  invitations: (slug: string) => ['invitations', slug] as const,
};
