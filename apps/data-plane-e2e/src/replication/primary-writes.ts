/** Random commands of the differential generator on several connections at once, until told to stop. */
import { encodeCommands } from '@larder/shared-testing';
import type { Store } from '@larder/shared-testing';
import { generator } from '../differential/generator.ts';
import { commandNames, knownCommands } from '../differential/known-commands.ts';
import { seededRandom } from '../differential/random.ts';
import { groups as allGroups } from '../differential/rows/table.ts';

/** What ends the connection, stops the server or never ends; and what answers otherwise than once. */
const LEFT_OUT = /^(SHUTDOWN|DEBUG|CONFIG|RESET|QUIT|CLIENT|HELLO|MONITOR|SUBSCRIBE|PSUBSCRIBE|SSUBSCRIBE|UNSUBSCRIBE|PUNSUBSCRIBE|SUNSUBSCRIBE|BGSAVE|SAVE|BGREWRITEAOF|REPLICAOF|SLAVEOF|PSYNC|SYNC|REPLCONF|FAILOVER|WAIT|ACL|BLPOP|BRPOP|BLMOVE|BLMPOP|BZPOPMIN|BZPOPMAX|BZMPOP|BRPOPLPUSH|AUTH|SWAPDB)$/i;
/** Without sketches: of damaged ones a PFADD that fails halfway has changed more than replicas are told, in redis-server and, byte for byte, here. */
const GROUPS = new Set(['strings', 'hashes', 'lists', 'sets', 'zsets', 'streams', 'keys', 'bitmaps', 'geo', 'databases', 'transactions', 'scripts', 'functions', 'limits']);
const STEPS_AT_ONCE = 20;

export interface Writers {
  /** Commands sent so far. */
  readonly sent: number;
  stop(): Promise<void>;
}

/** `reader` is a redis-server: what it does not know is not written. */
export async function writeRandomly(primary: Store, reader: Store, options: { seed: number; connections: number }): Promise<Writers> {
  const groups = allGroups.filter(({ name }) => GROUPS.has(name));
  const known = await knownCommands({ name: 'reader', port: reader.port, store: reader, start: async () => reader }, commandNames(groups));
  let isStopping = false;
  let sent = 0;
  const one = async (seed: number) => {
    const source = generator(groups, (name) => known.has(name), seededRandom(seed));
    const line = await primary.connect(2, 60_000);
    while (!isStopping) {
      const commands: (readonly string[])[] = [];
      while (commands.length < STEPS_AT_ONCE) {
        const step = source.step(2);
        const isTaken = step.commands.every(([name]) => !LEFT_OUT.test(name!)) && !/BLOCK/i.test(step.commands.flat().join(' '));
        if (isTaken) commands.push(...step.commands);
      }
      await line.exchange(encodeCommands(commands), commands.length);
      sent += commands.length;
    }
    await line.exchange(encodeCommands([['DISCARD'], ['PING']]), 2);
    line.close();
  };
  const all = Promise.all(Array.from({ length: options.connections }, (_, i) => one(options.seed * 1000 + i)));
  return {
    get sent() {
      return sent;
    },
    async stop() {
      isStopping = true;
      await all;
    },
  };
}
