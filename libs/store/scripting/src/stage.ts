// The script or function that runs: one at a time in a thread. It is what SCRIPT KILL and FUNCTION KILL find.
import type { Unit } from '@larder/store-dispatch';
import type { Args } from '@larder/store-resp';
import type { StoreState } from './admission';
import { ScriptRun, busyError, type Runnable, type ScriptingPort } from './script-run';

export interface Stage {
  run: ScriptRun | undefined;
  /** The command that called it. */
  args: Args | undefined;
}

export const NOTHING_RUNS = 'NOTBUSY No scripts in execution right now.';

/** `play` runs it, admitted, with the host it is given. */
export function perform(stage: Stage, unit: Unit, script: Runnable, isReadonlyCall: boolean, state: StoreState, port: ScriptingPort, play: (run: ScriptRun) => void): void {
  const run = new ScriptRun(unit, script, isReadonlyCall, state, port);
  stage.run = run;
  stage.args = unit.args;
  try {
    play(run);
  } finally {
    stage.run = undefined;
    stage.args = undefined;
    run.end();
  }
}

/** SCRIPT KILL; `isForFunctions`: FUNCTION KILL. Each ends its own kind alone. */
export function kill({ run }: Stage, unit: Unit, isForFunctions: boolean): void {
  const { reply } = unit;
  if (run === undefined) return reply.error(NOTHING_RUNS);
  if (run.hasWritten) {
    return reply.error(
      'UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the ' +
        'script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.',
    );
  }
  if (run.isFunction !== isForFunctions) return reply.error(busyError(run.isFunction));
  run.isKilled = true;
  reply.ok();
}
