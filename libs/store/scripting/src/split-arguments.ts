// A line as a person types it: words, "quoted with \n and \x41 escapes", 'quoted plainly'. undefined when quotes do not balance or
// a closing quote is not followed by a blank.

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };
const isBlank = (c: string | undefined): boolean => c !== undefined && /[ \t\n\v\f\r]/.test(c);

export function splitArguments(line: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (isBlank(line[at])) at++;
    if (at >= line.length) return words;
    let word = '';
    while (at < line.length && !isBlank(line[at])) {
      const c = line[at]!;
      if (c !== '"' && c !== "'") {
        word += c;
        at++;
        continue;
      }
      const quoted = c === '"' ? doubleQuoted(line, at + 1) : singleQuoted(line, at + 1);
      if (quoted === undefined) return undefined;
      word += quoted.text;
      at = quoted.end;
      if (at < line.length && !isBlank(line[at])) return undefined;
    }
    words.push(word);
  }
}

function doubleQuoted(line: string, from: number): { text: string; end: number } | undefined {
  let text = '';
  for (let at = from; at < line.length; at++) {
    const c = line[at]!;
    if (c === '"') return { text, end: at + 1 };
    if (c !== '\\' || at + 1 >= line.length) {
      text += c;
      continue;
    }
    const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(at + 1, at + 4));
    if (hex) {
      text += String.fromCharCode(Number.parseInt(hex[1]!, 16));
      at += 3;
    } else {
      at++;
      text += escapes[line[at]!] ?? line[at]!;
    }
  }
  return undefined;
}

function singleQuoted(line: string, from: number): { text: string; end: number } | undefined {
  let text = '';
  for (let at = from; at < line.length; at++) {
    const c = line[at]!;
    if (c === "'") return { text, end: at + 1 };
    if (c === '\\' && line[at + 1] === "'") {
      text += "'";
      at++;
    } else text += c;
  }
  return undefined;
}
