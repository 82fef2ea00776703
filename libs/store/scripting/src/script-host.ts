// What a running script needs from the store.
import type { Args, Reply } from '@larder/store-resp';

/** A command as the host knows it. */
export type FoundCommand = object;

export interface ScriptHost {
  /**
   * The command whose name is args[0], or undefined. The answer must hold for that name as long as the host's commands do: it is kept
   * for later calls with the same name, and given to `call`.
   */
  find(args: Args): FoundCommand | undefined;
  /**
   * Runs one command for the script and writes its reply in `reply.protocol`. Refusals ("Unknown Redis command called from
   * script", ACL, memory …) are error replies like any other. `args` points into Lua's own memory: it is valid during the call
   * only, and nothing in the call may run Lua.
   */
  call(args: Args, reply: Reply, found: FoundCommand | undefined): void;
  /** redis.acl_check_cmd: may the script's user run this? undefined: there is no such command. */
  mayRun(args: Args): boolean | undefined;
  /** redis.set_repl: where later writes of this script go. */
  setReplication(toAof: boolean, toReplicas: boolean): void;
  /** redis.log; 0 debug … 3 warning. The host drops what its log level hides. */
  log(level: number, text: string): void;
  /**
   * Called every 100,000 instructions once the script has run for `slowAfterMs`: the place to serve other clients (BUSY, SCRIPT
   * KILL). 'kill' ends the script with an error it cannot catch for good.
   */
  onSlow(elapsedMs: number): 'continue' | 'kill';
}
