import type { Engine } from '@/data/generated/graphql';

export const engineTitles: Readonly<Record<Engine, string>> = { LARDER: 'Larder', REDIS: 'Redis', VALKEY: 'Valkey' };
