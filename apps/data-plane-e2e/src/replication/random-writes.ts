/** Random commands of all data types, from the differential generator, sent to one server until told to stop. */
import { encodeCommands } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';
import { generator } from '../differential/generator.ts';
import { commandNames, knownCommands } from '../differential/known-commands.ts';
import { seededRandom } from '../differential/random.ts';
import { groups as allGroups } from '../differential/rows/table.ts';
import { takePayloadSamples } from '../differential/payloads.ts';

/** What is about the server and not about data, or would leave the connection in another state. */
const LEFT_OUT = /^(SHUTDOWN|DEBUG|CONFIG|RESET|QUIT|CLIENT|HELLO|MONITOR|SUBSCRIBE|PSUBSCRIBE|SSUBSCRIBE|BGSAVE|SAVE|BGREWRITEAOF|REPLICAOF|SLAVEOF|FAILOVER|WAIT|SYNC|PSYNC|REPLCONF|ACL|AUTH|LATENCY|SLOWLOG)$/i;
/** Of damaged sketches redis-server changes more than it tells its replicas, also those of its own kind. */
const GROUPS_LEFT_OUT = new Set(['server', 'standalone', 'acl', 'limits', 'hyperloglogs']);

export interface RandomWrites {
  /** Sends about so many commands. */
  send(commands: number): Promise<void>;
  readonly sent: number;
  close(): void;
}

/** `leavesOut`: commands that this test cannot have. */
export async function randomWrites(store: Store, seed: number, leavesOut: RegExp = /^$/): Promise<RandomWrites> {
  const groups = allGroups.filter(({ name }) => !GROUPS_LEFT_OUT.has(name));
  const client: RawClient = await store.connect(2, 30_000);
  await takePayloadSamples(client);
  const known = await knownCommands({ name: store.kind, port: store.port, store, start: async () => store }, commandNames(groups));
  const source = generator(groups, (name) => known.has(name), seededRandom(seed));
  const writes = {
    sent: 0,
    async send(commands: number) {
      for (const end = writes.sent + commands; writes.sent < end; ) {
        const step = source.step(2);
        const names = step.commands.map(([name]) => name!);
        if (names.some((name) => LEFT_OUT.test(name) || leavesOut.test(name))) continue;
        // Flushing all the time leaves little to compare.
        if (names.some((name) => /^FLUSH/i.test(name)) && writes.sent % 7 !== 0) continue;
        await client.exchange(encodeCommands(step.commands), step.commands.length);
        writes.sent += step.commands.length;
      }
    },
    close: () => client.close(),
  };
  return writes;
}
