// Whether a script may start at all: decided from what it says of itself (shebang.ts) and from the store's state. A script
// without a shebang is only kept out by a stale replica; its commands are judged one by one.
import { MASTER_DOWN, READONLY_REPLICA } from '@larder/store-dispatch';
import type { ScriptFlags } from './shebang';

export interface StoreState {
  isCluster: boolean;
  /** A replica without its primary that must not serve stale data. */
  isStaleReplica: boolean;
  isReadonlyReplica: boolean;
  /** Why writes are refused for want of persistence, as the error to answer. */
  persistenceFault: string | undefined;
  lacksReplicas: boolean;
  isOutOfMemory: boolean;
  /** Scripts may call what is not for scripts (DEBUG). */
  allowsDenied?: boolean;
}

/** The error that refuses the script, or undefined. `isReadonlyCall`: EVAL_RO, EVALSHA_RO. */
export function decideAdmission(flags: ScriptFlags, isReadonlyCall: boolean, state: StoreState): string | undefined {
  if (flags.isCompatible) {
    return state.isStaleReplica ? MASTER_DOWN : undefined;
  }
  if (flags.noCluster && state.isCluster) return "ERR Can not run script on cluster, 'no-cluster' flag is set.";
  if (!flags.noWrites) {
    // The script stands for a command that writes.
    if (state.isReadonlyReplica) return READONLY_REPLICA;
    if (state.persistenceFault !== undefined) return state.persistenceFault;
  }
  if (state.isStaleReplica && !flags.allowStale) return MASTER_DOWN;
  if (!flags.noWrites) {
    if (isReadonlyCall) return 'ERR Can not execute a script with write flag using *_ro command.';
    if (state.lacksReplicas) return 'NOREPLICAS Not enough good replicas to write.';
  }
  if (state.isOutOfMemory && !flags.allowOom && !flags.noWrites) {
    return "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'";
  }
  return undefined;
}
