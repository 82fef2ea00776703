/**
 * Where a reply ends, and what it says. RESP2 and RESP3 alike.
 *
 * `frameEnd` only finds the end, without recursion and without making objects: comparing two servers
 * needs no more as long as they agree. `parseReply` reads one whole frame.
 */
export interface ReplyValue {
  /** RESP's own type byte: + - : $ * _ # , ( ! = % ~ > (a null of RESP2 keeps its `$` or `*`). */
  readonly type: string;
  readonly isNull: boolean;
  /** The payload of a scalar, one character per byte. */
  readonly text: string;
  /** Elements of an aggregate; a map's keys and values alternate. */
  readonly items: readonly ReplyValue[];
}

const CR = 13;
const [PLUS, MINUS, COLON, UNDERSCORE, HASH, COMMA, PAREN] = [...Buffer.from('+-:_#,(')];
const [DOLLAR, BANG, EQUALS] = [...Buffer.from('$!=')];
const [STAR, TILDE, GREATER] = [...Buffer.from('*~>')];
const [PERCENT, PIPE] = [...Buffer.from('%|')];

function integerAt(buffer: Buffer, from: number, to: number): number {
  let value = 0;
  let at = from;
  const negative = buffer[at] === MINUS;
  if (negative) at++;
  if (at === to) throw new Error(`malformed reply: no length at ${from}`);
  for (; at < to; at++) {
    const digit = buffer[at]! - 48;
    if (digit < 0 || digit > 9) throw new Error(`malformed reply: ${buffer.toString('latin1', from, to)} is no length`);
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/** The index after the frame that starts at `at`, or -1 when it is not complete before `end`. */
export function frameEnd(buffer: Buffer, at: number, end: number = buffer.length): number {
  let open = 1;
  while (open > 0) {
    if (at >= end) return -1;
    const type = buffer[at]!;
    const line = buffer.indexOf(CR, at);
    if (line < 0 || line + 2 > end) return -1;
    open--;
    switch (type) {
      case PLUS: case MINUS: case COLON: case UNDERSCORE: case HASH: case COMMA: case PAREN:
        at = line + 2;
        break;
      case DOLLAR: case BANG: case EQUALS: {
        const length = integerAt(buffer, at + 1, line);
        at = length < 0 ? line + 2 : line + 2 + length + 2;
        if (at > end) return -1;
        break;
      }
      case STAR: case TILDE: case GREATER:
        open += Math.max(0, integerAt(buffer, at + 1, line));
        at = line + 2;
        break;
      case PERCENT:
        open += 2 * integerAt(buffer, at + 1, line);
        at = line + 2;
        break;
      case PIPE:
        // An attribute is followed by the reply that it describes.
        open += 2 * integerAt(buffer, at + 1, line) + 1;
        at = line + 2;
        break;
      default:
        throw new Error(`malformed reply: type byte ${type} at ${at} in ${JSON.stringify(buffer.toString('latin1', at, at + 40))}`);
    }
  }
  return at;
}

/** Reads one whole frame. */
export function parseReply(frame: Buffer): ReplyValue {
  let at = 0;
  function next(): ReplyValue {
    const type = String.fromCharCode(frame[at]!);
    const line = frame.indexOf(CR, at);
    const head = frame.toString('latin1', at + 1, line);
    at = line + 2;
    switch (type) {
      case '$': case '!': case '=': {
        const length = Number(head);
        if (length < 0) return { type, isNull: true, text: '', items: [] };
        const text = frame.toString('latin1', at, at + length);
        at += length + 2;
        return { type, isNull: false, text, items: [] };
      }
      case '*': case '~': case '>': case '%': case '|': {
        const count = Number(head);
        if (count < 0) return { type, isNull: true, text: '', items: [] };
        const items: ReplyValue[] = [];
        for (let left = type === '%' || type === '|' ? 2 * count : count; left > 0; left--) items.push(next());
        if (type === '|') return next();
        return { type, isNull: false, text: '', items };
      }
      default:
        return { type, isNull: type === '_', text: head, items: [] };
    }
  }
  return next();
}

export type PlainReply = string | number | boolean | null | Error | PlainReply[];

/** The reply as plain JavaScript; maps stay flat lists, an error is an Error (not thrown). */
export function toPlain(value: ReplyValue): PlainReply {
  if (value.isNull) return null;
  switch (value.type) {
    case '-': case '!': return new Error(value.text);
    case ':': return Number(value.text);
    case ',': return Number(value.text === 'inf' ? 'Infinity' : value.text === '-inf' ? '-Infinity' : value.text);
    case '#': return value.text === 't';
    case '*': case '~': case '>': case '%': return value.items.map(toPlain);
    case '=': return value.text.slice(4);
    default: return value.text;
  }
}
