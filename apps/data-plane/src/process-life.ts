/** What a server and a Sentinel have in common as processes: how they end, and the file that names them. */
import { rmSync, writeFileSync } from 'node:fs';
import { getSystemErrorMessage } from 'node:util';
import type { StoreServer } from '@larder/store-server';

/** An error as strerror() words it. */
export const words = (error: unknown): string => {
  const { errno, message } = error as NodeJS.ErrnoException;
  const text = errno === undefined ? message : getSystemErrorMessage(errno);
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** Signals end the server in good order, faults at once. */
export function endWithProcess(server: StoreServer): void {
  const { log } = server;
  server.exit = (code) => process.exit(code);
  process.on('uncaughtException', (error) => {
    log.warning(`=== LARDER BUG REPORT: ${error.stack ?? error.message}`);
    process.exit(70);
  });
  for (const [signal, setting] of [['SIGTERM', 'shutdown-on-sigterm'], ['SIGINT', 'shutdown-on-sigint']] as const) {
    process.on(signal, () => {
      if (signal === 'SIGINT' && server.replication.home?.farewell.isWaiting === true) {
        log.warning('You insist... exiting now.');
        process.exit(1);
      }
      log.warning(`Received ${signal} scheduling shutdown...`);
      const wanted = new Set(server.settings.shown(setting).split(' '));
      const save = wanted.has('save') ? true : wanted.has('nosave') ? false : undefined;
      server.turn(() => server.alone(() => {
        log.warning('User requested shutdown...');
        server.shutdown({ save, force: wanted.has('force'), now: wanted.has('now') });
      }));
    });
  }
  process.on('SIGHUP', () => undefined);
}

export function writePidFile({ settings, log }: StoreServer): void {
  const pidFile = settings.path('pidfile');
  if (pidFile === '') return;
  try {
    writeFileSync(pidFile, `${process.pid}\n`);
    process.on('exit', () => rmSync(pidFile, { force: true }));
  } catch (error) {
    log.warning(`Failed to write PID file: ${words(error)}`);
  }
}
