import { judge } from './judge.ts';
import { declared, undeclared } from './model/scripts.ts';
import { FIRE } from './model/redis-model.ts';
import { written } from './testing.ts';
import type { Line } from './testing.ts';

const verdict = (...lines: readonly Line[]): 'right' | 'wrong' => (judge(written(...lines)).violations.length === 0 ? 'right' : 'wrong');

describe('a judge of histories', () => {
  it('accepts one client after the other', () => {
    expect(verdict([0, 1, 1, 'SET k 1', 'OK'], [2, 3, 2, 'GET k', '1'], [4, 5, 1, 'INCR k', 2], [6, 7, 2, 'GET k', '2'])).toBe('right');
  });

  it('accepts either order of what overlaps', () => {
    for (const seen of ['1', '2']) expect(verdict([0, 10, 1, 'SET k 1', 'OK'], [0, 10, 2, 'SET k 2', 'OK'], [11, 12, 3, 'GET k', seen])).toBe('right');
  });

  it('refuses a read of what was overwritten before', () => {
    expect(verdict([0, 1, 1, 'SET k 1', 'OK'], [2, 3, 2, 'SET k 2', 'OK'], [4, 5, 3, 'GET k', '1'])).toBe('wrong');
  });

  it('refuses two readers who see two writes in opposite orders', () => {
    expect(
      verdict([0, 100, 1, 'SET k 1', 'OK'], [0, 100, 2, 'SET k 2', 'OK'], [1, 2, 3, 'GET k', '1'], [3, 4, 3, 'GET k', '2'], [5, 6, 4, 'GET k', '1']),
    ).toBe('wrong');
  });

  it('refuses a lost increment', () => {
    expect(verdict([0, 10, 1, 'INCR n', 1], [0, 10, 2, 'INCR n', 1])).toBe('wrong');
    expect(verdict([0, 10, 1, 'INCR n', 1], [0, 10, 2, 'INCR n', 2], [11, 12, 1, 'GET n', '1'])).toBe('wrong');
  });

  it('lets an operation without a reply have happened, or not', () => {
    for (const seen of ['1', null]) expect(verdict([0, Infinity, 1, 'SET k 1'], [5, 6, 2, 'GET k', seen])).toBe('right');
    expect(verdict([0, Infinity, 1, 'SET k 1'], [5, 6, 2, 'GET k', '1'], [7, 8, 2, 'GET k', null])).toBe('wrong');
  });

  it('keeps the order of one connection though all was sent at once', () => {
    const history = written([0, 10, 1, 'SET k 1', 'OK'], [0, 10, 1, 'SET k 2', 'OK'], [11, 12, 2, 'GET k', '1']);
    expect(judge(history).violations).toHaveLength(0);
    expect(judge(history.map((operation, at) => (at === 1 ? { ...operation, after: 0 } : operation))).violations).toHaveLength(1);
  });

  it('refuses an element that two clients got, and one that nobody can get', () => {
    expect(verdict([0, 1, 1, 'RPUSH l a b', 2], [2, 9, 1, 'LPOP l', 'a'], [2, 9, 2, 'LPOP l', 'a'])).toBe('wrong');
    expect(verdict([0, 1, 1, 'RPUSH l a b', 2], [2, 9, 1, 'LPOP l', 'a'], [2, 9, 2, 'BLPOP l 1', ['l', 'b']], [10, 11, 1, 'LLEN l', 0])).toBe('right');
    expect(verdict([0, 1, 1, 'RPUSH l a', 1], [2, 3, 2, 'BLPOP l 1', null])).toBe('wrong');
    // Both waited: one push served them, from the list that was pushed to.
    expect(verdict([0, 9, 1, 'BLMOVE b a LEFT LEFT 1', 'x'], [1, 9, 2, 'BLPOP a b 1', ['b', 'y']], [2, 9, 3, 'RPUSH b x y', 2], [10, 11, 3, 'LRANGE a 0 -1', ['x']])).toBe('right');
    expect(verdict([0, 1, 1, 'RPUSH l a', 1], [2, 9, 1, 'LMOVE l m LEFT LEFT', 'a'], [2, 9, 2, 'LRANGE l 0 -1', []], [10, 11, 2, 'LRANGE m 0 -1', []])).toBe('wrong');
  });

  it('refuses a torn MSET and half a RENAME', () => {
    expect(verdict([0, 10, 1, 'MSET a 1 b 1', 'OK'], [0, 10, 2, 'MGET a b', ['1', null]])).toBe('wrong');
    expect(verdict([0, 1, 1, 'SET a 1', 'OK'], [2, 10, 1, 'RENAME a b', 'OK'], [2, 10, 2, 'MGET a b', [null, null]])).toBe('wrong');
    expect(verdict([0, 1, 1, 'SET a 1', 'OK'], [2, 10, 1, 'RENAME a b', 'OK'], [2, 10, 2, 'MGET a b', [null, '1']])).toBe('right');
  });

  it('refuses a sum that money is missing from', () => {
    const accounts = [0, 1, 1, 'MSET a 5 b 5', 'OK'] as const;
    const transfer = [2, 9, 1, 'EXEC', [3, 7], ['DECRBY a 2', 'INCRBY b 2']] as const;
    expect(verdict(accounts, transfer, [2, 9, 2, 'MGET a b', ['3', '7']])).toBe('right');
    expect(verdict(accounts, transfer, [2, 9, 2, 'MGET a b', ['3', '5']])).toBe('wrong');
  });

  it('refuses EXEC after a watched key changed, and its failure when none did', () => {
    const before = [[0, 1, 1, 'SET k 1', 'OK'], [2, 3, 1, 'WATCH k', 'OK'], [4, 5, 1, 'GET k', '1']] as const;
    const body = ['SET k 2'];
    expect(verdict(...before, [8, 9, 1, 'EXEC', ['OK'], body])).toBe('right');
    expect(verdict(...before, [8, 9, 1, 'EXEC', null, body])).toBe('wrong');
    expect(verdict(...before, [6, 7, 2, 'SET k 1', 'OK'], [8, 9, 1, 'EXEC', null, body])).toBe('right');
    expect(verdict(...before, [6, 7, 2, 'SET k 1', 'OK'], [8, 9, 1, 'EXEC', ['OK'], body])).toBe('wrong');
  });

  it('knows what the scripts do, keys declared or not', () => {
    for (const make of [declared, undeclared]) {
      const history = (replies: readonly number[]) => [
        ...written([0, 9, 1, 'GET n', null]),
        ...replies.map((reply, at) => ({ id: at + 1, client: at, command: make('add', ['n'], ['3']), calledAt: 0, returnedAt: 9, reply, after: -1 })),
      ];
      expect(judge(history([0, 3, 6])).violations).toHaveLength(0);
      expect(judge(history([0, 3, 3])).violations).toHaveLength(1);
    }
  });

  it('refuses sorted-set, hash and set operations that lost one another', () => {
    expect(verdict([0, 9, 1, 'ZINCRBY z 1 m', '1'], [0, 9, 2, 'ZINCRBY z 2 m', '2'])).toBe('wrong');
    expect(verdict([0, 1, 1, 'ZADD z 1 a 2 b', 2], [2, 9, 1, 'ZPOPMIN z', ['a', '1']], [2, 9, 2, 'ZPOPMIN z', ['b', '2']], [10, 11, 1, 'ZRANGE z 0 -1', []])).toBe('right');
    expect(verdict([0, 1, 1, 'ZADD z 1 a 2 b', 2], [2, 3, 1, 'ZPOPMIN z', ['b', '2']])).toBe('wrong');
    expect(verdict([0, 1, 1, 'HSET h f 1', 1], [2, 3, 2, 'HINCRBY h f 2', 3], [4, 5, 1, 'HGETALL h', ['f', '1']])).toBe('wrong');
    expect(verdict([0, 9, 1, 'SADD s m', 1], [0, 9, 2, 'SADD s m', 1])).toBe('wrong');
    expect(verdict([0, 1, 1, 'SADD s a b', 2], [2, 9, 1, 'SPOP s', 'a'], [2, 9, 2, 'SPOP s', 'a'])).toBe('wrong');
  });

  it('refuses a key that outlives its time, or dies before it', () => {
    const set = [0, 1, 1, 'SET k v PX 10', 'OK'] as const;
    const fire = [9, 12, -1, `${FIRE} k v`, 'OK'] as const;
    expect(verdict(set, fire, [2, 3, 2, 'GET k', 'v'], [13, 14, 2, 'GET k', null])).toBe('right');
    expect(verdict(set, fire, [2, 3, 2, 'GET k', null])).toBe('wrong');
    expect(verdict(set, fire, [13, 14, 2, 'GET k', 'v'])).toBe('wrong');
    expect(verdict(set, fire, [2, 3, 2, 'PERSIST k', 1], [13, 14, 2, 'GET k', 'v'])).toBe('right');
  });

  it('looks at keys that have nothing to do with each other one by one', () => {
    const judgement = judge(written([0, 1, 1, 'SET a 1', 'OK'], [0, 1, 2, 'SET b 1', 'OK'], [2, 3, 1, 'MGET a c', ['1', null]], [4, 5, 1, 'GET b', 'x']));
    expect(judgement.parts).toBe(2);
    expect(judgement.violations.map((violation) => violation.keys)).toEqual([['b']]);
  });

  it('shows no more of a violation than violates', () => {
    const noise = Array.from({ length: 50 }, (_, i): Line => [i * 10, i * 10 + 5, 1, `SET k ${i}`, 'OK']);
    const { operations } = judge(written(...noise, [600, 601, 2, 'GET k', '49'], [602, 603, 3, 'GET k', '3'], [700, 701, 1, 'SET k x', 'OK'])).violations[0]!;
    expect(operations.map((operation) => operation.command.join(' ')).slice(-2)).toEqual(['SET k 49', 'GET k']);
  });
});
