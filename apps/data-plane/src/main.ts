/**
 * `larder-server [redis.conf | -] [--directive value …] [--sentinel]`: reads the configuration, starts the server, handles signals.
 * Log lines and exit codes are those that supervisors of redis-server wait for.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MessageChannel, isMainThread, workerData } from 'node:worker_threads';
import { IS_LOADING } from '@larder/store-dispatch';
import { Log, StoreServer, loadUsers, runAofWriter, runKeySender, runRdbWriter, toCommands } from '@larder/store-server';
import type { ConfigLoaded, ConfigPorts, IncludeRead } from '@larder/store-settings';
import {
  COMPATIBLE_REDIS_VERSION,
  Settings,
  assembleConfig,
  byteText,
  cannotOpenConfig,
  isIncludePattern,
  loadConfig,
  parseArguments,
  toUtf8,
} from '@larder/store-settings';
import { runCheckTool } from './check-tools';
import { isDetached, startDetached, tellReady } from './detached';
import { isExecutor, runExecutor, startCrew, stayAlive, threadsOf } from './executors';
import { endWithProcess, words, writePidFile } from './process-life';
import { runSentinel } from './sentinel';
import { supervisorOf, tellSupervisor } from './supervision';
import { codecs, commandRows, kinds, wireRooms } from './wire';

const ports: ConfigPorts = {
  readInclude(path): IncludeRead {
    const name = toUtf8(path);
    try {
      const files = isIncludePattern(name) ? globSync(name).sort() : [name];
      return { texts: files.map((file) => readFileSync(file, 'latin1')) };
    } catch (error) {
      return { path, error: words(error) };
    }
  },
  enterDirectory(path) {
    try {
      process.chdir(toUtf8(path));
      return { path: byteText(process.cwd()) };
    } catch (error) {
      return { error: words(error) };
    }
  },
  tryLogFile(path) {
    try {
      writeFileSync(toUtf8(path), '', { flag: 'a' });
      return undefined;
    } catch (error) {
      return `Can't open the log file: ${words(error)}`;
    }
  },
};

interface Configured {
  settings: Settings;
  loaded: ConfigLoaded & { failure?: undefined };
  configFile: string;
  isBare: boolean;
  isSentinel: boolean;
  standardInput: string;
}

/** What bin/larder-sentinel puts first. */
const SENTINEL_PROGRAM = '--larder-sentinel';

function configure(): Configured {
  const isSentinelProgram = process.argv[2] === SENTINEL_PROGRAM;
  const given = process.argv.slice(isSentinelProgram ? 3 : 2);
  const commandLine = parseArguments(given.map((argument) => byteText(argument)), isSentinelProgram ? 'larder-sentinel' : 'larder-server');
  if (commandLine.kind === 'print') {
    process[commandLine.stream].write(commandLine.text);
    process.exit(commandLine.exitCode);
  }
  if (commandLine.kind !== 'serve') {
    process.stderr.write(`larder-server: --${commandLine.kind} is not supported\n`);
    process.exit(1);
  }
  const { isSentinel } = commandLine;
  const settings = new Settings({ directory: byteText(process.cwd()), isSentinel });
  let fileText = '';
  const configFile = commandLine.configFile === undefined ? '' : resolve(toUtf8(commandLine.configFile));
  if (configFile !== '') {
    try {
      fileText = readFileSync(configFile, 'latin1');
    } catch (error) {
      new Log(settings).warning(cannotOpenConfig(configFile, words(error)));
      process.exit(1);
    }
  }
  const standardInput = commandLine.readsStandardInput ? readFileSync(0, 'latin1') : '';
  const loaded = loadConfig(settings, assembleConfig(fileText, standardInput, commandLine.options), ports, isSentinel);
  if (loaded.failure) {
    if (loaded.failure.kind === 'fatal') process.stderr.write(loaded.failure.text);
    else new Log(settings).warning(loaded.failure.log);
    process.exit(1);
  }
  return { settings, loaded, configFile, isBare: commandLine.isBare, isSentinel, standardInput };
}

async function main(): Promise<void> {
  const { settings, loaded, configFile, isBare, isSentinel, standardInput } = configure();
  const supervisor = supervisorOf(settings, new Log(settings));
  if (supervisor === 'no' && settings.flag('daemonize') && !isDetached) {
    const status = await startDetached(standardInput);
    if (status !== 0) process.stderr.write('larder-server: the server did not start in the background; its log file says why\n');
    process.exit(status);
  }
  if (isSentinel) return runSentinel({ settings, directives: loaded.directives, configFile, isBare, supervisor });
  const threads = threadsOf(settings);
  const server = new StoreServer({ settings, kinds, rows: commandRows, configFile, threads: threads.count });
  server.supervisor = supervisor;
  const { log } = server;
  if (loadUsers(server, loaded.directives.users) !== undefined) process.exit(1);
  log.role = 'C';
  log.warning('oO0OoO0OoO0Oo Larder is starting oO0OoO0OoO0Oo');
  log.warning(`Redis version=${COMPATIBLE_REDIS_VERSION}, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started`);
  if (isBare) log.warning('Warning: no config file specified, using the default config. In order to specify a config file use larder-server /path/to/redis.conf');
  else log.warning('Configuration loaded');
  log.role = 'M';
  log.notice(` PID: ${process.pid}`);

  endWithProcess(server);

  const channels = Array.from({ length: threads.count - 1 }, () => new MessageChannel());
  wireRooms(server, __filename, channels.map(({ port1 }) => port1));
  if (threads.note !== '') log.notice(threads.note);
  server.dispatcher.conditions |= IS_LOADING; // threads that join before all is loaded know it from the start
  try {
    await server.listening.listen();
  } catch {
    process.exit(1); // the log says why
  }
  const crew = server.crew === null ? undefined : startCrew(server, __filename, channels);
  writePidFile(server);
  log.warning('Server initialized');
  await server.persistence?.loadAtStart();
  server.replication.home?.started();
  // Told to all threads at once: one that is still starting reads it before its first command.
  server.setCondition(IS_LOADING, false);
  await crew?.ready;
  server.cron.start();
  stayAlive();
  server.replica?.begin();
  log.notice('Ready to accept connections');
  if (settings.path('unixsocket') !== '') log.notice(`The server is now ready to accept connections at ${settings.path('unixsocket')}`);
  tellSupervisor(server);
  if (isDetached) tellReady();
}

const tool = /^--larder-(check-(?:aof|rdb))$/.exec(process.argv[2] ?? '')?.[1];

/** What a rewrite without RDB preamble makes of its file; undefined for any other. */
function baseOfCommands(): ((path: string) => void) | undefined {
  const { commands } = workerData as { commands?: { second: number | undefined } };
  return commands && ((path) => toCommands(path, { codecs, kinds, ...commands }));
}

if (!isMainThread) {
  if (isExecutor()) runExecutor(__filename);
  else if ((workerData as { role?: string }).role === 'aof-writer') void runAofWriter();
  else if ((workerData as { role?: string }).role === 'key-sender') runKeySender();
  else runRdbWriter(baseOfCommands());
}
else if (tool !== undefined) process.exitCode = runCheckTool(tool, process.argv.slice(3));
else {
  main().catch((error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
}
