/** Streams; rows of consumer groups are in stream-groups.ts. Ids are given, not taken from the clock, except where the entry is removed again. */
import { argument, many, maybe, one, seq, made } from '../grammar.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { count, field, key, value } from '../values.ts';
import { groupRows } from './stream-groups.ts';

const k = key('stream');
/** New ids mostly grow: draws from a wide range would soon leave only "too small" errors, so most have a `*` part. */
const newId = argument('new-id', (random) => {
  const roll = random.fraction();
  if (roll < 0.55) return `${random.between(1, 400)}-*`;
  if (roll < 0.85) return `${random.between(1, 400)}-${random.between(0, 5)}`;
  if (roll < 0.95) return String(random.between(1, 400));
  return random.pick(['0-0', '0-1', '0-*', '-', '+', 'x', '1-x', '*-1', '500-18446744073709551615', '1-2-3', '', '18446744073709551616-0']);
});
const id = argument('id', (random) =>
  random.chance(0.85) ? `${random.between(0, 420)}${random.chance(0.4) ? `-${random.between(0, 4)}` : ''}` : random.pick(['0', '0-0', '18446744073709551615-18446744073709551615', 'x', '', '-1']),
);
const low = one('-', '-', id, argument('(id', (random) => `(${random.between(0, 400)}`));
const high = one('+', '+', id, argument('(id', (random) => `(${random.between(0, 400)}-1`));
const trim = one(
  seq('MAXLEN', maybe(one('=', '~'), 0.6), count, maybe(seq('LIMIT', count), 0.1)),
  seq('MINID', maybe(one('=', '~'), 0.6), id, maybe(seq('LIMIT', count), 0.1)),
);
const pairs = many(seq(field, value), 3, 60);
const readFrom = made('STREAMS key ... id ...', (random, out) => {
  const streams = random.between(1, 3);
  out.push('STREAMS');
  for (let left = streams; left > 0; left--) k.make(random, out);
  for (let left = random.chance(0.95) ? streams : streams - 1; left > 0; left--) (random.chance(0.9) ? id : one('$', '>', 'x')).make(random, out);
});

export const streams: Group = {
  name: 'streams',
  weight: 9,
  rows: [
    row('XADD', 18, k, maybe('NOMKSTREAM', 0.1), maybe(trim, 0.15), newId, pairs),
    row('XADD', 5, k, newId, 'a', '1', 'b', '2'),
    shaped('XADD', 1, [k, '*', pairs], (command) => ({ commands: [command, ['DEL', command[1]!]] }), ['DEL']),
    row('XLEN', 3, k),
    row('XRANGE', 6, k, low, high, maybe(seq('COUNT', count))),
    row('XREVRANGE', 5, k, high, low, maybe(seq('COUNT', count))),
    row('XDEL', 4, k, many(id, 4, 0)),
    row('XTRIM', 3, k, trim),
    row('XREAD', 5, maybe(seq('COUNT', count)), readFrom),
    row('XSETID', 2, k, id, maybe(seq('ENTRIESADDED', count, 'MAXDELETEDID', id), 0.4)),
    row('XINFO STREAM', 3, k, maybe(seq('FULL', maybe(seq('COUNT', count))), 0.4)),
    row('XINFO HELP', 0.3),
    ...groupRows,
  ],
};
