/**
 * The settings that are not one flag, number, word or text: each with its value's shape and Redis' own way of
 * reading, showing and rewriting it.
 */

import { quoteArgument } from './argument-text';
import { lowerAscii, readLong, untilNul } from './byte-text';
import type { Parsed, Shape } from './row';
import { formatMemory, parseMemory } from './units';

/** Save when at least `changes` writes happened in `seconds`. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

export interface OutputLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export type OutputClass = 'normal' | 'replica' | 'pubsub';
export type OutputLimits = Readonly<Record<OutputClass, OutputLimit>>;

export interface PrimaryAddress {
  readonly host: string;
  readonly port: number;
}

export const INITIAL_SAVE_POINTS: readonly SavePoint[] = [
  { seconds: 3600, changes: 1 },
  { seconds: 300, changes: 100 },
  { seconds: 60, changes: 10000 },
];

const KIB = 1024;
const MIB = 1024 * KIB;
export const INITIAL_OUTPUT_LIMITS: OutputLimits = {
  normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
  replica: { hardBytes: 256 * MIB, softBytes: 64 * MIB, softSeconds: 60 },
  pubsub: { hardBytes: 32 * MIB, softBytes: 8 * MIB, softSeconds: 60 },
};

export const INITIAL_ADDRESSES: readonly string[] = ['*', '-::*'];
const ADDRESSES_MAX = 16;
export const INITIAL_OOM_SCORES: readonly number[] = [0, 200, 800];
export const INITIAL_PERCENTILES: readonly number[] = [50, 99, 99.9];

/** `save`: pairs of seconds and changes. In a file the first one replaces the defaults and later ones add to it. */
export const savePoints: Shape<readonly SavePoint[]> = {
  isMulti: true,
  parse(given, before, origin) {
    const isCleared = given.length === 1 && untilNul(given[0]!) === '';
    const args = isCleared ? [] : given;
    if (args.length % 2 === 1) return { refused: 'Invalid save parameters' };
    const points: SavePoint[] = [];
    for (let at = 0; at < args.length; at += 2) {
      const seconds = readLong(args[at]!)?.value;
      const changes = readLong(args[at + 1]!)?.value;
      if (seconds === undefined || changes === undefined || seconds < 1n || changes < 0n) {
        return { refused: 'Invalid save parameters' };
      }
      points.push({ seconds: Number(seconds), changes: Number(BigInt.asIntN(32, changes)) });
    }
    const replaces = isCleared || origin.from === 'command' || origin.isFirst;
    return { value: replaces ? points : [...before, ...points] };
  },
  format: (points) => points.map((point) => `${point.seconds} ${point.changes}`).join(' '),
  rewrite: (name, points) =>
    points.length === 0
      ? [{ text: `${name} ""`, isForced: true }]
      : points.map((point) => ({ text: `${name} ${point.seconds} ${point.changes}`, isForced: true })),
};

const OUTPUT_CLASSES: readonly OutputClass[] = ['normal', 'replica', 'pubsub'];

/** `client-output-buffer-limit`: groups of class, hard limit, soft limit, seconds; classes not named keep theirs. */
export const outputLimits: Shape<OutputLimits> = {
  isMulti: true,
  parse(args, before) {
    if (args.length % 4 !== 0) return { refused: 'Wrong number of arguments in buffer limit configuration.' };
    const limits: Record<OutputClass, OutputLimit> = { ...before };
    for (let at = 0; at < args.length; at += 4) {
      const outputClass = outputClassOf(args[at]!);
      if (!outputClass) return { refused: 'Invalid client class specified in buffer limit configuration.' };
      const hard = parseMemory(args[at + 1]!);
      const soft = parseMemory(args[at + 2]!);
      const seconds = readLong(args[at + 3]!)?.value;
      const softSeconds = seconds === undefined ? -1n : BigInt.asIntN(32, seconds);
      if (hard === undefined || soft === undefined || softSeconds < 0n) {
        return { refused: 'Error in hard, soft or soft_seconds setting in buffer limit configuration.' };
      }
      limits[outputClass] = { hardBytes: Number(hard), softBytes: Number(soft), softSeconds: Number(softSeconds) };
    }
    return { value: limits };
  },
  format: (limits) =>
    OUTPUT_CLASSES.map((outputClass) => {
      const { hardBytes, softBytes, softSeconds } = limits[outputClass];
      return `${outputClass === 'replica' ? 'slave' : outputClass} ${BigInt(hardBytes)} ${BigInt(softBytes)} ${softSeconds}`;
    }).join(' '),
  rewrite: (name, limits) =>
    OUTPUT_CLASSES.map((outputClass) => {
      const { hardBytes, softBytes, softSeconds } = limits[outputClass];
      const initial = INITIAL_OUTPUT_LIMITS[outputClass];
      return {
        text: `${name} ${outputClass} ${formatMemory(BigInt(hardBytes))} ${formatMemory(BigInt(softBytes))} ${softSeconds}`,
        isForced:
          hardBytes !== initial.hardBytes || softBytes !== initial.softBytes || softSeconds !== initial.softSeconds,
      };
    }),
};

function outputClassOf(text: string): OutputClass | undefined {
  const word = lowerAscii(untilNul(text));
  if (word === 'slave') return 'replica';
  return OUTPUT_CLASSES.find((known) => known === word);
}

/** `oom-score-adj-values`: for a primary, a replica, a background child. */
export const oomScores: Shape<readonly number[]> = {
  isMulti: true,
  parse(args) {
    if (args.length !== 3) return { refused: 'wrong number of arguments' };
    const scores: number[] = [];
    for (const arg of args) {
      const score = readLong(arg)?.value;
      if (score === undefined || score < -2000n || score > 2000n) {
        return { refused: 'Invalid oom-score-adj-values, elements must be between -2000 and 2000.' };
      }
      scores.push(Number(score));
    }
    return { value: scores };
  },
  format: (scores) => scores.join(' '),
  rewrite: (name, scores) => [
    { text: `${name} ${scores.join(' ')}`, isForced: scores.join(' ') !== INITIAL_OOM_SCORES.join(' ') },
  ],
};

/** The classes that `A` stands for, in the order that they are shown; the others follow. */
const EVENTS_IN_ALL = 'g$lshzxetd';
const EVENTS = `${EVENTS_IN_ALL}nKEm`;

/**
 * `notify-keyspace-events`. The value holds one letter for every class that is on, `A` spelled out, so that a
 * reader may ask `includes('x')`. Shown, the ten become `A` again, and `A` then hides `n`: Redis does so too.
 */
export const keyspaceEvents: Shape<string> = {
  isMulti: false,
  parse(args) {
    const given = untilNul(args[0] ?? '').replaceAll('A', EVENTS_IN_ALL);
    if ([...given].some((letter) => !EVENTS.includes(letter))) {
      return { refused: "Invalid event class character. Use 'Ag$lshzxeKEtmdn'." };
    }
    return { value: [...EVENTS].filter((letter) => given.includes(letter)).join('') };
  },
  format: showEvents,
  rewrite: (name, letters) => [{ text: `${name} ${quoteArgument(showEvents(letters))}`, isForced: letters !== '' }],
};

function showEvents(letters: string): string {
  if (!letters.startsWith(EVENTS_IN_ALL)) return letters;
  return `A${letters.slice(EVENTS_IN_ALL.length).replace('n', '')}`;
}

/** `bind`: addresses; an empty one means none. */
export const addresses: Shape<readonly string[]> = {
  isMulti: true,
  parse(args) {
    if (args.length > ADDRESSES_MAX) return { refused: 'Too many bind addresses specified.' };
    return { value: args.length === 1 && args[0] === '' ? [] : args.map(untilNul) };
  },
  format: (list) => list.join(' '),
  rewrite(name, list) {
    if (list.join(' ') === INITIAL_ADDRESSES.join(' ')) return [];
    return [{ text: `${name} ${list.length === 0 ? '""' : list.join(' ')}`, isForced: true }];
  },
};

/** `replicaof host port`, or `no one`. */
export const primaryAddress: Shape<PrimaryAddress | undefined> = {
  isMulti: true,
  parse(args): Parsed<PrimaryAddress | undefined> {
    if (args.length !== 2) return { refused: 'wrong number of arguments' };
    const [host, portText] = [untilNul(args[0]!), untilNul(args[1]!)];
    if (lowerAscii(host) === 'no' && lowerAscii(portText) === 'one') return { value: undefined };
    const port = readLong(portText)?.value;
    if (port === undefined || port < 0n || port > 65535n) return { refused: 'Invalid master port' };
    return { value: { host, port: Number(port) } };
  },
  format: (address) => (address ? `${address.host} ${address.port}` : ''),
  rewrite: (name, address) =>
    address ? [{ text: `${name} ${address.host} ${address.port}`, isForced: true }] : [],
};

/** `dir`: the working directory, absolute once the shell has entered it; always written by CONFIG REWRITE. */
export const directory: Shape<string> = {
  isMulti: false,
  parse: (args) => ({ value: untilNul(args[0] ?? '') }),
  format: (path) => path,
  rewrite: (name, path) => (path === '' ? [] : [{ text: `${name} ${quoteArgument(path)}`, isForced: true }]),
};

/** `latency-tracking-info-percentiles`: numbers between 0 and 100. */
export const percentiles: Shape<readonly number[]> = {
  isMulti: true,
  parse(args) {
    if (args.length === 1 && args[0] === '') return { value: [] };
    const list: number[] = [];
    for (const arg of args) {
      const percentile = readDouble(arg);
      if (percentile === undefined) return { refused: 'Invalid latency-tracking-info-percentiles parameters' };
      if (percentile > 100 || percentile < 0) {
        return { refused: 'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]' };
      }
      list.push(percentile);
    }
    return { value: list };
  },
  format: (list) => list.map(shortDecimal).join(' '),
  rewrite: (name, list) => [
    { text: `${name} ${list.length === 0 ? '""' : list.map(shortDecimal).join(' ')}`, isForced: true },
  ],
};

function readDouble(text: string): number | undefined {
  if (/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i.test(text)) return Number(text);
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  return infinite ? Number(`${infinite[1]}Infinity`) : undefined;
}

/** Six decimals without trailing zeros. */
function shortDecimal(value: number): string {
  const fixed = value.toFixed(6);
  return fixed.replace(/\.?0+$/, '');
}
