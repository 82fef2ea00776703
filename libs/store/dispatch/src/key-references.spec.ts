import { Args } from '@larder/store-resp';
import { commandDocs } from './command-docs';
import { COMMAND_FACTS } from './command-facts';
import { CommandTable } from './command';
import { KEY_FLAGS, hasKeys, keyReferences } from './key-references';

const names = COMMAND_FACTS.split('\n').map((line) => line.split('~')[0]!).filter((name) => name !== '');
const table = new CommandTable(names.map((name) => ({ name, needs: 'none', run: () => undefined })));

function references(line: string): string {
  const words = line.split(' ');
  const args = new Args().set(words);
  const container = table.named(words[0]!)!;
  const command = container.subcommands?.get(words[1]!) ?? container;
  return keyReferences(command, args)
    .map(({ at, flags }) => [words[at], ...KEY_FLAGS.filter((_, bit) => (flags & (1 << bit)) !== 0)].join(' '))
    .join(', ');
}

describe('which arguments are keys and what happens to them', () => {
  // Each as redis-server 7.0.15 answers COMMAND GETKEYSANDFLAGS.
  it.each([
    ['get a', 'a RO access'],
    ['set a b', 'a OW update'],
    ['set a b get', 'a RW access update'],
    ['mset a 1 b 2', 'a OW update, b OW update'],
    ['bitfield a get u8 0', 'a RO access'],
    ['bitfield a get u8 0 incrby u8 0 1', 'a RW access update'],
    ['object encoding a', 'a RO'],
    ['sort a by x store b', 'a RO access, b OW update'],
    ['migrate h 1 k 0 1', 'k RW access delete'],
    ['eval s 2 a b c', 'a RW access update, b RW access update'],
    ['eval s 0 a', ''],
    ['zunionstore d 2x a b', 'a, b, d'],
    ['xreadgroup group streams c streams a 1', 'a RO access'],
    ['georadius a 1 2 3 m store b storedist c', 'a RO access, b OW update, c OW update'],
    ['lmpop 2 a b left', 'a RW access delete, b RW access delete'],
    ['blmove a b left right 0', 'a RW access delete, b RW insert'],
    ['spublish a b', ''],
  ])('%s', (line, expected) => {
    expect(references(line)).toBe(expected);
  });

  it('says of a command without keys that it has none, of one with a fake key too', () => {
    expect(['ping', 'spublish', 'sort', 'memory|usage'].map((name) => hasKeys(table.named(name)!))).toEqual([false, false, true, true]);
  });
});

describe('documentation of commands', () => {
  it('has one line for every command of the facts', () => {
    const documented = commandDocs().trimEnd().split('\n').map((line) => line.split('^')[0]!);
    expect(documented.sort()).toEqual(names.sort());
  });
});
