/** COMMAND DOCS: from a line of command-docs.ts to a reply. Nothing is kept between two calls. */
import type { Command } from '@larder/store-dispatch';
import { commandDocs } from '@larder/store-dispatch';
import type { Reply } from '@larder/store-resp';

const TYPES: Record<string, string> = {
  k: 'key', i: 'integer', d: 'double', s: 'string', a: 'pattern', u: 'unix-time', p: 'pure-token', o: 'oneof', b: 'block',
};
const ARGUMENT_FLAGS: Record<string, string> = { '?': 'optional', '*': 'multiple', '!': 'multiple_token' };

/** Answers name and documentation of each command. */
export function replyDocs(reply: Reply, commands: readonly Command[]): void {
  const text = `\n${commandDocs()}`;
  reply.map(commands.length);
  for (const command of commands) replyOne(reply, command, text);
}

function replyOne(reply: Reply, command: Command, text: string): void {
  const from = text.indexOf(`\n${command.name}^`) + 1;
  // A command of our own may have none.
  const line = from === 0 ? `${command.name}^generic` : text.slice(from, text.indexOf('\n', from));
  const [, group, since, summary, complexity, flags, deprecatedSince, replacedBy, history, args] = line.split('^');
  const { subcommands } = command;
  const fields = [summary, since, group, complexity, flags, deprecatedSince, replacedBy, history, args].filter(Boolean).length;
  reply.bulkText(command.name);
  reply.map(fields + (subcommands === null ? 0 : 1));
  field(reply, 'summary', summary);
  field(reply, 'since', since);
  field(reply, 'group', group);
  field(reply, 'complexity', complexity);
  if (flags) {
    reply.bulkText('doc_flags');
    reply.set(flags.length);
    for (const flag of flags) reply.simple(flag === 'd' ? 'deprecated' : 'syscmd');
  }
  field(reply, 'deprecated_since', deprecatedSince);
  field(reply, 'replaced_by', replacedBy);
  if (history) {
    const changes = history.split(/;(?=\d+\.)/);
    reply.bulkText('history');
    reply.set(changes.length);
    for (const change of changes) {
      const space = change.indexOf(' ');
      reply.array(2);
      reply.bulkText(change.slice(0, space));
      reply.bulkText(change.slice(space + 1));
    }
  }
  if (args) {
    reply.bulkText('arguments');
    replyArguments(reply, args);
  }
  if (subcommands === null) return;
  reply.bulkText('subcommands');
  reply.map(subcommands.size);
  for (const sub of subcommands.values()) replyOne(reply, sub, text);
}

function field(reply: Reply, name: string, value: string | undefined): void {
  if (!value) return;
  reply.bulkText(name);
  reply.bulkText(value);
}

/** Arguments at one level: `word word{inner inner} word`. */
function replyArguments(reply: Reply, text: string): void {
  const words = splitArguments(text);
  reply.array(words.length);
  for (const word of words) replyArgument(reply, word);
}

function splitArguments(text: string): string[] {
  const words: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}') depth--;
    else if (text[i] === ' ' && depth === 0) {
      words.push(text.slice(from, i));
      from = i + 1;
    }
  }
  words.push(text.slice(from));
  return words;
}

function replyArgument(reply: Reply, word: string): void {
  const brace = word.indexOf('{');
  const [name, ...attributes] = (brace < 0 ? word : word.slice(0, brace)).split(',');
  reply.map(2 + attributes.length + (brace < 0 ? 0 : 1));
  field(reply, 'name', name!.slice(1));
  field(reply, 'type', TYPES[name![0]!]);
  for (const attribute of attributes) {
    const value = attribute.slice(1);
    if (attribute.startsWith('@')) {
      reply.bulkText('key_spec_index');
      reply.integer(Number(value));
    } else if (attribute.startsWith('=')) {
      reply.bulkText('token');
      reply.bulkText(value);
    } else if (attribute.startsWith('+')) field(reply, 'since', value);
    else if (attribute.startsWith('-')) field(reply, 'deprecated_since', value);
    else {
      reply.bulkText('flags');
      reply.set(attribute.length);
      for (const flag of attribute) reply.simple(ARGUMENT_FLAGS[flag]!);
    }
  }
  if (brace < 0) return;
  reply.bulkText('arguments');
  replyArguments(reply, word.slice(brace + 1, -1));
}
