/** The composition root of the store: which rooms a server is made of. */
import {
  databaseCommands,
  expiryCommands,
  hashCommands,
  hashKind,
  keyCommands,
  setCommands,
  setKind,
  stringCommands,
} from '@larder/store-commands';
import type { CommandRow } from '@larder/store-dispatch';
import type { ValueKind } from '@larder/store-keyspace';
import type { StoreServer } from '@larder/store-server';
import {
  aclCommands,
  clientCommands,
  commandCommands,
  configCommands,
  connectionCommands,
  pubsubCommands,
  serverCommands,
} from '@larder/store-server';
import { scriptRows } from './scripts';

export const kinds: readonly ValueKind[] = [hashKind, setKind];

export function commandRows(server: StoreServer): readonly CommandRow[] {
  return [
    ...connectionCommands(server),
    ...clientCommands(server),
    ...configCommands(server),
    ...aclCommands(server),
    ...commandCommands,
    ...pubsubCommands(server),
    ...serverCommands(server),
    ...keyCommands,
    ...expiryCommands,
    ...databaseCommands,
    ...stringCommands,
    ...hashCommands,
    ...setCommands,
    ...scriptRows(server),
  ];
}

/** Rooms that act on their own besides answering commands. */
export function wireRooms(server: StoreServer): void {
  void server;
}
