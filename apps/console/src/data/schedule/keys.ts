export const scheduleKeys = { ofInstance: (id: string) => ['schedules', id] as const };
