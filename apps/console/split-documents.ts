/**
 * The last step of `npm run codegen`: the documents that graphql-codegen writes into one module are laid apart by noun and kind, so that
 * a route carries what it asks and not also what it could order. What stays in graphql.ts is types, which no route carries.
 *
 *   generated/graphql.ts                   types
 *   generated/typed-document.ts            the class
 *   generated/documents/<noun>-<kind>.ts   queries, mutations or subscriptions of data/<noun>/*.graphql, blanks squeezed
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const data = path.join(import.meta.dirname, 'src/data');
const generated = path.join(data, 'generated');
const source = readFileSync(path.join(generated, 'graphql.ts'), 'utf8');
const head = '/* eslint-disable */\n// Written by `npm run codegen`.\n';

const classAt = source.indexOf('export class TypedDocumentString');
const firstDocumentAt = source.indexOf('export const ');
if (classAt < 0 || firstDocumentAt < classAt) throw new Error('graphql-codegen writes its documents otherwise than this step knows them');

const placeOf = new Map<string, string>();
for (const noun of readdirSync(data, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name)) {
  for (const file of readdirSync(path.join(data, noun)).filter((name) => name.endsWith('.graphql'))) {
    for (const [, kind, name] of readFileSync(path.join(data, noun, file), 'utf8').matchAll(/^(query|mutation|subscription) (\w+)/gm)) placeOf.set(name!, `${noun}-${kind}`);
  }
}

const documents = new Map<string, { imports: string[]; codes: string[] }>();
for (const [, name, text, types] of source.slice(firstDocumentAt).matchAll(/^export const (\w+)Document = new TypedDocumentString\(`([^`]*)`\) as unknown as TypedDocumentString<([^>]*)>;/gm)) {
  const place = placeOf.get(name!);
  if (place === undefined) throw new Error(`no file of src/data defines the operation ${name}`);
  const { imports, codes } = documents.get(place) ?? { imports: [], codes: [] };
  documents.set(place, { imports: [...imports, ...types!.split(', ')], codes: [...codes, `export const ${name}Document = /*#__PURE__*/ new TypedDocumentString(\n  '${squeezed(text!)}',\n) as unknown as TypedDocumentString<${types}>;\n`] });
}
if (documents.size === 0) throw new Error('no document was found');

rmSync(path.join(generated, 'documents'), { recursive: true, force: true });
mkdirSync(path.join(generated, 'documents'));
for (const [place, { imports, codes }] of documents) {
  writeFileSync(path.join(generated, 'documents', `${place}.ts`),
    `${head}import { TypedDocumentString } from '../typed-document';\nimport type { ${imports.join(', ')} } from '../graphql';\n\n${codes.join('\n')}`);
}
const typeImport = "import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';\n";
writeFileSync(path.join(generated, 'typed-document.ts'), `${head}${typeImport}\n${source.slice(classAt, firstDocumentAt).trim()}\n`);
writeFileSync(path.join(generated, 'graphql.ts'), `${source.slice(0, classAt).replace(typeImport, '').trimEnd()}\n`);
for (const name of ['gql.ts', 'index.ts']) rmSync(path.join(generated, name), { force: true });

/** Our documents hold no strings, so blanks mean nothing in them beyond one. */
function squeezed(text: string): string {
  if (/["'\\]/.test(text)) throw new Error('a document holds a string, which squeezing might break');
  return text.trim().replace(/\s+/g, ' ').replace(/ ?([{}():!,]) ?/g, '$1');
}
