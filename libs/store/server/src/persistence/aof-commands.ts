/** BGREWRITEAOF. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import type { AofPersistence } from './aof-persistence';

export function aofCommands(persistence: () => AofPersistence): readonly CommandRow[] {
  function bgrewriteaof(unit: Unit): void {
    const reply = persistence().rewriteOnRequest(!unit.mayBlock);
    if (reply.startsWith('-')) unit.reply.error(reply.slice(1));
    else unit.reply.simple(reply);
  }

  return [{ name: 'bgrewriteaof', needs: 'exclusive', run: bgrewriteaof }];
}
