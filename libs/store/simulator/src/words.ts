/** Commands as they stand in a stream of bytes: arrays of bulks, or inline words. */
export interface Command {
  readonly words: readonly string[];
  /** Where it ends in the text. */
  readonly end: number;
}

/** The command at `at`; undefined while it is not whole. */
export function readCommand(text: string, at: number): Command | undefined {
  const lineEnd = text.indexOf('\n', at);
  if (lineEnd < 0) return undefined;
  if (text[at] !== '*') {
    const line = text.slice(at, lineEnd).trim();
    return { words: line === '' ? [] : line.split(' '), end: lineEnd + 1 };
  }
  const count = Number(text.slice(at + 1, lineEnd));
  const words: string[] = [];
  let pos = lineEnd + 1;
  for (let i = 0; i < count; i++) {
    const headEnd = text.indexOf('\n', pos);
    if (headEnd < 0) return undefined;
    const length = Number(text.slice(pos + 1, headEnd));
    const end = headEnd + 1 + length + 2;
    if (end > text.length) return undefined;
    words.push(text.slice(headEnd + 1, end - 2));
    pos = end;
  }
  return { words, end: pos };
}
