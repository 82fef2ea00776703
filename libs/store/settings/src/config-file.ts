/**
 * Reading redis.conf.
 *
 * One directive a line; blank lines and lines that begin with `#` are skipped; quoting as in argument-text.ts.
 * What the file says goes into a Settings at once, line by line, so a directive may rely on the ones above it
 * (`dir` before a relative `include`). What is not a setting (users, modules, renamed commands, Sentinel's lines)
 * is handed to whoever speaks for it, or collected.
 *
 * The file, standard input and the command line are one text to Redis, in that order; `assembleConfig` joins them,
 * and line numbers in errors count through the whole.
 */

import { splitArguments } from './argument-text';
import { lowerAscii } from './byte-text';
import { COMPATIBLE_REDIS_VERSION } from './compatibility';
import { isMulti } from './kinds';
import type { SettingRow } from './row';
import { Settings } from './settings';
import { RETIRED_DIRECTIVES } from './table';

/** The texts of a file, or of each file that a pattern with `*`, `?` or `[` finds (none is fine then). */
export type IncludeRead = { readonly texts: readonly string[] } | { readonly path: string; readonly error: string };

/** What reading needs from outside. Errors are strerror's words. */
export interface ConfigPorts {
  readInclude(path: string): IncludeRead;
  /** Enters `dir`; returns where that is, absolute. Without it the path is kept as written. */
  enterDirectory?(path: string): { readonly path: string } | { readonly error: string };
  /** Tries to open the log file for appending. */
  tryLogFile?(path: string): string | undefined;
  /** Directives that other rooms speak for; words refuse the line. Without a handler they are only collected. */
  readonly handlers?: Partial<Record<HandledDirective, (args: readonly string[], line: string) => string | undefined>>;
}

export type HandledDirective = 'rename-command' | 'user' | 'loadmodule' | 'sentinel';

export interface SentinelLine {
  readonly args: readonly string[];
  readonly lineNumber: number;
  readonly line: string;
}

/** The lines that are not settings, in order, without the directive's own name. */
export interface Directives {
  readonly renamedCommands: [from: string, to: string][];
  readonly users: (readonly string[])[];
  readonly modules: (readonly string[])[];
  /** `module.setting value`, by lower-case name. */
  readonly moduleSettings: Map<string, string>;
  readonly sentinel: SentinelLine[];
}

/** Why the server must not start. `text` goes to standard error as it is, or `log` through the log; exit 1 follows. */
export type ConfigFailure =
  | { readonly kind: 'fatal'; readonly text: string; readonly reason: string; readonly lineNumber?: number; readonly line?: string }
  | { readonly kind: 'unreadable'; readonly log: string };

export type ConfigLoaded =
  | { readonly settings: Settings; readonly directives: Directives; readonly failure?: undefined }
  | { readonly failure: ConfigFailure };

/** A whole configuration into fresh settings. */
export function parseConfigFile(text: string, readInclude: ConfigPorts['readInclude']): ConfigLoaded {
  return loadConfig(new Settings(), text, { readInclude }, false);
}

/** A configuration text on top of the settings given. After a failure they are half changed: the process ends. */
export function loadConfig(settings: Settings, text: string, ports: ConfigPorts, isSentinel: boolean): ConfigLoaded {
  const directives: Directives = { renamedCommands: [], users: [], modules: [], moduleSettings: new Map(), sentinel: [] };
  const failure = new ConfigReader(settings, ports, isSentinel, directives).read(text);
  return failure ? { failure } : { settings, directives };
}

/** File, standard input and command line as the one text that they are. */
export function assembleConfig(fileText: string, standardInput: string, options: string): string {
  return `${fileText}${standardInput}\n${options}`;
}

/** Whether the path is a pattern, so that finding nothing is no error. */
export function isIncludePattern(path: string): boolean {
  return /[*?[]/.test(path);
}

/** How Redis words a configuration file that cannot be opened. */
export function cannotOpenConfig(path: string, error: string): string {
  return `Fatal error, can't open config file '${path}': ${error}`;
}

class ConfigReader {
  constructor(
    settings: Settings,
    ports: ConfigPorts,
    isSentinel: boolean,
    directives: Directives,
  ) {
    this.settings = settings;
    this.ports = ports;
    this.isSentinel = isSentinel;
    this.directives = directives;
  }

  private readonly settings: Settings;
  private readonly ports: ConfigPorts;
  private readonly isSentinel: boolean;
  private readonly directives: Directives;

  read(text: string): ConfigFailure | undefined {
    for (const [index, rawLine] of text.split('\n').entries()) {
      const line = rawLine.replace(/^[ \t\r]+|[ \t\r]+$/g, '');
      if (line === '' || line.startsWith('#')) continue;
      const failure = this.readLine(line, index + 1);
      if (failure) return failure;
    }
    return this.checkWhole();
  }

  private readLine(line: string, lineNumber: number): ConfigFailure | undefined {
    const args = splitArguments(line);
    if (!args) return fatal('Unbalanced quotes in configuration line', lineNumber, line);
    if (args.length === 0) return undefined;
    if (lowerAscii(args[0]!) === 'include' && args.length === 2) return this.include(args[1]!);
    const row = this.settings.row(args[0]!);
    const refused = row ? this.readSetting(row, args.slice(1)) : this.readDirective(args, line, lineNumber);
    return refused === undefined ? undefined : fatal(refused, lineNumber, line);
  }

  /** Why the values are refused, if they are. */
  private readSetting(row: SettingRow, given: readonly string[]): string | undefined {
    let values = given;
    if (!isMulti(row)) {
      if (values.length !== 1) return 'wrong number of arguments';
    } else if (values.length === 1 && values[0] !== '') {
      // One argument may hold several: --save "900 1 60 1000".
      values = splitArguments(values[0]!) ?? [];
    }
    if (row.name === 'dir' && this.ports.enterDirectory) {
      const entered = this.ports.enterDirectory(values[0]!);
      if ('error' in entered) return entered.error;
      values = [entered.path];
    }
    return this.settings.load(row, values);
  }

  private readDirective(args: readonly string[], line: string, lineNumber: number): string | undefined {
    const name = lowerAscii(args[0]!);
    const values = args.slice(1);
    const { directives } = this;
    if (RETIRED_DIRECTIVES.includes(name) && values.length === 1) return undefined;
    if (name === 'rename-command' && values.length === 2) {
      directives.renamedCommands.push([values[0]!, values[1]!]);
      return this.handle(name, values, line);
    }
    if (name === 'user' && values.length >= 1) {
      directives.users.push(values);
      return this.handle(name, values, line);
    }
    if (name === 'loadmodule' && values.length >= 1) {
      directives.modules.push(values);
      return this.handle(name, values, line);
    }
    if (name.includes('.')) {
      if (values.length === 0) return 'Module config specified without value';
      directives.moduleSettings.set(name, values.join(' '));
      return undefined;
    }
    if (name !== 'sentinel') return 'Bad directive or wrong number of arguments';
    // Alone it only chose the role, which the command line's reader has seen already.
    if (values.length === 0) return undefined;
    if (!this.isSentinel) return 'sentinel directive while not in sentinel mode';
    directives.sentinel.push({ args: values, lineNumber, line });
    return this.handle(name, values, line);
  }

  private handle(name: HandledDirective, args: readonly string[], line: string): string | undefined {
    return this.ports.handlers?.[name]?.(args, line);
  }

  private include(path: string): ConfigFailure | undefined {
    const found = this.ports.readInclude(path);
    if ('error' in found) return { kind: 'unreadable', log: cannotOpenConfig(found.path, found.error) };
    return this.read(found.texts.join(''));
  }

  private checkWhole(): ConfigFailure | undefined {
    const logFile = this.settings.text('logfile');
    const error = logFile === '' ? undefined : this.ports.tryLogFile?.(logFile);
    if (error !== undefined) return fatal(`Can't open the log file: ${error}`);
    if (this.settings.flag('cluster-enabled') && this.settings.value('replicaof')) {
      return fatal('replicaof directive not allowed in cluster mode');
    }
    return undefined;
  }
}

/** A fault of the whole configuration names no line. */
function fatal(reason: string, lineNumber?: number, line?: string): ConfigFailure {
  const banner = `\n*** FATAL CONFIG FILE ERROR (Redis ${COMPATIBLE_REDIS_VERSION}) ***\n`;
  if (lineNumber === undefined || line === undefined) return { kind: 'fatal', text: `${banner}${reason}\n`, reason };
  const where = `Reading the configuration file, at line ${lineNumber}\n>>> '${line}'\n`;
  return { kind: 'fatal', text: `${banner}${where}${reason}\n`, reason, lineNumber, line };
}
