export const viewerKeys = { all: ['viewer'] as const };
