// End-to-end tests: real processes, real sockets; two files at a time, each with homes and ports of its own.
// `npx jest -c jest.e2e.config.mjs apps/data-plane-e2e`
import { base, ignored } from './infra/ci/jest-base.mjs';

/** @type {import('jest').Config} */
export default {
  ...base,
  displayName: 'e2e',
  testMatch: ['<rootDir>/apps/*-e2e/**/*.e2e.ts'],
  testPathIgnorePatterns: ignored,
  testTimeout: 60_000,
  maxWorkers: 2,
};
