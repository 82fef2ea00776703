/**
 * `npm run codegen -w @larder/console`: typed documents out of schema.graphql and the operations in src/data. The output is
 * committed, so that a build needs neither this step nor its packages. split-documents.ts then lays the documents apart, so that
 * a route carries those of the nouns it shows.
 */
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../../libs/plane/graphql/schema.graphql',
  documents: 'src/data/**/*.graphql',
  ignoreNoDocuments: false,
  generates: {
    'src/data/generated/': {
      preset: 'client',
      // Fields of a fragment are read where it is spread; the document is a plain string, so graphql-js stays out of the bundle.
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        enumsAsTypes: true,
        skipTypename: true,
        useTypeImports: true,
        scalars: { DateTime: 'string', Long: 'number' },
        defaultScalarType: 'unknown',
        strictScalars: true,
      },
    },
  },
};

export default config;
