export const operationKeys = { ofInstance: (id: string) => ['operations', id] as const };
