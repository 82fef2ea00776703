/**
 * The words of which command rows are made. A part writes zero or more arguments; it also knows how
 * to show itself, so that the whole table can be printed: command → what may follow it.
 */
import type { Random } from './random.ts';

export interface Part {
  readonly show: string;
  make(random: Random, out: string[]): void;
}

export type PartLike = Part | string;

/** A literal word; shown as it is. */
export function word(text: string): Part {
  return { show: text, make: (_random, out) => out.push(text) };
}

function part(like: PartLike): Part {
  return typeof like === 'string' ? word(like) : like;
}

/** One argument from a function. */
export function argument(show: string, make: (random: Random) => string): Part {
  return { show, make: (random, out) => out.push(make(random)) };
}

export function seq(...parts: PartLike[]): Part {
  const list = parts.map(part);
  return {
    show: list.map((each) => each.show).join(' '),
    make: (random, out) => {
      for (const each of list) each.make(random, out);
    },
  };
}

export function one(...choices: PartLike[]): Part {
  const list = choices.map(part);
  return { show: list.map((each) => each.show).join('|'), make: (random, out) => random.pick(list).make(random, out) };
}

/** Present with a probability; one half unless told. */
export function maybe(like: PartLike, probability = 0.5): Part {
  const inner = part(like);
  return {
    show: `[${inner.show}]`,
    make: (random, out) => {
      if (random.chance(probability)) inner.make(random, out);
    },
  };
}

/** Several in a row: usually few, now and then enough to change an encoding. */
export function many(like: PartLike, few = 4, crowd = 140): Part {
  const inner = part(like);
  return {
    show: `${inner.show} ...`,
    make: (random, out) => {
      const count = crowd > 0 && random.chance(0.015) ? random.between(crowd / 2, crowd) : random.between(1, few);
      for (let left = count; left > 0; left--) inner.make(random, out);
    },
  };
}

/** Options in any order, each at most once. */
export function anyOrder(...options: PartLike[]): Part {
  const list = options.map(part);
  return {
    show: list.map((each) => each.show).join(' '),
    make: (random, out) => {
      const left = [...list];
      while (left.length > 0) left.splice(random.between(0, left.length - 1), 1)[0]!.make(random, out);
    },
  };
}

/** `numkeys key ...` with a count that is right nearly always. */
export function counted(like: PartLike, few = 3): Part {
  const inner = part(like);
  return {
    show: `numkeys ${inner.show} ...`,
    make: (random, out) => {
      const count = random.between(1, few);
      out.push(String(random.chance(0.03) ? random.pick([0, -1, count + 1, count - 1]) : count));
      for (let left = count; left > 0; left--) inner.make(random, out);
    },
  };
}

/** Parts that depend on each other: whatever the function writes. */
export function made(show: string, make: (random: Random, out: string[]) => void): Part {
  return { show, make };
}
