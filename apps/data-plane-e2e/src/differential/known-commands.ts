/** Asks a server which commands of the table it has. */
import { connectRaw } from '@larder/shared-testing';
import type { Endpoint } from './pair.ts';
import type { Group, Row } from './row.ts';

export async function knownCommands(side: Endpoint, names: readonly string[]): Promise<Set<string>> {
  const known = new Set<string>();
  for (const name of names) {
    const client = await connectRaw({ port: side.port });
    // Without arguments nothing is changed, and an arity error is an answer too. `OBJECT NOSUCH` asks for the container alone.
    const reply = (await client.command(...name.split(' '))).raw.toString('latin1');
    const isUnknown = name.endsWith(' NOSUCH') ? /^-ERR unknown command/i : /^-ERR unknown (command|subcommand)/i;
    if (!isUnknown.test(reply)) known.add(name);
    client.close();
  }
  return known;
}

export function commandNames(groups: readonly Group[]): string[] {
  const names = groups.flatMap((group) => group.rows.flatMap((row: Row) => [row.command, ...(row.needs ?? [])]));
  return [...new Set(names)];
}
