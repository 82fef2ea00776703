/**
 * What a server without replicas, cluster and modules answers to commands about them, exactly as redis-server does when it has none
 * (and refusals of our own where redis-server would begin one).
 */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { replyHelp } from '@larder/store-commands';
import { COMPATIBLE_REDIS_VERSION } from '@larder/store-settings';
import type { StoreServer } from '../store-server';

const NO_CLUSTER = 'ERR This instance has cluster support disabled';

const CLUSTER = [
  'addslots', 'addslotsrange', 'bumpepoch', 'count-failure-reports', 'countkeysinslot', 'delslots', 'delslotsrange', 'failover', 'flushslots', 'forget',
  'getkeysinslot', 'help', 'info', 'keyslot', 'links', 'meet', 'myid', 'myshardid', 'nodes', 'replicas', 'replicate', 'reset', 'saveconfig', 'set-config-epoch', 'setslot',
  'shards', 'slaves', 'slots',
];

const MODULE_HELP = [
  'LIST',
  '    Return a list of loaded modules.',
  'LOAD <path> [<arg> ...]',
  '    Load a module library from <path>, passing to it any optional arguments.',
  'LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]',
  '    Load a module library from <path>, while passing it module configurations and optional arguments.',
  'UNLOAD <name>',
  '    Unload a module.',
];

export function standaloneCommands(server: StoreServer): readonly CommandRow[] {
  const noCluster = (unit: Unit) => unit.reply.error(NO_CLUSTER);

  /** `work` where modules may be loaded at all. */
  function whereAllowed(work: (unit: Unit) => void): (unit: Unit) => void {
    return (unit) => {
      const allowed = server.settings.shown('enable-module-command');
      if (allowed === 'yes' || (allowed === 'local' && server.isLocal(unit.session))) return work(unit);
      unit.reply.error(
        'ERR MODULE command not allowed. If the enable-module-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
      );
    };
  }

  const cannotLoad = whereAllowed((unit) => {
    server.log.warning('Modules are not supported');
    unit.reply.error('ERR Error loading the extension. Please check the server logs.');
  });

  function lolwut(unit: Unit): void {
    const { args, reply } = unit;
    if (args.count >= 3 && args.is(1, 'version')) {
      const version = unit.integerArg(2);
      if (version !== version) return;
    }
    reply.verbatim(`Redis ver. ${COMPATIBLE_REDIS_VERSION}\n`);
  }

  return [
    { name: 'cluster', needs: 'none', run: noCluster },
    ...CLUSTER.map((name): CommandRow => ({ name: `cluster|${name}`, needs: 'none', run: noCluster })),
    { name: 'asking', needs: 'none', run: noCluster },
    { name: 'readonly', needs: 'none', run: noCluster },
    { name: 'readwrite', needs: 'none', run: noCluster },
    { name: 'module', needs: 'none', run: (unit) => unit.wrongArity() },
    { name: 'module|list', needs: 'none', run: (unit) => unit.reply.array(0) },
    { name: 'module|load', needs: 'none', run: cannotLoad },
    { name: 'module|loadex', needs: 'none', run: cannotLoad },
    { name: 'module|unload', needs: 'none', run: whereAllowed((unit) => unit.reply.error('ERR Error unloading module: no such module with that name')) },
    { name: 'module|help', needs: 'none', run: (unit) => replyHelp(unit, MODULE_HELP) },
    { name: 'lolwut', needs: 'none', run: lolwut },
  ];
}
