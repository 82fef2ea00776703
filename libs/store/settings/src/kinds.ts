/**
 * What each kind of row can do: read its arguments, show its value, write its line.
 *
 * The words of a refusal are interface: they reach clients inside `CONFIG SET failed` and users inside the fatal
 * configuration error, so they are Redis' own.
 */

import { quoteArgument } from './argument-text';
import { lowerAscii, readLong, readStrictInteger, untilNul } from './byte-text';
import type { ChoiceRow, NumberRow, Origin, Parsed, RewriteLine, SettingRow, TextRow, WordsRow } from './row';
import { formatMemory, parseMemory } from './units';

/** Redis builds the list of allowed words in a buffer of this size. */
const WORD_LIST_LENGTH_MAX = 255;

/** Whether the setting takes several arguments on a line (and splits a single one at its blanks). */
export function isMulti(row: SettingRow): boolean {
  return row.kind === 'words' || (row.kind === 'structured' && row.shape.isMulti);
}

export function parseValue(row: SettingRow, args: readonly string[], before: unknown, origin: Origin): Parsed<unknown> {
  const first = args[0] ?? '';
  switch (row.kind) {
    case 'flag':
      return parseFlag(first);
    case 'number':
      return parseNumber(row, first, origin);
    case 'text':
      return parseText(row, first);
    case 'choice':
      return parseChoice(row, first);
    case 'words':
      return parseWords(row, args);
    case 'structured':
      return row.shape.parse(args, before, origin);
  }
}

/** The value as CONFIG GET shows it. */
export function formatValue(row: SettingRow, value: unknown): string {
  switch (row.kind) {
    case 'flag':
      return value ? 'yes' : 'no';
    case 'number':
      return formatNumber(row, value as bigint);
    case 'structured':
      return row.shape.format(value);
    default:
      return value as string;
  }
}

/** The lines that CONFIG REWRITE wants for this value; none at all removes the setting from the file. */
export function rewriteLines(row: SettingRow, value: unknown): readonly RewriteLine[] {
  switch (row.kind) {
    case 'structured':
      return row.shape.rewrite(row.name, value);
    case 'text':
      if (row.isEmptyUnset && value === '') return [];
      return [{ text: `${row.name} ${quoteArgument(value as string)}`, isForced: value !== row.initial }];
    case 'number':
      return [{ text: `${row.name} ${formatNumberInFile(row, value as bigint)}`, isForced: value !== row.initial }];
    default:
      return [{ text: `${row.name} ${formatValue(row, value)}`, isForced: value !== row.initial }];
  }
}

function parseFlag(text: string): Parsed<boolean> {
  const word = lowerAscii(untilNul(text));
  if (word === 'yes') return { value: true };
  if (word === 'no') return { value: false };
  return { refused: "argument must be 'yes' or 'no'" };
}

function parseNumber(row: NumberRow, text: string, origin: Origin): Parsed<bigint> {
  const found = readNumber(row, text);
  if (found === undefined) return { refused: NOT_A_NUMBER[row.range.unit] };
  const refused = refuseOutOfRange(row, found);
  if (refused !== undefined) return { refused };
  if (!row.clamp || (origin.from === 'file' && !row.clamp.isForFilesToo)) return { value: found };
  const { min, max } = row.clamp;
  return { value: found < min ? min : found > max ? max : found };
}

const NOT_A_NUMBER = {
  plain: "argument couldn't be parsed into an integer",
  octal: "argument couldn't be parsed as an octal number",
  memory: 'argument must be a memory value',
  'memory-or-percent': 'argument must be a memory or percent value',
} as const;

/** Signed 64-bit reading, or unsigned for unsigned rows. A percentage is kept as its negative. */
function readNumber(row: NumberRow, text: string): bigint | undefined {
  const found = readSigned(row, text);
  if (found === undefined) return undefined;
  return row.range.isUnsigned ? BigInt.asUintN(64, found) : found;
}

function readSigned(row: NumberRow, text: string): bigint | undefined {
  const { unit } = row.range;
  if (unit === 'plain') return readStrictInteger(text);
  if (unit === 'octal') {
    const long = readLong(text, 8);
    return long === undefined || long.hasOverflowed ? undefined : long.value;
  }
  const bytes = parseMemory(text);
  if (bytes !== undefined) return BigInt.asIntN(64, bytes);
  if (unit === 'memory-or-percent' && text.length > 1 && text.endsWith('%')) {
    const percent = readStrictInteger(text.slice(0, -1));
    if (percent !== undefined && percent >= 0n) return -percent;
  }
  return undefined;
}

function refuseOutOfRange(row: NumberRow, value: bigint): string | undefined {
  const { min, max, unit } = row.range;
  if (unit === 'memory-or-percent' && value < 0n) {
    return value < min ? `percentage argument must be less or equal to ${-min}` : undefined;
  }
  if (value >= min && value <= max) return undefined;
  const radix = unit === 'octal' ? 8 : 10;
  return `argument must be between ${min.toString(radix)} and ${max.toString(radix)} inclusive`;
}

function formatNumber(row: NumberRow, value: bigint): string {
  if (row.range.unit === 'memory-or-percent' && value < 0n) return `${-value}%`;
  return value.toString(row.range.unit === 'octal' ? 8 : 10);
}

function formatNumberInFile(row: NumberRow, value: bigint): string {
  const isSize = row.range.unit === 'memory' || (row.range.unit === 'memory-or-percent' && value >= 0n);
  return isSize ? formatMemory(value) : formatNumber(row, value);
}

function parseText(row: TextRow, given: string): Parsed<string> {
  const value = row.isBinary ? given : untilNul(given);
  const refused = row.refuse?.(value);
  return refused === undefined ? { value } : { refused };
}

function parseChoice(row: ChoiceRow, text: string): Parsed<string> {
  const word = lowerAscii(untilNul(text));
  if (!row.words.includes(word)) return { refused: mustBeOneOf(row.words) };
  return { value: row.sameAs[word] ?? word };
}

function parseWords(row: WordsRow, args: readonly string[]): Parsed<string> {
  const given = args.map((arg) => lowerAscii(untilNul(arg)));
  if (given.length === 0 || given.some((word) => !row.words.includes(word))) return { refused: mustBeOneOf(row.words) };
  const [none, ...others] = row.words;
  const chosen = others.filter((word) => given.includes(word));
  const refused = row.refuse?.(chosen);
  if (refused !== undefined) return { refused };
  return { value: chosen.length === 0 ? none! : chosen.join(' ') };
}

function mustBeOneOf(known: readonly string[]): string {
  return `argument(s) must be one of the following: ${known.join(', ')}`.slice(0, WORD_LIST_LENGTH_MAX);
}
