/**
 * What clients do to a few keys of one kind. A turn is one move of one client: usually a single operation, sometimes several at
 * once, sometimes a conversation. Values are unique where that helps: who reads one knows who wrote it.
 */
import type { Random } from '../../differential/random.ts';
import type { RecordingClient } from '../recording-client.ts';

export interface Player {
  readonly random: Random;
  readonly client: RecordingClient;
  /** A value that nobody else writes. */
  unique(): string;
}

export interface Workload {
  readonly name: string;
  /** Once, before all turns. */
  readonly prepare?: (player: Player) => Promise<unknown>;
  readonly turn: (player: Player) => Promise<unknown>;
}

/** Makes a workload for a run: `prefix` keeps the keys of runs apart. */
export type WorkloadMaker = (prefix: string, random: Random) => Workload;

/** `name0`, `name1`, …: they lie in different shards. */
export function names(prefix: string, name: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${name}${at}`);
}
