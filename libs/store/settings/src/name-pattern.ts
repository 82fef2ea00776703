/**
 * CONFIG GET's patterns over setting names: `*`, `?`, `[a-z]`, `[^x]`, backslash; ASCII case does not matter.
 *
 * Only names are matched here, a few hundred short strings per command, so it is written for plainness. The
 * matcher for keys and channels is @larder/store-datatypes' own.
 */

import { lowerAscii } from './byte-text';

/** Whether Redis would treat the text as a pattern rather than as one exact name. */
export function isPattern(text: string): boolean {
  return /[[*?]/.test(text);
}

export function matchesName(pattern: string, name: string): boolean {
  return matchesFrom(lowerAscii(pattern), 0, lowerAscii(name), 0);
}

function matchesFrom(pattern: string, patternStart: number, name: string, nameStart: number): boolean {
  let p = patternStart;
  let n = nameStart;
  while (p < pattern.length) {
    const char = pattern[p]!;
    if (char === '*') {
      while (pattern[p] === '*') p++;
      if (p === pattern.length) return true;
      for (let rest = n; rest < name.length; rest++) if (matchesFrom(pattern, p, name, rest)) return true;
      return false;
    }
    if (n >= name.length) return false;
    if (char === '[') {
      const set = readSet(pattern, p + 1, name[n]!);
      if (!set.isMatch) return false;
      p = set.end;
    } else if (char !== '?') {
      if (char === '\\' && p + 1 < pattern.length) p++;
      if (pattern[p] !== name[n]) return false;
      p++;
    } else {
      p++;
    }
    n++;
  }
  return n === name.length;
}

/** Reads a bracket set that begins after its `[`; an unclosed one ends with the pattern. */
function readSet(pattern: string, start: number, char: string): { isMatch: boolean; end: number } {
  let at = start;
  const isNegated = pattern[at] === '^';
  if (isNegated) at++;
  let isListed = false;
  while (at < pattern.length && pattern[at] !== ']') {
    if (pattern[at] === '\\' && at + 1 < pattern.length) {
      at++;
      isListed ||= pattern[at] === char;
      at++;
    } else if (pattern[at + 1] === '-' && at + 2 < pattern.length) {
      const [low, high] = [pattern[at]!, pattern[at + 2]!].sort();
      isListed ||= char >= low! && char <= high!;
      at += 3;
    } else {
      isListed ||= pattern[at] === char;
      at++;
    }
  }
  return { isMatch: isListed !== isNegated, end: at + 1 };
}
