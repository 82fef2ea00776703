export const backupKeys = {
  all: ['backups'] as const,
  ofInstance: (id: string) => ['backups', 'instance', id] as const,
  ofOrganization: (slug: string) => ['backups', 'organization', slug] as const,
};
