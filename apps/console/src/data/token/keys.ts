export const tokenKeys = { list: (slug: string) => ['api-tokens', slug] as const };
