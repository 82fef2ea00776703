// QUEUE_URL as BullMQ's connection options. Options rather than a client: a client that is handed to a worker is not closed by it.
import type { ConnectionOptions } from 'bullmq';

export function queueConnection(queueUrl: string, isPatient: boolean): ConnectionOptions {
  const url = new URL(queueUrl);
  return {
    host: url.hostname, port: Number(url.port || 6379), db: Number(url.pathname.slice(1) || 0),
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
    retryStrategy: (times: number) => Math.min(1000, 50 * times),
    connectTimeout: 2000,
    // A worker waits for its queue as long as it takes; whoever only wakes gives up at once: the sweep will find it.
    ...(isPatient ? { maxRetriesPerRequest: null } : { maxRetriesPerRequest: 1, enableOfflineQueue: false }),
  };
}
