/** `larder-server [redis.conf | -] [--directive value …]`: reads the configuration, starts the server. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { StoreServer } from '@larder/store-server';
import { Settings, assembleConfig, cannotOpenConfig, loadConfig, parseArguments } from '@larder/store-settings';
import { commandRows, kinds } from './wire';

async function main(): Promise<void> {
  const commandLine = parseArguments(process.argv.slice(2).map((arg) => Buffer.from(arg, 'utf8').toString('latin1')));
  if (commandLine.kind === 'print') {
    process[commandLine.stream].write(commandLine.text);
    process.exit(commandLine.exitCode);
  }
  if (commandLine.kind !== 'serve') {
    process.stderr.write(`larder-server: --${commandLine.kind} is not built\n`);
    process.exit(1);
  }
  const settings = new Settings({ directory: process.cwd() });
  let fileText = '';
  const configFile = commandLine.configFile === undefined ? '' : resolve(commandLine.configFile);
  if (configFile !== '') {
    try {
      fileText = readFileSync(configFile, 'latin1');
    } catch (error) {
      process.stderr.write(`${cannotOpenConfig(configFile, (error as Error).message)}\n`);
      process.exit(1);
    }
  }
  const standardInput = commandLine.readsStandardInput ? readFileSync(0, 'latin1') : '';
  const loaded = loadConfig(settings, assembleConfig(fileText, standardInput, commandLine.options), { readInclude: (path) => ({ path, error: 'No such file or directory' }) }, false);
  if (loaded.failure) {
    process.stderr.write(loaded.failure.kind === 'fatal' ? loaded.failure.text : loaded.failure.log);
    process.exit(1);
  }
  const server = new StoreServer({ settings, kinds, rows: commandRows, configFile });
  await server.listen();
  server.log.notice('Server initialized');
  server.log.notice('Ready to accept connections');
}

main().catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
