/** CONFIG: the settings table over the wire. */
import { readFileSync, renameSync, rmSync, openSync, writeSync, fsyncSync, closeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { IS_LOADING } from '@larder/store-dispatch';
import { replyHelp } from '@larder/store-commands';
import { rewriteConfig } from '@larder/store-settings';
import type { Connection } from '../connection';
import type { StoreServer } from '../store-server';

const HELP = [
  'GET <pattern>',
  '    Return parameters matching the glob-like <pattern> and their values.',
  'SET <directive> <value>',
  '    Set the configuration <directive> to <value>.',
  'RESETSTAT',
  '    Reset statistics reported by the INFO command.',
  'REWRITE',
  '    Rewrite the configuration file.',
];

export function configCommands(server: StoreServer): readonly CommandRow[] {
  function get(unit: Unit): void {
    const { args, reply } = unit;
    const patterns = Array.from({ length: args.count - 2 }, (_, i) => args.text(i + 2));
    const found = server.settings.get(patterns);
    reply.map(found.length);
    for (const [name, value] of found) {
      reply.bulkText(name);
      reply.bulkText(value);
    }
  }

  function set(unit: Unit): void {
    const { args, reply } = unit;
    const values = Array.from({ length: args.count - 2 }, (_, i) => args.text(i + 2));
    const refused = server.settings.set(values, {
      isLoading: (unit.dispatcher.conditions & IS_LOADING) !== 0,
      isLocalClient: (unit.session as Connection).isLocal,
    });
    if (refused === undefined) reply.ok();
    else reply.error(refused);
  }

  function rewrite(unit: Unit): void {
    const refused = rewriteConfigFile(server);
    if (refused === undefined) unit.reply.ok();
    else unit.reply.error(server.configFile === '' ? 'ERR The server is running without a config file' : `ERR Rewriting config file: ${refused}`);
  }

  return [
    { name: 'config', needs: 'none', run: (unit) => unit.wrongArity() },
    { name: 'config|get', needs: 'none', run: get },
    { name: 'config|set', needs: 'exclusive', run: set },
    { name: 'config|rewrite', needs: 'exclusive', run: rewrite },
    {
      name: 'config|resetstat',
      needs: 'exclusive',
      run: (unit) => {
        server.statistics.reset();
        server.permissions.log.resetCounts();
        unit.reply.ok();
      },
    },
    { name: 'config|help', needs: 'none', run: (unit) => replyHelp(unit, HELP) },
  ];
}

/** Written beside the file, synced, then renamed over it: a crash leaves the old or the new one. Returns why it was not. */
export function rewriteConfigFile(server: StoreServer, isForcedAll = false): string | undefined {
  const path = server.configFile;
  if (path === '') return 'there is no config file';
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    let old = '';
    try {
      old = readFileSync(path, 'latin1');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    // With an ACL file the users are in there.
    const users = server.settings.text('aclfile') === '' ? server.acl.all().map((user) => server.acl.describe(user)) : [];
    const text = rewriteConfig(old, server.settings, { isForcedAll, extras: users.length > 0 ? [{ option: 'user', lines: users }] : [] });
    const file = openSync(temporary, 'w', 0o600);
    writeSync(file, Buffer.from(text, 'latin1'));
    fsyncSync(file);
    closeSync(file);
    renameSync(temporary, path);
    const folder = openSync(dirname(path), 'r');
    fsyncSync(folder);
    closeSync(folder);
    server.log.warning('CONFIG REWRITE executed with success.');
    return undefined;
  } catch (error) {
    rmSync(temporary, { force: true });
    server.log.warning(`CONFIG REWRITE failed: ${(error as Error).message}`);
    return (error as Error).message;
  }
}
