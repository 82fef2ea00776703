// redis.conf as text. Every value is quoted as redis.conf's own reader unquotes it, so that a password hash, a path with a blank or an
// empty string arrive as they are. Nothing secret is ever on a command line: it is only in this file, mode 0600.

export type Directive = readonly [name: string, ...values: string[]];

export function formatConfig(directives: readonly Directive[]): string {
  return directives.map(([name, ...values]) => `${[name, ...values.map(quote)].join(' ')}\n`).join('');
}

function quote(value: string): string {
  if (/^[A-Za-z0-9_./:@%+,*&~#<>|()=-]+$/.test(value)) return value;
  const escaped = [...Buffer.from(value, 'utf8')].map((byte) => {
    const char = String.fromCharCode(byte);
    if (char === '"' || char === '\\') return `\\${char}`;
    return byte >= 0x20 && byte < 0x7f ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `"${escaped.join('')}"`;
}
