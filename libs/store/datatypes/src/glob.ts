/**
 * Glob patterns over byte ranges (KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET), with every quirk of Redis:
 *
 *   *  any bytes    ?  one byte    [abc] [a-z] [^a]  one byte of (not of) a set    \x  x itself
 *
 * - a set without its closing bracket ends with the pattern; a range may be written backwards;
 * - range limits compare as signed chars (0x80–0xff come before 0x00), since that is what Redis does on x86 and ARM hosts
 *   that matter;
 * - a pattern is never matched against an empty string: only the empty pattern is, even "*" is not;
 * - letters fold in ASCII only;
 * - a pattern that gets to its 1001st star (side by side ones count once, one at the end not at all) matches nothing.
 *
 * Every token but the star takes exactly one byte, so on a mismatch only the last star needs another try: the work is
 * at most pattern × text, with no recursion, whatever the pattern.
 */

const STARS_MAX = 1000;

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const ESCAPE = 0x5c;
const CARET = 0x5e;
const DASH = 0x2d;

export function globMatches(
  pattern: Uint8Array,
  patternOff: number,
  patternLength: number,
  text: Uint8Array,
  textOff: number,
  textLength: number,
  foldCase: boolean,
): boolean {
  if (textLength === 0) return patternLength === 0;
  const patternEnd = patternOff + patternLength;
  const textEnd = textOff + textLength;
  let p = patternOff;
  let t = textOff;
  let afterStar = -1;
  let starText = 0;
  let stars = 0;
  while (t < textEnd) {
    const token = p < patternEnd ? pattern[p]! : -1;
    if (token === STAR) {
      do p++;
      while (p < patternEnd && pattern[p] === STAR);
      if (p === patternEnd) return true;
      if (++stars > STARS_MAX) return false;
      afterStar = p;
      starText = t;
      continue;
    }
    const taken = token === -1 ? -1 : matchOne(pattern, p, patternEnd, text[t]!, foldCase);
    if (taken >= 0) {
      p = taken;
      t++;
      continue;
    }
    if (afterStar < 0) return false;
    p = afterStar;
    t = ++starText;
  }
  while (p < patternEnd && pattern[p] === STAR) p++;
  return p === patternEnd;
}

/** Does the one-byte token at `p` take `byte`? The index behind the token, or −1. */
function matchOne(pattern: Uint8Array, p: number, end: number, byte: number, foldCase: boolean): number {
  const token = pattern[p]!;
  if (token === QUESTION) return p + 1;
  if (token === OPEN) return matchSet(pattern, p + 1, end, byte, foldCase);
  if (token === ESCAPE && p + 1 < end) p++;
  return sameByte(pattern[p]!, byte, foldCase) ? p + 1 : -1;
}

function matchSet(pattern: Uint8Array, p: number, end: number, byte: number, foldCase: boolean): number {
  const negated = p < end && pattern[p] === CARET;
  if (negated) p++;
  let found = false;
  for (; p < end && pattern[p] !== CLOSE; p++) {
    if (pattern[p] === ESCAPE && p + 1 < end) {
      p++;
      // An escaped member is compared as it stands, even when case is folded.
      if (pattern[p] === byte) found = true;
    } else if (p + 2 < end && pattern[p + 1] === DASH) {
      if (inRange(pattern[p]!, pattern[p + 2]!, byte, foldCase)) found = true;
      p += 2;
    } else if (sameByte(pattern[p]!, byte, foldCase)) {
      found = true;
    }
  }
  if (found === negated) return -1;
  return p < end ? p + 1 : end;
}

function inRange(a: number, b: number, byte: number, foldCase: boolean): boolean {
  let low = (a << 24) >> 24;
  let high = (b << 24) >> 24;
  if (low > high) {
    const swap = low;
    low = high;
    high = swap;
  }
  let wanted = (byte << 24) >> 24;
  if (foldCase) {
    low = lower(low);
    high = lower(high);
    wanted = lower(wanted);
  }
  return wanted >= low && wanted <= high;
}

function sameByte(a: number, b: number, foldCase: boolean): boolean {
  return a === b || (foldCase && lower(a) === lower(b));
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}
