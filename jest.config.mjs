// Unit, codec and golden tests: every `*.spec.ts` beside its code. `npx jest libs/store/resp` runs one lib.
import { base, ignored } from './infra/ci/jest-base.mjs';

/** @type {import('jest').Config} */
export default {
  ...base,
  displayName: 'unit',
  testMatch: ['<rootDir>/{apps,libs,infra}/**/*.spec.{ts,tsx}'],
  testPathIgnorePatterns: ignored,
  maxWorkers: 2,
};
