/** Asks a server which commands of the table it has. */
import { connectRaw } from '@larder/shared-testing';
import type { Endpoint } from './pair.ts';
import type { Group, Row } from './row.ts';

export async function knownCommands(side: Endpoint, names: readonly string[]): Promise<Set<string>> {
  const known = new Set<string>();
  for (const name of names) {
    const client = await connectRaw({ port: side.port });
    // Without arguments nothing is changed, and an arity error is an answer too; a subcommand gets one, or its container would complain.
    const words = name.split(' ');
    const reply = (await client.command(...words)).raw.toString('latin1');
    if (!/^-ERR unknown (command|subcommand)/i.test(reply)) known.add(name);
    client.close();
  }
  return known;
}

export function commandNames(groups: readonly Group[]): string[] {
  const names = groups.flatMap((group) => group.rows.flatMap((row: Row) => [row.command, ...(row.needs ?? [])]));
  return [...new Set(names)].filter((name) => !/ NOSUCH$/.test(name) && name !== 'SHUTDOWN' && name !== 'BGREWRITEAOF');
}
