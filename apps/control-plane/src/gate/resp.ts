// As much of RESP2 as a question to a Sentinel needs.
//
// Invariant: a reply is taken out of the bytes whole or not at all.

export type Reply = string | number | null | Error | readonly Reply[];

export function encodeCommand(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** The reply that begins at `at` and where it ends, or undefined while bytes are missing. */
export function readReply(bytes: Buffer, at: number): { readonly reply: Reply; readonly end: number } | undefined {
  const lineEnd = bytes.indexOf('\r\n', at);
  if (lineEnd < 0) return undefined;
  const line = bytes.toString('utf8', at + 1, lineEnd);
  const next = lineEnd + 2;
  switch (bytes[at]) {
    case 0x2b: return { reply: line, end: next };
    case 0x2d: return { reply: new Error(line), end: next };
    case 0x3a: return { reply: Number(line), end: next };
    case 0x24: {
      const length = Number(line);
      if (length < 0) return { reply: null, end: next };
      return bytes.length < next + length + 2 ? undefined : { reply: bytes.toString('utf8', next, next + length), end: next + length + 2 };
    }
    case 0x2a: {
      const items: Reply[] = [];
      let end = next;
      for (let left = Number(line); left > 0; left -= 1) {
        const item = readReply(bytes, end);
        if (item === undefined) return undefined;
        items.push(item.reply);
        end = item.end;
      }
      return { reply: Number(line) < 0 ? null : items, end };
    }
    default: throw new Error(`not RESP: byte ${bytes[at]}`);
  }
}

/** `name value name value …`, as SENTINEL MASTER answers. */
export function fieldsOf(reply: Reply): ReadonlyMap<string, string> {
  const words = Array.isArray(reply) ? (reply as readonly Reply[]) : [];
  return new Map(words.flatMap((name, index) => (index % 2 === 0 ? [[String(name), String(words[index + 1])] as const] : [])));
}
