export const archiveKeys = {
  ofInstance: (id: string) => ['archive', id] as const,
  point: (id: string, toTime: string) => ['archive', id, 'point', toTime] as const,
};
