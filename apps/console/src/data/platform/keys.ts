export const platformKeys = {
  about: ['about'] as const,
  plans: ['plans'] as const,
  preview: (cron: string, timeZone: string) => ['schedule-preview', cron, timeZone] as const,
};
