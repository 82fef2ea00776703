/**
 * One line ↔ its arguments, with Redis' quoting: the same rules serve redis.conf, the command line and inline
 * commands.
 *
 *   plain words      end at a blank
 *   "double quotes"  know \n \r \t \b \a \xHH and backslash-anything
 *   'single quotes'  know only \'
 *
 * A quote may open in the middle of a word; after a closing one there must be a blank or the end.
 */

import { untilNul } from './byte-text';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/** The arguments of a line; undefined when quotes do not balance. */
export function splitArguments(text: string): string[] | undefined {
  const line = untilNul(text);
  const found: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isBlank(line[at]!)) at++;
    if (at >= line.length) return found;
    let word = '';
    let quote = '';
    for (; at < line.length; at++) {
      const char = line[at]!;
      if (quote === '') {
        if (char === ' ' || char === '\n' || char === '\r' || char === '\t') break;
        if (char === '"' || char === "'") quote = char;
        else word += char;
        continue;
      }
      if (char === quote) {
        if (at + 1 < line.length && !isBlank(line[at + 1]!)) return undefined;
        quote = 'closed';
        at++;
        break;
      }
      if (quote === '"' && char === '\\' && at + 1 < line.length) {
        const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(at + 1, at + 4));
        if (hex) {
          word += String.fromCharCode(Number.parseInt(hex[1]!, 16));
          at += 3;
        } else {
          at++;
          word += ESCAPES[line[at]!] ?? line[at]!;
        }
      } else if (quote === "'" && char === '\\' && line[at + 1] === "'") {
        at++;
        word += "'";
      } else {
        word += char;
      }
    }
    if (quote === '"' || quote === "'") return undefined;
    found.push(word);
  }
}

/** A value in double quotes such that splitArguments reads it back; every byte that is not printable ASCII is escaped. */
export function quoteArgument(text: string): string {
  let quoted = '"';
  for (const char of text) {
    const code = char.charCodeAt(0);
    if (char === '\\' || char === '"') quoted += `\\${char}`;
    else if (char === '\n') quoted += '\\n';
    else if (char === '\r') quoted += '\\r';
    else if (char === '\t') quoted += '\\t';
    else if (code === 7) quoted += '\\a';
    else if (char === '\b') quoted += '\\b';
    else if (code >= 32 && code < 127) quoted += char;
    else quoted += `\\x${(code & 255).toString(16).padStart(2, '0')}`;
  }
  return `${quoted}"`;
}

function isBlank(char: string): boolean {
  return char === ' ' || (char >= '\t' && char <= '\r');
}
