/**
 * Consumer groups of streams. Nothing here may depend on how long a run takes: entries are idle for an instant, or (by IDLE and TIME of
 * a claim) for hours, and thresholds are none, an hour, or beyond everything.
 */
import { argument, anyOrder, made, many, maybe, one, seq } from '../grammar.ts';
import type { Part } from '../grammar.ts';
import { row } from '../row.ts';
import type { Row } from '../row.ts';
import { anyValue, count, field, key, value } from '../values.ts';

/** Streams of their own whose ids lie so close that most of them are met again: `1-0`, `1-1`, … */
const k: Part = made('stream-key', (random, out) => {
  if (random.chance(0.85)) out.push(`q${random.between(0, 1)}`);
  else key('stream').make(random, out);
});
const TOP = 90;
const named = (letter: string, names: number) =>
  argument(`${letter}-name`, (random) => (random.chance(0.95) ? `${letter}${random.between(0, names)}` : random.chance(0.6) ? random.pick(['', '12', 'a\x00b', letter, `${letter}0\r\n`]) : anyValue(random)));
const group = named('g', 1);
const consumer = named('c', 3);

const pendingId = argument('id', (random) =>
  random.chance(0.93) ? `1-${random.between(0, TOP)}` : random.chance(0.3) ? String(random.between(0, 400)) : random.pick(['0', '0-0', '18446744073709551615-18446744073709551615', '18446744073709551615', 'x', '', '-1', '-', '+', '9007199254740993-1']),
);
const newId = argument('new-id', (random) => `1-${random.between(0, TOP)}`);
const ids = many(pendingId, 9, 60);
/** Where a group starts or goes on: mostly early, so that there is something to read. */
const startId = argument('id|$', (random) => (random.chance(0.6) ? '0' : random.chance(0.5) ? '$' : random.chance(0.8) ? `1-${random.between(0, TOP)}` : random.pick(['-', '+', 'x', '(1', '18446744073709551615-18446744073709551615', '$\x00'])));
const entriesRead = argument('entries-read', (random) => (random.chance(0.85) ? String(random.between(-1, 30)) : random.pick(['-2', 'x', '9223372036854775807', '1.5'])));

const HOUR = 3_600_000;
/** Of entries as claims leave them: idle for no time, or for two hours and more. */
const minIdle = argument('min-idle', (random) =>
  random.chance(0.75) ? '0' : random.chance(0.5) ? String(HOUR) : random.pick(['-1', '9000000000000', '9223372036854775807', 'x', '1.5', '9223372036854775808']),
);
const idle = argument('idle', (random) => (random.chance(0.9) ? random.pick(['0', String(2 * HOUR), String(100 * HOUR), '-5', '9223372036854775807']) : random.pick(['x', '', '1.5'])));
const time = argument('time', (random) => (random.chance(0.9) ? random.pick(['0', '1', '1500000000000', '9223372036854775807', '-1', '-9']) : random.pick(['x', ''])));
const retries = argument('retries', (random) => (random.chance(0.85) ? String(random.between(-1, 9)) : random.pick(['x', '9223372036854775807', '4294967296', '-9223372036854775808'])));
const lastId = argument('id', (random) => (random.chance(0.9) ? `1-${random.between(0, TOP)}` : 'x'));

const low = one('-', '-', pendingId, argument('(id', (random) => `(1-${random.between(0, TOP)}`));
const high = one('+', '+', pendingId, argument('(id', (random) => `(1-${random.between(0, TOP)}`));

const readFrom: Part = made('STREAMS key ... >|id ...', (random, out) => {
  const streams = random.chance(0.75) ? 1 : random.between(1, 3);
  out.push('STREAMS');
  for (let left = streams; left > 0; left--) k.make(random, out);
  const isNew = random.chance(0.7);
  for (let left = random.chance(0.97) ? streams : streams - 1; left > 0; left--) {
    if (isNew && random.chance(0.97)) out.push('>');
    else if (random.chance(0.7)) out.push('0');
    else if (random.chance(0.9)) pendingId.make(random, out);
    else out.push(random.pick(['$', '>', 'x', '>\x00', '18446744073709551615-18446744073709551615']));
  }
});

const claimOption = one(seq('IDLE', idle), seq('TIME', time), seq('RETRYCOUNT', retries), 'FORCE', 'JUSTID', seq('LASTID', lastId), 'FORCE');

export const groupRows: readonly Row[] = [
  row('XADD', 12, k, maybe(seq('MAXLEN', maybe(one('=', '~')), one('20', '40')), 0.03), one('1-*', '1-*', '1-*', '1-*', newId), many(seq(field, value), 2, 0)),
  row('XDEL', 2, k, ids),
  row('DEL', 0.3, k),
  row('XTRIM', 0.5, k, 'MINID', pendingId),
  row('XSETID', 0.3, k, one('1-80', '1-200', '2'), maybe(seq('ENTRIESADDED', count), 0.3), maybe(seq('MAXDELETEDID', pendingId), 0.3)),
  row('XGROUP CREATE', 7, k, group, startId, maybe('MKSTREAM', 0.3), maybe(seq('ENTRIESREAD', entriesRead), 0.3), maybe('MKSTREAM', 0.05)),
  row('XGROUP SETID', 2, k, group, startId, maybe(seq('ENTRIESREAD', entriesRead), 0.4), maybe(seq('ENTRIESREAD', entriesRead), 0.05)),
  row('XGROUP DESTROY', 0.6, k, group),
  row('XGROUP CREATECONSUMER', 2, k, group, consumer),
  row('XGROUP DELCONSUMER', 1.2, k, group, consumer),
  row('XGROUP HELP', 0.3),
  row('XREADGROUP', 14, 'GROUP', group, consumer, anyOrder(maybe(seq('COUNT', count), 0.6), maybe('NOACK', 0.12)), readFrom),
  row('XREADGROUP', 0.5, maybe(seq('GROUP', group, consumer)), maybe('NOACK'), maybe(seq('BLOCK', one('-1', 'x', '1.5'))), maybe(seq('GROUP', group, consumer)), 'COUNT', count, readFrom),
  row('XACK', 6, k, group, ids),
  row('XPENDING', 3, k, group),
  row('XPENDING', 6, k, group, maybe(seq('IDLE', minIdle), 0.3), low, high, count, maybe(consumer, 0.4), maybe('x', 0.02)),
  row('XCLAIM', 8, k, group, consumer, minIdle, ids, maybe(many(claimOption, 3, 0), 0.6)),
  row('XAUTOCLAIM', 6, k, group, consumer, minIdle, low, anyOrder(maybe(seq('COUNT', count), 0.7), maybe('JUSTID', 0.3))),
  row('XINFO GROUPS', 4, k),
  row('XINFO CONSUMERS', 3, k, group),
  row('XINFO STREAM', 4, k, 'FULL', maybe(seq('COUNT', count))),
];
