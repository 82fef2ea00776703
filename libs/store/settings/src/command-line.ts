/**
 * The command line, as redis-server reads it.
 *
 *     larder-server [CONF] [--name value …]… [-]
 *
 * Options are turned into lines of configuration that follow the file and standard input, so the last word wins:
 *
 *     --port 7777 --save 900 1 --loglevel verbose
 *  →  port "7777" \n save "900" "1" \n loglevel "verbose"
 *
 * An argument that begins with `--` opens a new line only where the line before has a value already; so
 * `--requirepass --secret` is a password. `--save` and `--sentinel` may stand without one.
 */

import { quoteArgument, splitArguments } from './argument-text';
import { lowerAscii } from './byte-text';
import { USAGE, versionLine } from './compatibility';

export type CommandLine =
  | {
      readonly kind: 'serve';
      readonly isSentinel: boolean;
      /** As given; the caller makes it absolute, and keeps it for CONFIG REWRITE. */
      readonly configFile: string | undefined;
      readonly readsStandardInput: boolean;
      /** Lines of configuration, to follow the file. */
      readonly options: string;
      /** No argument at all: Redis then warns that it runs on defaults. */
      readonly isBare: boolean;
    }
  | { readonly kind: 'print'; readonly stream: 'stdout' | 'stderr'; readonly text: string; readonly exitCode: number }
  | { readonly kind: 'test-memory'; readonly megabytes: number }
  | { readonly kind: 'check-system' };

const TEST_MEMORY_USAGE =
  'Please specify the amount of memory to test in megabytes.\nExample: ./larder-server --test-memory 4096\n\n';

/** `args` are the arguments after the program's own name, as byte text. */
export function parseArguments(args: readonly string[], executableName = 'larder-server'): CommandLine {
  const first = args[0];
  if (first === '-v' || first === '--version') return { kind: 'print', stream: 'stdout', text: versionLine(), exitCode: 0 };
  if (first === '-h' || first === '--help') return { kind: 'print', stream: 'stderr', text: USAGE, exitCode: 1 };
  if (first === '--check-system') return { kind: 'check-system' };
  if (first === '--test-memory') {
    if (args.length !== 2) return { kind: 'print', stream: 'stderr', text: TEST_MEMORY_USAGE, exitCode: 1 };
    return { kind: 'test-memory', megabytes: Number.parseInt(args[1]!, 10) || 0 };
  }
  const hasFile = first !== undefined && !first.startsWith('-');
  const { options, readsStandardInput } = readOptions(args, hasFile ? 1 : 0);
  return {
    kind: 'serve',
    isSentinel: isSentinelName(executableName) || args.includes('--sentinel'),
    configFile: hasFile ? first : undefined,
    readsStandardInput,
    options,
    isBare: args.length === 0,
  };
}

function isSentinelName(executableName: string): boolean {
  const baseName = executableName.slice(executableName.lastIndexOf('/') + 1);
  return baseName.includes('redis-sentinel') || baseName.includes('larder-sentinel');
}

function readOptions(args: readonly string[], start: number): { options: string; readsStandardInput: boolean } {
  let options = '';
  let readsStandardInput = false;
  let hasValue = true;
  for (let at = start; at < args.length; at++) {
    const arg = args[at]!;
    const isLast = at === args.length - 1;
    if (arg === '-' && (at === 0 || isLast)) {
      readsStandardInput = true;
      continue;
    }
    if (!hasValue || !arg.startsWith('--')) {
      options += `${quoteArgument(arg)} `;
      hasValue = true;
      continue;
    }
    if (options !== '') options += '\n';
    options += `${arg.slice(2)} `;
    // "--name value" in one argument is complete; a bare "--name" waits for its value.
    hasValue = splitArguments(arg)?.length !== 1;
    if (hasValue) continue;
    const isFollowedByOption = !isLast && args[at + 1]!.startsWith('--');
    const name = lowerAscii(arg);
    if (name === '--save' && (isFollowedByOption || isLast)) options += '""';
    if (name === '--save' || name === '--sentinel') hasValue = isFollowedByOption;
  }
  return { options, readsStandardInput };
}
