// One transaction for what must hold together, on READ COMMITTED: the repositories lock what they decide upon (organisation rows for
// quotas, advisory locks for audit chains, revision conditions for specs), so a higher level would only add retries.
import type { Repositories, UnitOfWork } from '@larder/plane-domain';
import type { RecordsClient } from './client';
import { Prisma } from './generated/client';
import { instanceReadsOn, metricReadsOn } from './hot-reads';
import { repositoriesOn } from './repositories';

const attemptsMax = 3;
/** Waiting for a connection of the pool, and the whole transaction. */
const connectionWaitMs = 5_000;
const transactionMs = 15_000;

export function unitOfWorkOn(client: RecordsClient): UnitOfWork {
  const records = repositoriesOn(client.prisma);
  return {
    records: {
      ...records, instances: { ...records.instances, ...instanceReadsOn(client.reader) }, metrics: { ...records.metrics, ...metricReadsOn(client.reader) },
    },
    async run<T>(work: (records: Repositories) => Promise<T>): Promise<T> {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await client.prisma.$transaction((db) => work(repositoriesOn(db)), { maxWait: connectionWaitMs, timeout: transactionMs });
        } catch (error) {
          if (attempt >= attemptsMax || !isConflict(error)) throw error;
        }
      }
    },
  };
}

/**
 * Deadlock or serialisation failure: PostgreSQL rolled one of two back, and trying again is the cure. Likewise a unique key that
 * someone took between our look and our write: the second look sees it.
 */
function isConflict(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && (error.code === 'P2034' || error.code === 'P2002');
}
