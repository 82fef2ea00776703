/**
 * A setting is one row: data that can be printed, and nothing else. What a kind of row can do (parse, show,
 * rewrite) is in kinds.ts; the few settings with a shape of their own bring it along (structured.ts).
 *
 * Invariants
 *  - A row is never changed after it was built.
 *  - `CONFIG GET *` lists exactly the names that redis-server 7.0.15 lists. Rows of later Redis versions and our
 *    own are `hidden`: they answer to their exact name only, so that scripts which walk the whole list (and set
 *    each value back) meet nothing that they cannot know.
 */

/** Who may change it while running: anyone, nobody, or only where `enable-protected-configs` allows it. */
export type Access = 'mutable' | 'immutable' | 'protected';

export interface Marks {
  /** The older name that still works: slave-* and *-ziplist-*. */
  readonly alias?: string;
  readonly access?: Access;
  /** Passwords: redacted from slow log and MONITOR. */
  readonly isSensitive?: boolean;
  /** Shown by CONFIG GET under its exact name only. */
  readonly isHidden?: boolean;
  /** Worth printing in a crash report. */
  readonly isDebug?: boolean;
  /** CONFIG SET answers LOADING while the data set is being loaded. */
  readonly isDeniedWhileLoading?: boolean;
  /** Listeners run even when the value stays the same: a file behind the name may have changed. */
  readonly isReapplied?: boolean;
  /** Where it comes from; nothing means that redis-server 7.0.15 has it. */
  readonly since?: '7.2' | 'larder';
}

export interface Range {
  readonly min: bigint;
  readonly max: bigint;
  /** Unsigned ones wrap negative input to huge numbers before the range is checked, and say so in the error. */
  readonly isUnsigned: boolean;
  readonly unit: 'plain' | 'memory' | 'memory-or-percent' | 'octal';
}

/** Values inside the range that are quietly moved to the nearest useful one; some only when set while running. */
export interface Clamp {
  readonly min: bigint;
  readonly max: bigint;
  readonly isForFilesToo: boolean;
}

interface Common<Name extends string> extends Required<Omit<Marks, 'alias' | 'since'>> {
  readonly name: Name;
  readonly alias: string | undefined;
  readonly since: '7.0' | '7.2' | 'larder';
  readonly doc: string;
}

export interface FlagRow<Name extends string = string> extends Common<Name> {
  readonly kind: 'flag';
  readonly initial: boolean;
}

export interface NumberRow<Name extends string = string> extends Common<Name> {
  readonly kind: 'number';
  readonly initial: bigint;
  readonly range: Range;
  readonly clamp: Clamp | undefined;
}

export interface TextRow<Name extends string = string> extends Common<Name> {
  readonly kind: 'text';
  readonly initial: string;
  /** An empty value means "not set": CONFIG REWRITE then removes the line instead of writing `""`. */
  readonly isEmptyUnset: boolean;
  /** Whether NUL bytes are kept (passwords) or end the value. */
  readonly isBinary: boolean;
  readonly refuse: ((value: string) => string | undefined) | undefined;
}

export interface ChoiceRow<Name extends string = string> extends Common<Name> {
  readonly kind: 'choice';
  readonly initial: string;
  /** In the order that error messages list them. */
  readonly words: readonly string[];
  /** Words that mean the same as another one and are shown as it. */
  readonly sameAs: Readonly<Record<string, string>>;
}

/** Several words at once (`nosave force`); the first word alone stands for none of the others. */
export interface WordsRow<Name extends string = string> extends Common<Name> {
  readonly kind: 'words';
  readonly initial: string;
  readonly words: readonly string[];
  readonly refuse: ((chosen: readonly string[]) => string | undefined) | undefined;
}

export interface StructuredRow<Name extends string = string, Value = unknown> extends Common<Name> {
  readonly kind: 'structured';
  readonly initial: Value;
  readonly shape: Shape<Value>;
}

export type SettingRow = FlagRow | NumberRow | TextRow | ChoiceRow | WordsRow | StructuredRow;

/** A value, or why it was refused. */
export type Parsed<Value> = { readonly value: Value } | { readonly refused: string };

/** Where a value comes from; `isFirst` is true for a directive's first appearance in the configuration. */
export type Origin = { readonly from: 'file'; readonly isFirst: boolean } | { readonly from: 'command' };

/** One line for CONFIG REWRITE. A forced line is written even where the old file had none. */
export interface RewriteLine {
  readonly text: string;
  readonly isForced: boolean;
}

/** What a setting with several parts knows about itself. */
export interface Shape<Value> {
  /** Whether it takes several arguments on a line. */
  readonly isMulti: boolean;
  parse(args: readonly string[], before: Value, origin: Origin): Parsed<Value>;
  format(value: Value): string;
  /** No lines: the setting's lines in the old file disappear. */
  rewrite(name: string, value: Value): readonly RewriteLine[];
}

const INT_MIN = -(2n ** 31n);
const INT_MAX = 2n ** 31n - 1n;
const UINT_MAX = 2n ** 32n - 1n;
const LONG_MAX = 2n ** 63n - 1n;
const ULONG_MAX = 2n ** 64n - 1n;
export const LIMITS = { INT_MIN, INT_MAX, UINT_MAX, LONG_MAX, ULONG_MAX } as const;

export function plain(min: number | bigint, max: number | bigint): Range {
  return { min: BigInt(min), max: BigInt(max), isUnsigned: false, unit: 'plain' };
}

export function memory(min: number | bigint, max: number | bigint): Range {
  return { ...plain(min, max), unit: 'memory' };
}

export function unsigned(range: Range): Range {
  return { ...range, isUnsigned: true };
}

export function flag<const N extends string>(name: N, initial: boolean, doc: string, marks: Marks = {}): FlagRow<N> {
  return { ...common(name, doc, marks), kind: 'flag', initial };
}

export function number<const N extends string>(
  name: N,
  initial: number,
  range: Range,
  doc: string,
  marks: Marks & { clamp?: Clamp } = {},
): NumberRow<N> {
  return { ...common(name, doc, marks), kind: 'number', initial: BigInt(initial), range, clamp: marks.clamp };
}

export function text<const N extends string>(
  name: N,
  initial: string,
  doc: string,
  marks: Marks & { keepsEmpty?: boolean; isBinary?: boolean; refuse?: (value: string) => string | undefined } = {},
): TextRow<N> {
  return {
    ...common(name, doc, marks),
    kind: 'text',
    initial,
    isEmptyUnset: !(marks.keepsEmpty ?? false),
    isBinary: marks.isBinary ?? false,
    refuse: marks.refuse,
  };
}

export function choice<const N extends string>(
  name: N,
  initial: string,
  words: readonly string[],
  doc: string,
  marks: Marks & { sameAs?: Readonly<Record<string, string>> } = {},
): ChoiceRow<N> {
  return { ...common(name, doc, marks), kind: 'choice', initial, words, sameAs: marks.sameAs ?? {} };
}

export function words<const N extends string>(
  name: N,
  initial: string,
  known: readonly string[],
  doc: string,
  marks: Marks & { refuse?: (chosen: readonly string[]) => string | undefined } = {},
): WordsRow<N> {
  return { ...common(name, doc, marks), kind: 'words', initial, words: known, refuse: marks.refuse };
}

export function structured<const N extends string, V>(
  name: N,
  initial: V,
  shape: Shape<V>,
  doc: string,
  marks: Marks = {},
): StructuredRow<N, V> {
  return { ...common(name, doc, marks), kind: 'structured', initial, shape };
}

function common<N extends string>(name: N, doc: string, marks: Marks): Common<N> {
  return {
    name,
    doc,
    alias: marks.alias,
    access: marks.access ?? 'mutable',
    isSensitive: marks.isSensitive ?? false,
    isHidden: marks.isHidden ?? false,
    isDebug: marks.isDebug ?? false,
    isDeniedWhileLoading: marks.isDeniedWhileLoading ?? false,
    isReapplied: marks.isReapplied ?? false,
    since: marks.since ?? '7.0',
  };
}
