/** COMMAND: the command table over the wire. */
import type { Command, CommandRow, Unit } from '@larder/store-dispatch';
import { KEY_FLAGS, hasKeys, keyReferences } from '@larder/store-dispatch';
import { replyHelp } from '@larder/store-commands';
import { globMatches } from '@larder/store-datatypes';
import { Args } from '@larder/store-resp';
import { replyDocs } from './command-docs-reply';

const HELP = [
  '(no subcommand)',
  '    Return details about all Redis commands.',
  'COUNT',
  '    Return the total number of commands in this Redis server.',
  'LIST',
  '    Return a list of all commands in this Redis server.',
  'INFO [<command-name> ...]',
  '    Return details about multiple Redis commands.',
  '    If no command names are given, documentation details for all',
  '    commands are returned.',
  'DOCS [<command-name> ...]',
  '    Return documentation details about multiple Redis commands.',
  '    If no command names are given, documentation details for all',
  '    commands are returned.',
  'GETKEYS <full-command>',
  '    Return the keys from a full Redis command.',
  'GETKEYSANDFLAGS <full-command>',
  '    Return the keys and the access flags from a full Redis command.',
];

function describe(unit: Unit, command: Command): void {
  const { reply } = unit;
  reply.array(10);
  reply.bulkText(command.name);
  reply.integer(command.arity);
  reply.set(command.flags.length);
  for (const flag of command.flags) reply.simple(flag);
  reply.integer(command.firstKey);
  reply.integer(command.lastKey);
  reply.integer(command.keyStep);
  reply.set(command.categories.length);
  for (const category of command.categories) reply.simple(category);
  reply.set(command.tips.length);
  for (const tip of command.tips) reply.bulkText(tip);
  reply.set(command.keySpecs.length);
  for (const spec of command.keySpecs) describeKeySpec(unit, spec);
  const subs = [...(command.subcommands?.values() ?? [])];
  reply.set(subs.length);
  for (const sub of subs) describe(unit, sub);
}

/** `flags : begin search : find keys : notes`, see command-facts.ts. */
function describeKeySpec(unit: Unit, spec: string): void {
  const { reply } = unit;
  const [flags, begin, find, ...notes] = spec.split(':');
  const note = notes.join(':');
  const pairs = (entries: [string, string | number][]) => {
    reply.map(entries.length);
    for (const [name, value] of entries) {
      reply.bulkText(name);
      if (typeof value === 'number') reply.integer(value);
      else reply.bulkText(value);
    }
  };
  reply.map(note === '' ? 3 : 4);
  if (note !== '') {
    reply.bulkText('notes');
    reply.bulkText(note);
  }
  reply.bulkText('flags');
  const words = flags!.split(' ').filter((word) => word !== '');
  reply.set(words.length);
  for (const word of words) reply.simple(word);
  for (const [label, text] of [['begin_search', begin!], ['find_keys', find!]] as const) {
    const [kind, a, b, c] = text.split(' ');
    reply.bulkText(label);
    reply.map(2);
    reply.bulkText('type');
    reply.bulkText(kind!);
    reply.bulkText('spec');
    if (kind === 'index') pairs([['index', Number(a)]]);
    else if (kind === 'keyword') pairs([['keyword', a!], ['startfrom', Number(b)]]);
    else if (kind === 'range') pairs([['lastkey', Number(a)], ['keystep', Number(b)], ['limit', Number(c)]]);
    else if (kind === 'keynum') pairs([['keynumidx', Number(a)], ['firstkey', Number(b)], ['keystep', Number(c)]]);
    else reply.map(0);
  }
}

function command(unit: Unit): void {
  const { all } = unit.dispatcher.table;
  unit.reply.array(all.length);
  for (const each of all) describe(unit, each);
}

function info(unit: Unit): void {
  const { args, reply, dispatcher } = unit;
  if (args.count === 2) return command(unit);
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const found = dispatcher.table.named(args.text(i).toLowerCase());
    if (found === undefined) reply.nullBulk();
    else describe(unit, found);
  }
}

function list(unit: Unit): void {
  const { args, reply, dispatcher } = unit;
  let wanted: (command: Command) => boolean = () => true;
  if (args.count === 5 && args.is(2, 'filterby')) {
    const text = args.text(4).toLowerCase();
    if (args.is(3, 'aclcat')) wanted = (each) => each.categories.includes(`@${text}`);
    else if (args.is(3, 'pattern')) {
      const pattern = Buffer.from(text, 'latin1');
      wanted = (each) => {
        const name = Buffer.from(each.name, 'latin1');
        return globMatches(pattern, 0, pattern.length, name, 0, name.length, true);
      };
    } else if (args.is(3, 'module')) wanted = () => false;
    else return unit.syntaxError();
  } else if (args.count !== 2) return unit.syntaxError();
  const names = [...dispatcher.table.each()].filter(wanted);
  reply.array(names.length);
  for (const each of names) reply.bulkText(each.name);
}

function docs(unit: Unit): void {
  const { args, reply, dispatcher } = unit;
  if (args.count === 2) return replyDocs(reply, dispatcher.table.all);
  replyDocs(reply, Array.from({ length: args.count - 2 }, (_, i) => dispatcher.table.named(args.text(i + 2).toLowerCase())).filter((found) => found !== undefined));
}

/** The command in the arguments from the third on: itself, and its own arguments. */
function innerCommand(unit: Unit): { found: Command | undefined; inner: Args } {
  const { args, dispatcher } = unit;
  const inner = new Args();
  inner.buf = args.buf;
  for (let i = 2; i < args.count; i++) inner.push(args.off[i]!, args.len[i]!);
  const container = dispatcher.table.find(inner.buf, inner.off[0]!, inner.len[0]!);
  return { found: dispatcher.named(container, inner), inner };
}

function getkeys(unit: Unit, withFlags: boolean): void {
  const { reply } = unit;
  const { found, inner } = innerCommand(unit);
  if (found === undefined) return reply.error('ERR Invalid command specified');
  if (!hasKeys(found)) return reply.error('ERR The command has no key arguments');
  if (found.arity > 0 ? inner.count !== found.arity : inner.count < -found.arity) return reply.error('ERR Invalid number of arguments specified for command');
  const keys = keyReferences(found, inner);
  if (keys.length === 0 && found.flags.includes('no_mandatory_keys')) return reply.array(0);
  if (keys.length === 0) return reply.error('ERR Invalid arguments specified for command');
  reply.array(keys.length);
  for (const { at, flags } of keys) {
    if (withFlags) reply.array(2);
    reply.bulk(inner.buf, inner.off[at]!, inner.len[at]!);
    if (!withFlags) continue;
    const names = KEY_FLAGS.filter((_, bit) => (flags & (1 << bit)) !== 0);
    reply.set(names.length);
    for (const name of names) reply.simple(name);
  }
}

export const commandCommands: readonly CommandRow[] = [
  { name: 'command', needs: 'none', run: command },
  { name: 'command|count', needs: 'none', run: (unit) => unit.reply.integer(unit.dispatcher.table.all.length) },
  { name: 'command|info', needs: 'none', run: info },
  { name: 'command|list', needs: 'none', run: list },
  { name: 'command|docs', needs: 'none', run: docs },
  { name: 'command|getkeys', needs: 'none', run: (unit) => getkeys(unit, false) },
  { name: 'command|getkeysandflags', needs: 'none', run: (unit) => getkeys(unit, true) },
  { name: 'command|help', needs: 'none', run: (unit) => replyHelp(unit, HELP) },
];
