export const instanceKeys = {
  lists: (slug: string) => ['instances', slug] as const,
  list: (slug: string, search: string) => ['instances', slug, search] as const,
  details: (slug: string) => ['instance', slug] as const,
  detail: (slug: string, name: string) => ['instance', slug, name] as const,
  metrics: (id: string, hours: number) => ['instance-metrics', id, hours] as const,
  events: (id: string) => ['instance-events', id] as const,
  eventsOf: (id: string, filter: object) => ['instance-events', id, filter] as const,
};
