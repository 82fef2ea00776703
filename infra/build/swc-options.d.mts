import type { Options } from '@swc/core';

export declare const swcJest: Record<string, unknown>;
export declare const swcBundle: Options;
