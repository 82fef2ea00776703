/** Which server the tests judge: larder-server, or what LARDER_E2E_TARGET names (redis-server, to test the tests). */
import type { StoreKind } from '@larder/shared-testing';

export const targetKind = (process.env['LARDER_E2E_TARGET'] ?? 'larder-server') as StoreKind;
