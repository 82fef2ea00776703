/**
 * The settings table: every setting that this server knows, as one list.
 *
 * Names are unique across names and aliases, compared without ASCII case. The order is the order of
 * `CONFIG GET *` and of the lines that CONFIG REWRITE appends (Redis' own order changes with every start).
 */

import { memoryRows } from './rows/memory';
import { networkRows } from './rows/network';
import { persistenceRows } from './rows/persistence';
import { processRows } from './rows/process';
import { replicationRows } from './rows/replication';
import type { SettingRow, StructuredRow } from './row';

const typedRows = [...networkRows, ...processRows, ...memoryRows, ...persistenceRows, ...replicationRows] as const;

type Row = (typeof typedRows)[number];
export type FlagName = Extract<Row, { kind: 'flag' }>['name'];
export type NumberName = Extract<Row, { kind: 'number' }>['name'];
export type TextName = Extract<Row, { kind: 'text' | 'choice' | 'words' }>['name'] | 'dir' | 'notify-keyspace-events';
export type StructuredName = Extract<Row, { kind: 'structured' }>['name'];
export type SettingName = Row['name'];
export type StructuredValue<N extends StructuredName> =
  Extract<Row, { kind: 'structured'; name: N }> extends StructuredRow<N, infer Value> ? Value : never;

export const settingRows = typedRows as readonly unknown[] as readonly SettingRow[];

/** Directives of old Redis versions that files may still hold: one argument, no effect. */
export const RETIRED_DIRECTIVES: readonly string[] = [
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
];

/** Directives of a configuration file that are not settings: CONFIG GET does not know them. */
export const FILE_DIRECTIVES: readonly string[] = ['include', 'rename-command', 'user', 'loadmodule', 'sentinel'];

/** Settings of later Redis versions that this server deliberately does not have. */
export const ABSENT_SETTINGS: Readonly<Record<string, string>> = {
  'req-res-logfile': 'exists only in builds of Redis 7.2 made for its own protocol tests',
};
