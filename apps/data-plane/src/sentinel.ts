/** The Sentinel role of the process: one thread, no data; its state lies in its configuration file. */
import type { Sentinel } from '@larder/store-sentinel';
import { SentinelRole, StoreServer, loadUsers, sentinelRows } from '@larder/store-server';
import type { Directives, Settings } from '@larder/store-settings';
import { COMPATIBLE_REDIS_VERSION } from '@larder/store-settings';
import { isDetached, tellReady } from './detached';
import { endWithProcess, writePidFile } from './process-life';
import { tellSupervisor } from './supervision';
import type { Supervisor } from './supervision';

export interface SentinelOptions {
  settings: Settings;
  directives: Directives;
  configFile: string;
  isBare: boolean;
  supervisor: Supervisor;
}

export async function runSentinel({ settings, directives, configFile, isBare, supervisor }: SentinelOptions): Promise<void> {
  let role: SentinelRole | undefined;
  const sentinel = (): Sentinel => role!.sentinel;
  const server = new StoreServer({
    settings,
    kinds: [],
    rows: (self) => {
      role = new SentinelRole(self);
      return sentinelRows(self, sentinel);
    },
    configFile,
    shards: 1,
    isSentinel: true,
  });
  server.supervisor = supervisor;
  const { log } = server;
  log.role = 'X';
  const refused = role!.load(directives.sentinel);
  if (refused !== undefined) {
    process.stderr.write(refused);
    process.exit(1);
  }
  const fault = role!.checkFile();
  if (fault !== undefined) {
    log.warning(fault);
    process.exit(1);
  }
  log.warning('oO0OoO0OoO0Oo Larder is starting oO0OoO0OoO0Oo');
  log.warning(`Redis version=${COMPATIBLE_REDIS_VERSION}, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started`);
  if (isBare) log.warning('Warning: no config file specified, using the default config. In order to specify a config file use larder-sentinel /path/to/sentinel.conf');
  else log.warning('Configuration loaded');
  if (loadUsers(server, directives.users) !== undefined) process.exit(1);
  endWithProcess(server);
  try {
    await server.listening.listen();
  } catch {
    process.exit(1); // the log says why
  }
  writePidFile(server);
  log.notice(`Running mode=sentinel, port=${settings.number('port')}.`);
  log.notice(` PID: ${process.pid}`);
  server.cron.start();
  role!.start();
  tellSupervisor(server);
  if (isDetached) tellReady();
}
