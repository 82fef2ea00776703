/**
 * One set of swc options for tests and bundles, so that a class means the same in both:
 * legacy decorators with emitted metadata (Nest, code-first GraphQL), ES2024 output, define semantics for fields.
 */
const jsc = {
  parser: { syntax: 'typescript', tsx: true, decorators: true },
  transform: {
    legacyDecorator: true,
    decoratorMetadata: true,
    useDefineForClassFields: true,
    react: { runtime: 'automatic' },
  },
  target: 'es2024',
  keepClassNames: true,
};

/** For @swc/jest: CommonJS, with dynamic import() left alone so that it can load ES modules. */
export const swcJest = {
  swcrc: false,
  sourceMaps: 'inline',
  jsc: { ...jsc, transform: { ...jsc.transform, hidden: { jest: true } } },
  module: { type: 'commonjs', ignoreDynamic: true },
};

/** For esbuild's plugin (infra/build/swc-plugin.ts): imports stay, esbuild joins them. */
export const swcBundle = {
  swcrc: false,
  configFile: false,
  jsc: { ...jsc, parser: { ...jsc.parser, tsx: false } },
  module: { type: 'es6' },
  isModule: true,
};
