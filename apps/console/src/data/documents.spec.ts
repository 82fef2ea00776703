import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import * as generated from './generated/graphql';

const schema = buildSchema(readFileSync(path.join(__dirname, '../../../../libs/plane/graphql/schema.graphql'), 'utf8'));
const documents = Object.entries(generated).filter(([name]) => name.endsWith('Document'));

test.each(documents)('%s is what the schema accepts today', (_name, document) => {
  expect(validate(schema, parse(String(document)))).toEqual([]);
});
