// EVAL, EVALSHA, their read-only forms, and SCRIPT: rows for the command table.
import { OOM, keysByCount, type CommandRow, type Unit } from '@larder/store-dispatch';
import { decideAdmission } from './admission';
import type { Script, ScriptEngine } from './script-engine';
import { parseShebang } from './shebang';
import { functionCommands } from './function-commands';
import type { FunctionEngine } from './function-engine';
import type { ScriptingPort } from './script-run';
import { reachOfScript } from './reach';
import { kill, perform, type Stage } from './stage';

export interface ScriptingOptions {
  engine: ScriptEngine;
  functions: FunctionEngine;
  port: ScriptingPort;
  /** busy-reply-threshold (lua-time-limit), read at each script. */
  slowAfterMs: () => number;
}

const noScript = 'NOSCRIPT No matching script. Please use EVAL.';

const help = [
  'SCRIPT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'DEBUG (YES|SYNC|NO)',
  '    Set the debug mode for subsequent scripts executed.',
  'EXISTS <sha1> [<sha1> ...]',
  '    Return information about the existence of the scripts in the script cache.',
  'FLUSH [ASYNC|SYNC]',
  '    Flush the Lua scripts cache. Very dangerous on replicas.',
  '    When called without the optional mode argument, the behavior is determined by the',
  '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the scripts cache.',
  '    * SYNC: Synchronously flush the scripts cache.',
  'KILL',
  '    Kill the currently executing Lua script.',
  'LOAD <script>',
  '    Load a script into the scripts cache without executing it.',
  'HELP',
  '    Prints this help.',
];

export function scriptingCommands(options: ScriptingOptions): readonly CommandRow[] {
  const { engine, port } = options;
  const stage: Stage = { run: undefined, args: undefined };

  const evaluate =
    (find: (unit: Unit) => Script | string, isReadonlyCall: boolean) =>
    (unit: Unit): void => {
      const { args, reply } = unit;
      const state = port.state(unit.session);
      // The gate for memory comes before all else, and knows a script by its shebang alone.
      if (state.isOutOfMemory && unit.mayBlock && mayGrow(unit)) return reply.error(OOM);
      const keys = unit.integerArg(2);
      if (keys !== keys) return;
      if (keys > args.count - 3) return reply.error("ERR Number of keys can't be greater than number of args");
      if (keys < 0) return reply.error("ERR Number of keys can't be negative");
      const script = find(unit);
      if (typeof script === 'string') return reply.error(script);
      const refusal = decideAdmission(script.flags, isReadonlyCall, state);
      if (refusal !== undefined) return reply.error(refusal);
      perform(stage, unit, script, isReadonlyCall, state, port, (run) =>
        engine.run(script, args, 3, keys, run, { slowAfterMs: options.slowAfterMs() }, reply),
      );
    };

  /** A script with a shebang that does not say otherwise may write, and so need memory. */
  function mayGrow(unit: Unit): boolean {
    const { args } = unit;
    const isText = !unit.command.name.startsWith('evalsha');
    const found = isText ? parseShebang(args.text(1)) : args.len[1] === 40 ? engine.find(args.text(1)) : undefined;
    return typeof found === 'object' && !found.flags.isCompatible && !found.flags.allowOom && !found.flags.noWrites;
  }

  const byText = (unit: Unit): Script | string => engine.load(unit.args.buf, unit.args.off[1]!, unit.args.len[1]!);
  const bySha = (unit: Unit): Script | string => engine.find(unit.args.text(1)) ?? noScript;
  /** A digest of the wrong length is missing before anything else is looked at. */
  const needingDigest =
    (run: (unit: Unit) => void) =>
    (unit: Unit): void =>
      unit.args.len[1] === 40 ? run(unit) : unit.reply.error(noScript);

  const row = (name: string, needs: CommandRow['needs'], run: CommandRow['run']): CommandRow => ({ name, needs, run });
  const findKeys = keysByCount(2);

  return [
    { ...row('eval', 'exclusive', evaluate(byText, false)), findKeys, reach: reachOfScript, escalates: true },
    { ...row('evalsha', 'exclusive', needingDigest(evaluate(bySha, false))), findKeys, reach: reachOfScript, escalates: true },
    { ...row('eval_ro', 'exclusive', evaluate(byText, true)), findKeys, reach: reachOfScript, escalates: true },
    { ...row('evalsha_ro', 'exclusive', needingDigest(evaluate(bySha, true))), findKeys, reach: reachOfScript, escalates: true },
    row('script', 'none', (unit) => unit.wrongArity()),
    row('script|load', 'exclusive', (unit) => {
      const script = engine.load(unit.args.buf, unit.args.off[2]!, unit.args.len[2]!);
      if (typeof script === 'string') unit.reply.error(script);
      else unit.reply.bulkText(script.sha);
    }),
    row('script|exists', 'exclusive', (unit) => {
      unit.reply.array(unit.args.count - 2);
      for (let i = 2; i < unit.args.count; i++) unit.reply.integer(engine.find(unit.args.text(i)) === undefined ? 0 : 1);
    }),
    row('script|flush', 'exclusive', (unit) => {
      const { args } = unit;
      const isValid = args.count === 2 || (args.count === 3 && (args.is(2, 'sync') || args.is(2, 'async')));
      if (!isValid) return unit.reply.error('ERR SCRIPT FLUSH only support SYNC|ASYNC option');
      engine.flush();
      unit.reply.ok();
    }),
    row('script|kill', 'none', (unit) => kill(stage, unit, false)),
    row('script|debug', 'none', (unit) => {
      if (unit.args.is(2, 'no')) unit.reply.ok();
      else if (unit.args.is(2, 'yes') || unit.args.is(2, 'sync')) unit.reply.error('ERR The script debugger is not supported');
      else unit.reply.error('ERR Use SCRIPT DEBUG YES/SYNC/NO');
    }),
    row('script|help', 'none', (unit) => {
      unit.reply.array(help.length);
      for (const line of help) unit.reply.simple(line);
    }),
    ...functionCommands(options, stage),
  ];
}
