/**
 * Users: each step makes one, changes it, looks at it, asks what it may do, and takes it away again, so that no step depends on another.
 */
import { one } from '../grammar.ts';
import { shaped } from '../row.ts';
import type { Group, Row } from '../row.ts';
import type { Random } from '../random.ts';

const WORDS = [
  'on', 'off', 'nopass', 'resetpass', '>secret', '<secret', '>', '#c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2', '#abc', '!abc', 'sanitize-payload', 'skip-sanitize-payload', 'reset',
  'allkeys', '~*', 'resetkeys', '~a*', '~b', '~', '%R~a*', '%W~b*', '%rw~c', '%RW~d', '%R~', '%X~a', '%RR~a', '%R', '~a b', '~\x00',
  'allchannels', '&*', 'resetchannels', '&news.*', '&a', '&', '&a b',
  'allcommands', '+@all', '-@all', 'nocommands', '+@read', '-@write', '+@hash', '-@dangerous', '+@nosuch', '+@', '+@STRING',
  '+get', '+SET', '-get', '+config', '-config', '+config|get', '-config|set', '+config|nosuch', '+config|get|x', '+select|0', '+select|', '-select|0', '+nosuch', '+', '-', '+get|a', '+object|encoding',
  'clearselectors', '(+get ~a*)', '(%R~a* +@read)', '(+set', '~b*)', '(+nosuch)', '()', '(resetchannels &x +publish)', '("+get" \'~q\')', '(~* ~a)', 'x', '', 'ON', 'on\x00x',
];
const QUESTIONS = [
  'GET a1', 'GET b', 'GET zz', 'SET a1 x', 'SET b x', 'SET b x GET', 'MGET a b c', 'MSET a 1 b 2', 'COPY a b', 'COPY b a', 'RENAME a b', 'DEL a b', 'EXISTS c', 'OBJECT ENCODING b', 'TYPE b', 'CONFIG GET x', 'CONFIG SET a b', 'SELECT 0', 'SELECT 1',
  'PUBLISH news.x y', 'PUBLISH a b', 'SUBSCRIBE a', 'PSUBSCRIBE news.*', 'PSUBSCRIBE news.x', 'UNSUBSCRIBE q', 'SPUBLISH a b', 'EVAL x 1 a', 'EVAL x 1 b', 'EVAL x 0', 'ZUNIONSTORE a 1 b', 'ZUNIONSTORE b 2x a c', 'SORT a BY x STORE b', 'LMPOP 2 a b LEFT', 'XREAD STREAMS a b 0 0', 'BITFIELD a GET u8 0',
  'BITFIELD a SET u8 0 1', 'GEORADIUS a 1 1 1 m STORE b', 'LMOVE a b LEFT LEFT', 'SINTERCARD 1 a', 'PING', 'AUTH x', 'FLUSHALL', 'GET', 'NOSUCH a', 'CONFIG NOSUCH', 'ACL WHOAMI', 'APPEND b x', 'STRLEN b', 'TOUCH b', 'GETDEL a', 'XADD b * a b', 'PFCOUNT a', 'SWAPDB 0 1', 'KEYS *',
];

const words = (random: Random, most: number): string[] => Array.from({ length: random.between(0, most) }, () => random.pick(WORDS));

/** The rows print as what they are about; the words come from the lists above. */
function about(command: string, weight: number, make: (random: Random) => string[][]): Row {
  return shaped(command, weight, [], (_made, random) => ({ commands: [...make(random), ['ACL', 'DELUSER', 'judge']] }), ['ACL SETUSER', 'ACL DELUSER']);
}

const question = (random: Random): string[] => ['ACL', 'DRYRUN', random.chance(0.98) ? 'judge' : 'nobody', ...random.pick(QUESTIONS).split(' ')];

export const acl: Group = {
  name: 'acl',
  weight: 1,
  rows: [
    about('ACL SETUSER', 4, (random) => [['ACL', 'SETUSER', 'judge', ...words(random, 5)], ['ACL', 'SETUSER', 'judge', random.pick(WORDS)], ['ACL', 'GETUSER', 'judge']]),
    about('ACL DRYRUN', 6, (random) => [
      ['ACL', 'SETUSER', 'judge', ...words(random, 4).filter((word) => !word.includes('reset'))],
      ...Array.from({ length: 4 }, () => ['ACL', 'SETUSER', 'judge', random.pick(WORDS)]),
      ...Array.from({ length: 8 }, () => question(random)),
    ]),
    about('ACL LIST', 1, (random) => [['ACL', 'SETUSER', 'judge', ...words(random, 3)], ['ACL', 'LIST'], ['ACL', 'USERS']]),
    about('ACL GETUSER', 1, (random) => [['ACL', 'SETUSER', 'judge', '+@all', '~*', random.pick(WORDS)], ['ACL', 'GETUSER', random.pick(['judge', 'default', 'nobody'])]]),
    shaped('ACL LOG', 0.5, [one('RESET', 'x', '-1', '0')], (command) => ({ commands: [command] })),
    shaped('ACL CAT', 0.5, [one('nosuch', 'Read', 'geo', 'connection')], (command) => ({ commands: [command] })),
    shaped('ACL GENPASS', 0.3, [one('0', 'x', '4097', '-1')], (command) => ({ commands: [command] })),
    shaped('ACL WHOAMI', 0.3, [], (command) => ({ commands: [command] })),
    shaped('ACL HELP', 0.1, [], (command) => ({ commands: [command] })),
  ],
};
