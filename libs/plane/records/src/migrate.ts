// Brings the database to this code's schema, at start and in process (infra/decisions/0004-schema-ownership.md).
//
// Invariants
// - One process at a time migrates: an advisory lock held on a connection of its own, released by closing it (also by dying).
// - A database that is ahead of the code is refused before anything is touched.
// - When nothing is missing the engine is not even loaded: two queries.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { openSchemaEngine } from './schema-engine';

/** Any number of ours; `larder` in a telephone's letters. */
const lockKey = 527_337;

export interface MigrateResult {
  /** Names of what was applied now. */
  readonly applied: readonly string[];
}

interface MigrationSource {
  readonly name: string;
  readonly sql: string;
}

/** `repositoryRoot` holds prisma/migrations and node_modules. */
export async function migrate(databaseUrl: string, repositoryRoot: string): Promise<MigrateResult> {
  const directory = path.join(repositoryRoot, 'prisma/migrations');
  const sources = readMigrations(directory);
  const connection = new pg.Client({ connectionString: databaseUrl, application_name: 'larder migrate', connectionTimeoutMillis: 10_000 });
  const pool = new pg.Pool({ connectionString: databaseUrl, application_name: 'larder migrate', max: 2 });
  await connection.connect();
  try {
    await connection.query('SELECT pg_advisory_lock($1)', [lockKey]);
    if (isUpToDate(sources, await readApplied(connection))) return { applied: [] };
    const engine = await openSchemaEngine(pool, path.join(repositoryRoot, 'package.json'));
    const { appliedMigrationNames } = await engine.applyMigrations({
      filters: { externalTables: [], externalEnums: [] },
      migrationsList: {
        baseDir: directory,
        lockfile: { path: 'migration_lock.toml', content: readFileSync(path.join(directory, 'migration_lock.toml'), 'utf8') },
        shadowDbInitScript: '',
        migrationDirectories: sources.map(({ name, sql }) => ({ path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } } })),
      },
    });
    return { applied: appliedMigrationNames };
  } catch (error) {
    throw new Error(`cannot migrate the database: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    await pool.end();
    await connection.end();
  }
}

function readMigrations(directory: string): MigrationSource[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, sql: readFileSync(path.join(directory, name, 'migration.sql'), 'utf8') }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

interface Applied {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

async function readApplied(connection: pg.Client): Promise<readonly Applied[]> {
  const table = await connection.query<{ found: boolean }>("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found");
  if (!table.rows[0]!.found) return [];
  const rows = await connection.query<Applied>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name');
  return rows.rows;
}

function isUpToDate(sources: readonly MigrationSource[], applied: readonly Applied[]): boolean {
  const known = new Map(sources.map((source) => [source.name, source]));
  const stranger = applied.find((row) => !known.has(row.migration_name));
  if (stranger) {
    throw new Error(`it is ahead of this release: it has ${stranger.migration_name}, the newest known here is ${sources.at(-1)?.name ?? 'none'}`);
  }
  const finished = new Map(applied.filter((row) => row.finished_at !== null).map((row) => [row.migration_name, row.checksum]));
  return sources.every(({ name, sql }) => finished.get(name) === createHash('sha256').update(sql).digest('hex'));
}
