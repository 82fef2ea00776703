/**
 * A snapshot is the keyspace at its cut, whatever happens while it is taken: random commands between slices of the walk,
 * then the file is loaded into another store and compared key by key with what DUMP said at the cut.
 */
import { RdbEncoder, RdbReader, Snapshot } from '@larder/store-persistence';
import { TestStore } from '@larder/store-dispatch/testing';
import { Dice, picture, rows } from './snapshot.testing';
import { codecs, kinds } from './wire';

/** One random command over few keys, so that they collide. */
function command(dice: Dice): string[] {
  const key = () => `${dice.pick(['s', 'h', 'l', 'set', 'z'])}${dice.next(40)}`;
  const n = dice.next(24);
  const value = dice.next(5) === 0 ? 'v'.repeat(dice.next(300)) : String(dice.next(10_000));
  switch (n) {
    case 0: return ['DEL', key()];
    case 1: return ['RENAME', key(), key()];
    case 2: return ['COPY', key(), key(), 'REPLACE'];
    case 3: return ['MOVE', key(), '1'];
    case 4: return ['PEXPIRE', key(), String(1 + dice.next(100_000))];
    case 5: return ['PERSIST', key()];
    case 6: return ['SELECT', String(dice.next(2))];
    case 7: return dice.next(20) === 0 ? ['SWAPDB', '0', '1'] : ['EXISTS', key()];
    case 8: return dice.next(60) === 0 ? ['FLUSHDB'] : ['APPEND', `s${dice.next(40)}`, value];
    case 9: return ['SET', key(), value];
    case 10: return ['INCRBY', `s${dice.next(40)}`, '7'];
    case 11: case 12: return ['HSET', `h${dice.next(40)}`, `f${dice.next(50)}`, value];
    case 13: return ['HDEL', `h${dice.next(40)}`, `f${dice.next(50)}`];
    case 14: case 15: return [dice.pick(['LPUSH', 'RPUSH']), `l${dice.next(40)}`, value, value];
    case 16: return [dice.pick(['LPOP', 'RPOP']), `l${dice.next(40)}`];
    case 17: return ['LMOVE', `l${dice.next(40)}`, `l${dice.next(40)}`, 'LEFT', 'RIGHT'];
    case 18: case 19: return ['SADD', `set${dice.next(40)}`, value, String(dice.next(100))];
    case 20: return ['SPOP', `set${dice.next(40)}`];
    case 21: return ['SMOVE', `set${dice.next(40)}`, `set${dice.next(40)}`, String(dice.next(100))];
    case 22: return ['ZADD', `z${dice.next(40)}`, String(dice.next(1000) / 8), `m${dice.next(80)}`];
    default: return ['ZPOPMIN', `z${dice.next(40)}`];
  }
}

describe('a snapshot', () => {
  it.each(Array.from({ length: 25 }, (_, i) => i + 1))('of seed %i is the keyspace at its cut', (seed) => {
    const dice = new Dice(seed);
    const store = new TestStore(rows, kinds);
    const parts: Buffer[] = [];
    // Three snapshots in a row: the marks of one are the start of the next.
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 600; i++) store.run(command(dice));
      const before = picture(store);
      const at = store.keyspace.now;
      parts.length = 0;
      const encoder = new RdbEncoder({ compresses: true, checks: true });
      const snapshot = new Snapshot(store.keyspace, {
        codecs,
        aux: [['redis-ver', '7.0.15']],
        emit: (chunk, length) => parts.push(Buffer.from(encoder.encode(chunk, length))),
      });
      while (!snapshot.isDone) {
        for (let i = dice.next(12); i > 0; i--) store.run(command(dice));
        store.step(dice.next(50));
        let visits = 0;
        snapshot.walk(() => ++visits >= 3);
      }
      const file = Buffer.concat([...parts, encoder.trailer()]);
      expect(load(file, at)).toEqual(before);
      expect(snapshot.keys).toBe(snapshot.total);
    }
  });
});

/** The picture of a store that loaded the file at that time. */
function load(file: Buffer, now: number): Map<string, string> {
  const store = new TestStore(rows, kinds);
  store.keyspace.now = now;
  let at = 0;
  const source = {
    read(into: Buffer): number {
      const copied = file.copy(into, 0, at, Math.min(file.length, at + 1000));
      at += copied;
      return copied;
    },
  };
  new RdbReader(source, { codecs, checks: true, now }).readInto(store.keyspace);
  return picture(store);
}
