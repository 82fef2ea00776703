// What both processes, API and worker, stand on: settings, records, secrets, the waking queue, a log. Made once at start; a fault in the
// settings or an unreachable database ends the process with one clear message.
import path from 'node:path';
import pino, { type DestinationStream, type Logger } from 'pino';
import { builtInPlans, describeFaults, parseSettings, type SecretBox, type Settings, type UnitOfWork } from '@larder/plane-domain';
import { BullWakeQueue } from '@larder/plane-reconcile';
import { connectRecords, ensureMasterKey, migrate, secretBoxOf, unitOfWorkOn, type RecordsClient } from '@larder/plane-records';
import { systemClock, systemRandom, uuidV7, type Clock, type Ids } from '@larder/shared-std';
import { repositoryRoot } from './repository-root';

export interface Platform {
  readonly settings: Settings;
  readonly root: string;
  readonly databaseUrl: string;
  readonly queueUrl: string;
  readonly client: RecordsClient;
  readonly work: UnitOfWork;
  readonly masterKey: Uint8Array;
  readonly secretBox: SecretBox;
  readonly wake: BullWakeQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  close(): Promise<void>;
}

export class SettingsFault extends Error {}

/** `npm start` hands the URLs of what it brought up to its children; by themselves API and worker want real services. */
export function readSettings(env: NodeJS.ProcessEnv): Settings & { readonly databaseUrl: string; readonly queueUrl: string } {
  const parsed = parseSettings(env);
  if (!parsed.ok) throw new SettingsFault(describeFaults(parsed.faults));
  const { databaseUrl, queueUrl } = parsed.value;
  const missing = [databaseUrl === null ? 'DATABASE_URL' : '', queueUrl === null ? 'QUEUE_URL' : ''].filter(Boolean);
  if (databaseUrl === null || queueUrl === null) {
    throw new SettingsFault(describeFaults(missing.map((name) => ({ name, message: 'must be given where npm start does not bring the service up' }))));
  }
  return { ...parsed.value, databaseUrl, queueUrl, home: path.resolve(parsed.value.home) };
}

export async function openPlatform(name: 'api' | 'worker', env: NodeJS.ProcessEnv = process.env): Promise<Platform> {
  const settings = readSettings(env);
  const log = openLog(name, settings.logLevel);
  const root = repositoryRoot();
  const { applied } = await migrate(settings.databaseUrl, root);
  if (applied.length > 0) log.info({ applied }, 'database migrated');
  const masterKey = settings.masterKey ?? ensureMasterKey(settings.home);
  const client = connectRecords(settings.databaseUrl, { applicationName: `larder ${name}` });
  const work = unitOfWorkOn(client);
  await work.records.plans.sync(builtInPlans);
  const wake = new BullWakeQueue({ queueUrl: settings.queueUrl, onError: sparingly(log) });
  return {
    settings, root, databaseUrl: settings.databaseUrl, queueUrl: settings.queueUrl, client, work, wake, log,
    masterKey, secretBox: secretBoxOf(masterKey),
    clock: systemClock, ids: uuidV7(systemClock, systemRandom),
    async close() {
      await wake.close();
      await client.close();
    },
  };
}

const sayAgainAfterMs = 60_000;

/** For faults that come again many times a second while a service is away: each kind once a minute. */
export function sparingly(log: Logger): (error: unknown, doing: string) => void {
  const saidAt = new Map<string, number>();
  return (error, doing) => {
    const nowMs = performance.now();
    if (nowMs - (saidAt.get(doing) ?? Number.NEGATIVE_INFINITY) < sayAgainAfterMs) return;
    saidAt.set(doing, nowMs);
    log.warn({ err: error, doing }, 'failed, is tried again');
  };
}

/** One JSON object a line. Secrets have no place in what is logged; these paths are the net under the rope. */
export function openLog(name: string, level: string, to?: DestinationStream): Logger {
  return pino({
    name, level, base: { name, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['*.password', '*.token', '*.secret', '*.authorization', '*.cookie', 'req.headers.authorization', 'req.headers.cookie', '*.databaseUrl', '*.queueUrl'],
      censor: '[secret]',
    },
  }, to ?? pino.destination(1));
}
