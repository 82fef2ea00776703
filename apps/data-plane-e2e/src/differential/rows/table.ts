/** Every group, in printed order: the single list of what is compared. */
import type { Group } from '../row.ts';
import { acl } from './acl.ts';
import { bitmaps } from './bitmaps.ts';
import { functions } from './functions.ts';
import { geo } from './geo.ts';
import { hashes } from './hashes.ts';
import { hyperloglogs } from './hyperloglogs.ts';
import { databases, keys, scan } from './keys.ts';
import { limits } from './limits.ts';
import { lists } from './lists.ts';
import { oldPayloads } from './old-payloads.ts';
import { scripts } from './scripts.ts';
import { errors, server } from './server.ts';
import { sets } from './sets.ts';
import { standalone } from './standalone.ts';
import { streams } from './streams.ts';
import { strings } from './strings.ts';
import { transactions } from './transactions.ts';
import { zsets } from './zsets.ts';

export const groups: readonly Group[] = [
  strings, hashes, lists, sets, zsets, streams, keys, databases, scan, transactions, scripts, functions, server, errors, bitmaps, hyperloglogs, geo, oldPayloads, limits, acl, standalone,
];

export function printTable(): string {
  const lines: string[] = [];
  for (const group of groups) {
    lines.push(`${group.name} (weight ${group.weight})`);
    for (const row of group.rows) lines.push(`  ${String(row.weight).padStart(4)}  ${row.command} ${row.arguments.show}`.trimEnd());
  }
  return lines.join('\n');
}
