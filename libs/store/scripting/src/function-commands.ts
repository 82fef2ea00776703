// FCALL, FCALL_RO and FUNCTION: rows for the command table.
import { OOM, keysByCount, type CommandRow, type Unit } from '@larder/store-dispatch';
import { decideAdmission } from './admission';
import type { ScriptingOptions } from './commands';
import type { Library, RestorePolicy } from './function-engine';
import { reachOfScript } from './reach';
import { flagNames } from './shebang';
import { kill, perform, type Stage } from './stage';

const help = [
  'FUNCTION <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'LOAD [REPLACE] <FUNCTION CODE>',
  '    Create a new library with the given library name and code.',
  'DELETE <LIBRARY NAME>',
  '    Delete the given library.',
  'LIST [LIBRARYNAME PATTERN] [WITHCODE]',
  '    Return general information on all the libraries:',
  '    * Library name',
  '    * The engine used to run the Library',
  '    * Library description',
  '    * Functions list',
  '    * Library code (if WITHCODE is given)',
  '    It also possible to get only function that matches a pattern using LIBRARYNAME argument.',
  'STATS',
  '    Return information about the current function running:',
  '    * Function name',
  '    * Command used to run the function',
  '    * Duration in MS that the function is running',
  '    If no function is running, return nil',
  '    In addition, returns a list of available engines.',
  'KILL',
  '    Kill the current running function.',
  'FLUSH [ASYNC|SYNC]',
  '    Delete all the libraries.',
  '    When called without the optional mode argument, the behavior is determined by the',
  '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the libraries.',
  '    * SYNC: Synchronously flush the libraries.',
  'DUMP',
  '    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command',
  'RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]',
  '    Restore the libraries represented by the given payload, it is possible to give a restore policy to',
  '    control how to handle existing libraries (default APPEND):',
  '    * FLUSH: delete all existing libraries.',
  '    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.',
  '    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old',
  '      libraries with the new libraries (notice that even on this option there is a chance of failure',
  '      in case of functions name collision with another library).',
  'HELP',
  '    Prints this help.',
];

const policies: readonly RestorePolicy[] = ['append', 'replace', 'flush'];

export function functionCommands(options: ScriptingOptions, stage: Stage): readonly CommandRow[] {
  const { functions, port } = options;
  functions.log = (level, text) => port.log(level, text);

  const call =
    (isReadonlyCall: boolean) =>
    (unit: Unit): void => {
      const { args, reply } = unit;
      const state = port.state(unit.session);
      const fn = functions.find(args.text(1));
      // The gate for memory comes before all else.
      if (state.isOutOfMemory && unit.mayBlock && fn !== undefined && !fn.flags.allowOom && !fn.flags.noWrites) return reply.error(OOM);
      if (fn === undefined) return reply.error('ERR Function not found');
      const keys = unit.integerArg(2, 'ERR Bad number of keys provided');
      if (keys !== keys) return;
      if (keys > args.count - 3) return reply.error("ERR Number of keys can't be greater than number of args");
      if (keys < 0) return reply.error("ERR Number of keys can't be negative");
      const refusal = decideAdmission(fn.flags, isReadonlyCall, state);
      if (refusal !== undefined) return reply.error(refusal);
      perform(stage, unit, fn, isReadonlyCall, state, port, (run) =>
        functions.run(fn, args, 3, keys, run, { slowAfterMs: options.slowAfterMs() }, reply),
      );
    };

  /** Something changed: it goes to the journal as it came, from the thread that it came to. */
  const changed = (unit: Unit): void => {
    if (!unit.dispatcher.isVisited) unit.keyspace.dirty++;
  };

  function load(unit: Unit): void {
    const { args, reply } = unit;
    const last = args.count - 1;
    for (let i = 2; i < last; i++) {
      if (!args.is(i, 'replace')) return reply.error(`ERR Unknown option given: ${shown(args.text(i))}`);
    }
    const loaded = functions.load(args.copy(last), last > 2);
    if (typeof loaded === 'string') return reply.error(`ERR ${loaded}`);
    changed(unit);
    reply.bulkText(loaded.name);
  }

  function list(unit: Unit): void {
    const { args, reply } = unit;
    let pattern: Buffer | undefined;
    let withCode = false;
    for (let i = 2; i < args.count; i++) {
      if (!withCode && args.is(i, 'withcode')) withCode = true;
      else if (pattern === undefined && args.is(i, 'libraryname')) {
        if (i + 1 >= args.count) return reply.error('ERR library name argument was not given');
        pattern = args.copy(++i);
      } else return reply.error(`ERR Unknown argument ${shown(args.text(i))}`);
    }
    const found = pattern === undefined ? [...functions.libraries()] : functions.matching(pattern);
    reply.array(found.length);
    for (const library of found) describe(unit, library, withCode);
  }

  function stats({ reply, now }: Unit): void {
    reply.map(2);
    reply.bulkText('running_script');
    const { run, args } = stage;
    if (run === undefined || args === undefined || !run.isFunction) reply.nullBulk();
    else {
      reply.map(3);
      reply.bulkText('name');
      reply.bulkText(run.script.name);
      reply.bulkText('command');
      reply.array(args.count);
      for (let i = 0; i < args.count; i++) reply.bulk(args.buf, args.off[i]!, args.len[i]!);
      reply.bulkText('duration_ms');
      reply.integer(now - run.startedAtMs);
    }
    reply.bulkText('engines');
    reply.map(1);
    reply.bulkText('LUA');
    reply.map(2);
    reply.bulkText('libraries_count');
    reply.integer(functions.libraryCount);
    reply.bulkText('functions_count');
    reply.integer(functions.functionCount);
  }

  function flush(unit: Unit): void {
    const { args, reply } = unit;
    if (args.count > 3) return unit.subcommandError();
    if (args.count === 3 && !args.is(2, 'sync') && !args.is(2, 'async')) return reply.error('ERR FUNCTION FLUSH only supports SYNC|ASYNC option');
    functions.flush();
    changed(unit);
    reply.ok();
  }

  function restore(unit: Unit): void {
    const { args, reply } = unit;
    if (args.count > 4) return unit.subcommandError();
    const policy = args.count === 3 ? 'append' : policies.find((word) => args.is(3, word));
    if (policy === undefined) return reply.error('ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.');
    const failure = functions.restore(args.copy(2), policy);
    if (failure !== undefined) return reply.error(`ERR ${failure}`);
    changed(unit);
    reply.ok();
  }

  const row = (name: string, needs: CommandRow['needs'], run: CommandRow['run']): CommandRow => ({ name, needs, run });
  const findKeys = keysByCount(2);
  return [
    { ...row('fcall', 'exclusive', call(false)), findKeys, reach: reachOfScript, escalates: true },
    { ...row('fcall_ro', 'exclusive', call(true)), findKeys, reach: reachOfScript, escalates: true },
    row('function', 'none', (unit) => unit.wrongArity()),
    row('function|load', 'exclusive', load),
    row('function|delete', 'exclusive', (unit) => {
      if (!functions.remove(unit.args.text(2))) return unit.reply.error('ERR Library not found');
      changed(unit);
      unit.reply.ok();
    }),
    row('function|flush', 'exclusive', flush),
    row('function|list', 'none', list),
    row('function|dump', 'none', ({ reply }) => {
      const payload = functions.dump();
      reply.bulk(payload, 0, payload.length);
    }),
    row('function|restore', 'exclusive', restore),
    row('function|stats', 'none', stats),
    row('function|kill', 'none', (unit) => kill(stage, unit, true)),
    row('function|help', 'none', ({ reply }) => {
      reply.array(help.length);
      for (const line of help) reply.simple(line);
    }),
  ];
}

/** Text as errors show it: up to a NUL, without line ends behind it. */
function shown(text: string): string {
  return text.split('\0')[0]!.replace(/[\r\n]+$/, '');
}

function describe({ reply }: Unit, library: Library, withCode: boolean): void {
  reply.map(withCode ? 4 : 3);
  reply.bulkText('library_name');
  reply.bulkText(library.name);
  reply.bulkText('engine');
  reply.bulkText('LUA');
  reply.bulkText('functions');
  reply.array(library.functions.length);
  for (const { name, description, flags } of library.functions) {
    reply.map(3);
    reply.bulkText('name');
    reply.bulkText(name);
    reply.bulkText('description');
    if (description === undefined) reply.nullBulk();
    else reply.bulkText(description);
    reply.bulkText('flags');
    const set = Object.entries(flagNames).filter(([, flag]) => flags[flag]);
    reply.set(set.length);
    for (const [text] of set) reply.simple(text);
  }
  if (!withCode) return;
  reply.bulkText('library_code');
  reply.bulk(library.code, 0, library.code.length);
}
