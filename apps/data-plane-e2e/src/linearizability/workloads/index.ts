/** All workloads, by name. */
import { bank, expiry, handOff, multiKey, script, watch } from './several.ts';
import { counter, hash, list, register, set, sortedSet } from './single.ts';
import type { WorkloadMaker } from './workload.ts';

export const workloads: Readonly<Record<string, WorkloadMaker>> = { register, counter, list, hash, set, zset: sortedSet, bank, watch, script, multikey: multiKey, handoff: handOff, expiry };
