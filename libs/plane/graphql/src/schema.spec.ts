// The committed schema is what the code prints. A difference is either a mistake or a change of the public API: then write the file
// anew with what the test received, and say it in the changelog.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { resolvers } from './graphql.module';

it('prints exactly schema.graphql', async () => {
  const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
  const schema = await app.get(GraphQLSchemaFactory).create([...resolvers], { skipCheck: true });
  const committed = readFileSync(path.join(__dirname, '../schema.graphql'), 'utf8').replace(/^(?:#.*\n)+\n?/, '');
  expect(printSchema(lexicographicSortSchema(schema)).trim()).toBe(committed.trim());
  // A default of something required is not taken by compiled queries (the second time a query is asked).
  expect(printSchema(schema)).not.toMatch(/! = /);
  await app.close();
});
