/** SAVE, BGSAVE, LASTSAVE. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import type { RdbPersistence } from './rdb-persistence';

export function saveCommands(persistence: () => RdbPersistence): readonly CommandRow[] {
  function save(unit: Unit): void {
    if (persistence().isSaving) return unit.reply.error('ERR Background save already in progress');
    if (persistence().save() === undefined) unit.reply.ok();
    else unit.reply.error('ERR Error saving DB on disk. Check logs.');
  }

  function bgsave(unit: Unit): void {
    const { args, reply } = unit;
    if (args.count > 2 || (args.count === 2 && !args.is(1, 'schedule'))) return unit.syntaxError();
    const refused = persistence().startBackgroundSave();
    if (refused === undefined) reply.simple('Background saving started');
    else reply.error(refused);
  }

  return [
    { name: 'save', needs: 'exclusive', run: save },
    { name: 'bgsave', needs: 'exclusive', run: bgsave },
    { name: 'lastsave', needs: 'none', run: (unit) => unit.reply.integer(Math.floor(persistence().lastSaveAt / 1000)) },
  ];
}
