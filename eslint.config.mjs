/**
 * The fences of the house, as lint rules.
 *
 * 1. Direction: scopes `shared <- contract <- {store | plane | console}`, layers `base <- core <- room <- shell <- app`.
 *    Every project carries one tag of each kind (package.json, "nx.tags"); rooms never import rooms.
 * 2. Decisions are pure: below the store's shell nothing touches a socket, file, clock, timer or random of its own.
 * 3. End-to-end tests import no product code: what they know, they know from the outside.
 *
 * Style beyond that is left to people: few rules, all of them catching mistakes.
 */
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// Without a project graph the boundary rule skips itself with a warning and every fence is open, so the graph is made here,
// in this process, before the first file is linted.
process.env.NX_DAEMON ??= 'false';
process.env.NX_ISOLATE_PLUGINS ??= 'false';
await createProjectGraphAsync({ exitOnError: false });

const scopes = [
  { sourceTag: 'scope:shared', onlyDependOnLibsWithTags: ['scope:shared'] },
  { sourceTag: 'scope:contract', onlyDependOnLibsWithTags: ['scope:shared', 'scope:contract'] },
  { sourceTag: 'scope:store', onlyDependOnLibsWithTags: ['scope:shared', 'scope:contract', 'scope:store'] },
  { sourceTag: 'scope:plane', onlyDependOnLibsWithTags: ['scope:shared', 'scope:contract', 'scope:plane'] },
  // The console knows the schema file alone, so not even the contract.
  { sourceTag: 'scope:console', onlyDependOnLibsWithTags: ['scope:shared', 'scope:console'] },
];

const layers = [
  { sourceTag: 'layer:base', onlyDependOnLibsWithTags: ['layer:base'] },
  { sourceTag: 'layer:core', onlyDependOnLibsWithTags: ['layer:base', 'layer:core'] },
  { sourceTag: 'layer:room', onlyDependOnLibsWithTags: ['layer:base', 'layer:core'] },
  { sourceTag: 'layer:shell', onlyDependOnLibsWithTags: ['layer:base', 'layer:core', 'layer:room', 'layer:shell'] },
  { sourceTag: 'layer:app', onlyDependOnLibsWithTags: ['layer:base', 'layer:core', 'layer:room', 'layer:shell'] },
];

/** The hands that the store's rooms must be handed. `why` is what the author reads. */
const why = 'Below the shell the store decides, it does not act: take it from @larder/shared-std or a port.';
const hands = ['net', 'fs', 'fs/promises', 'tls', 'child_process', 'timers', 'timers/promises', 'dgram', 'http', 'https', 'http2', 'cluster'];

const libsOfProduct = ['@larder/*', '!@larder/shared-std', '!@larder/shared-testing'];

export default tseslint.config(
  {
    ignores: [
      '**/dist/', '**/node_modules/', '**/.next/', '**/.nx/', '**/.larder/', '**/coverage/',
      '**/generated/', '**/*.d.ts', 'apps/terraform-provider/',
    ],
  },
  {
    files: ['**/*.{ts,tsx,mjs,cjs}'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { warnOnUnsupportedTypeScriptVersion: false } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'off',
      // Hot paths index typed arrays within bounds that they have just checked.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-object-type': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-console': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'No enums: Node runs our scripts by stripping types. Use a union or an object `as const`.' },
        { selector: 'TSModuleDeclaration[kind="namespace"]', message: 'No namespaces: a file is a namespace.' },
        { selector: 'TSParameterProperty', message: 'No parameter properties: declare the field, so that a class shows its state in one place.' },
        {
          selector: 'MemberExpression[object.name=/^(describe|it|test)$/][property.name="only"]',
          message: 'A focused test hides all the others.',
        },
      ],
    },
  },
  {
    // Nest hands collaborators to the constructor; there the short form is the framework's idiom.
    files: ['libs/plane/**/*.ts', 'apps/control-plane/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'MemberExpression[object.name=/^(describe|it|test)$/][property.name="only"]', message: 'A focused test hides all the others.' },
      ],
    },
  },
  {
    files: ['apps/**/*.{ts,tsx}', 'libs/**/*.{ts,tsx}'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          banTransitiveDependencies: false,
          allowCircularSelfDependency: false,
          allow: [],
          depConstraints: [...scopes, ...layers],
        },
      ],
    },
  },
  {
    files: ['libs/store/**/*.ts'],
    ignores: ['libs/store/server/**', 'libs/store/**/*.spec.ts', 'libs/store/**/*.bench.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: hands.flatMap((name) => [{ name, message: why }, { name: `node:${name}`, message: why }]) }],
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'fetch', 'performance'].map((name) => ({ name, message: why })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: why },
        { object: 'performance', property: 'now', message: why },
        { object: 'Math', property: 'random', message: why },
        { object: 'process', property: 'hrtime', message: why },
        { object: 'globalThis', property: 'setTimeout', message: why },
        { object: 'globalThis', property: 'setInterval', message: why },
        { object: 'globalThis', property: 'setImmediate', message: why },
      ],
    },
  },
  {
    // Tests below the shell may read golden files, but not sleep: they step the clock.
    files: ['libs/store/**/*.spec.ts'],
    ignores: ['libs/store/server/**'],
    rules: {
      'no-restricted-globals': ['error', ...['setTimeout', 'setInterval'].map((name) => ({ name, message: 'Tests step the clock (@larder/shared-std/testing); they do not sleep.' }))],
    },
  },
  {
    // Only the records room knows the Prisma client: everything else speaks to its repositories.
    files: ['apps/**/*.{ts,tsx}', 'libs/**/*.{ts,tsx}'],
    ignores: ['libs/plane/records/**', 'libs/store/**', 'apps/*-e2e/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@prisma/*', '**/generated/prisma/**'], message: 'libs/plane/records is the only importer of the Prisma client.' }] },
      ],
    },
  },
  {
    files: ['apps/*-e2e/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: [...libsOfProduct, '**/libs/**', '!**/libs/shared/**'], message: 'End-to-end tests import no product code.' }] },
      ],
    },
  },
  {
    files: ['apps/console/**/*.{ts,tsx}', 'libs/console/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    files: ['**/*.cjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
    languageOptions: { sourceType: 'commonjs' },
  },
);
