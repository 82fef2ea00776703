/**
 * Commands as tests write them, and their three written forms.
 *
 * A command is a list of latin1 strings: one character is one byte, so binary arguments are ordinary
 * strings and a whole pipeline can be built by concatenation.
 */
export type Command = readonly string[];

export function encodeCommand(command: Command): string {
  let text = `*${command.length}\r\n`;
  for (const argument of command) text += `$${argument.length}\r\n${argument}\r\n`;
  return text;
}

/** The bytes of a pipeline. */
export function encodeCommands(commands: readonly Command[]): Buffer {
  let text = '';
  for (const command of commands) text += encodeCommand(command);
  return Buffer.from(text, 'latin1');
}

/** Bytes as redis-cli shows them: printable ASCII as it is, the rest as escapes. */
export function printable(bytes: Buffer | string): string {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  return text.replace(/[\\"\x00-\x1f\x7f-\xff]/g, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character === '\t') return '\\t';
    if (character === '\\' || character === '"') return `\\${character}`;
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** The command as a line one can paste into redis-cli. */
export function redisCliLine(command: Command): string {
  return command
    .map((argument) => (/^[\x21\x23-\x26\x28-\x5b\x5d-\x7e]+$/.test(argument) ? argument : `"${printable(argument)}"`))
    .join(' ');
}
