/** The composition root of the store: which rooms a server is made of. */
import { stringCommands } from '@larder/store-commands';
import type { CommandRow } from '@larder/store-dispatch';
import type { ValueKind } from '@larder/store-keyspace';
import type { StoreServer } from '@larder/store-server';
import { connectionCommands } from '@larder/store-server';

export const kinds: readonly ValueKind[] = [];

export function commandRows(server: StoreServer): readonly CommandRow[] {
  void server;
  return [...connectionCommands, ...stringCommands];
}
