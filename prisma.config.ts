// What the Prisma command line needs while developing. The product itself never runs it: migrations are applied in process at
// start (infra/decisions/0004-schema-ownership.md).
import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // `generate` needs no database; `migrate` takes the one named here.
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://larder@127.0.0.1:4432/larder' },
});
