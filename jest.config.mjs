// Unit, codec and golden tests: every `*.spec.ts` beside its code. `npx jest libs/store/resp` runs one lib.
import { base, ignored } from './infra/ci/jest-base.mjs';

/** @type {import('jest').Config} */
export default {
  ...base,
  displayName: 'unit',
  testMatch: ['<rootDir>/{apps,libs,infra}/**/*.spec.{ts,tsx}'],
  testPathIgnorePatterns: ignored,
  // Real servers beside tests on two cores: a slow machine is no failure.
  testTimeout: 30_000,
  maxWorkers: 2,
};
