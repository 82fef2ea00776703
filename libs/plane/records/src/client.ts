// The connection to PostgreSQL: one pool per process under the generated Prisma client. Only this package imports that client.
//
// `Db` is what a repository is bound to: the client itself (each statement its own transaction) or the client inside one
// transaction. Repositories never open transactions of their own, so that the caller decides what holds together.
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { Prisma, PrismaClient } from './generated/client';

export type Db = Prisma.TransactionClient;

export interface RecordsClient {
  readonly prisma: PrismaClient;
  /** For hot-reads.ts. */
  readonly reader: pg.Pool;
  readonly databaseUrl: string;
  /** Rejects where the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface ClientOptions {
  /** Connections of this process. */
  readonly connectionsMax?: number;
  /** Further ones, opened when they are needed: of the plain driver. */
  readonly readersMax?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
}

export function connectRecords(databaseUrl: string, options: ClientOptions = {}): RecordsClient {
  const adapter = new PrismaPg({
    connectionString: databaseUrl,
    max: options.connectionsMax ?? 10,
    application_name: options.applicationName ?? 'larder',
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
  }, {
    // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
    onPoolError: () => undefined,
    statementNameGenerator: statementName,
  });
  const prisma = new PrismaClient({ adapter });
  const reader = new pg.Pool({
    connectionString: databaseUrl, max: options.readersMax ?? 4, application_name: `${options.applicationName ?? 'larder'} reads`,
    connectionTimeoutMillis: 5_000, idleTimeoutMillis: 30_000,
  });
  reader.on('error', () => undefined);
  return {
    prisma, reader,
    databaseUrl,
    async ping() {
      await prisma.$queryRaw`SELECT 1`;
    },
    async close() {
      await reader.end();
      await prisma.$disconnect();
    },
  };
}

/** Each text keeps one name, so a connection parses and plans it once; past the bound texts go unnamed. */
const statementsMax = 500;
const statementNames = new Map<string, string>();

function statementName({ sql }: { readonly sql: string }): string {
  const known = statementNames.get(sql);
  if (known !== undefined) return known;
  if (statementNames.size >= statementsMax) return '';
  const name = `larder_${statementNames.size}`;
  statementNames.set(sql, name);
  return name;
}
