import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, parse, validate } from 'graphql';

const schema = buildSchema(readFileSync(path.join(__dirname, '../../../../libs/plane/graphql/schema.graphql'), 'utf8'));
const directory = path.join(__dirname, 'generated/documents');
const documents = readdirSync(directory).flatMap((file) => Object.entries(jest.requireActual<Record<string, unknown>>(path.join(directory, file))));

test.each(documents)('%s is what the schema accepts today', (_name, document) => {
  expect(validate(schema, parse(String(document)))).toEqual([]);
});

test('every operation that is written has its document', () => {
  const data = path.join(__dirname);
  const written = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.graphql'))
    .flatMap((file) => [...readFileSync(path.join(data, file), 'utf8').matchAll(/^(?:query|mutation|subscription) (\w+)/gm)].map(([, name]) => `${name}Document`));
  expect(documents.map(([name]) => name).sort()).toEqual(written.sort());
});
