// A look at the bare text of a query, before it is parsed: the parser and the rules of validation recurse, so nesting and length are
// bounded first. Linear, allocates nothing.

export const queryLengthMax = 64 * 1024;
const nestingMax = 60;
const selectionsMax = 4_000;

/** What is wrong with it, or undefined. Strings and comments may hold any brackets. */
export function checkShape(source: string): string | undefined {
  if (source.length > queryLengthMax) return `the query is longer than ${queryLengthMax} characters`;
  let nesting = 0;
  let words = 0;
  let isInWord = false;
  for (let at = 0; at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    const isWord = (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || (code >= 48 && code <= 57);
    if (isWord && !isInWord && ++words > selectionsMax) return `the query has more than ${selectionsMax} words`;
    isInWord = isWord;
    if (isWord) continue;
    switch (code) {
      case 0x7b: case 0x5b: case 0x28: // { [ (
        if (++nesting > nestingMax) return `the query is nested deeper than ${nestingMax} levels`;
        break;
      case 0x7d: case 0x5d: case 0x29: // } ] )
        nesting -= 1;
        break;
      case 0x23: // # to the end of the line
        at = endOf(source, '\n', at);
        break;
      case 0x22: // "
        at = source.startsWith('"""', at) ? endOf(source, '"""', at + 3) + 2 : endOfString(source, at);
        break;
    }
  }
  return undefined;
}

function endOf(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from);
  return at < 0 ? source.length : at;
}

function endOfString(source: string, from: number): number {
  let at = from + 1;
  while (at < source.length && source[at] !== '"' && source[at] !== '\n') at += source[at] === '\\' ? 2 : 1;
  return at;
}
