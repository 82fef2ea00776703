import { TestStore } from '@larder/store-dispatch/testing';
import { hashCommands } from '../hash/hash-commands';
import { hashKind } from '../hash/hash-value';
import { listCommands } from '../list/list-commands';
import { listKind } from '../list/list-value';
import { setCommands } from '../set/set-commands';
import { setKind } from '../set/set-value';
import { stringCommands } from '../string/string-commands';
import { zsetCommands } from '../zset/zset-commands';
import { zsetKind } from '../zset/zset-value';
import { keyCommands } from './key-commands';
import { sortCommands } from './sort-commands';

const store = () => new TestStore([...keyCommands, ...stringCommands, ...listCommands, ...setCommands, ...zsetCommands, ...hashCommands, ...sortCommands], [hashKind, listKind, setKind, zsetKind]);
const list = (...items: (string | null)[]) => `*${items.length}\r\n${items.map((item) => (item === null ? '$-1\r\n' : `$${item.length}\r\n${item}\r\n`)).join('')}`;

describe('SORT', () => {
  it('sorts by number, by bytes, both ways, and a part', () => {
    const s = store();
    s.run('RPUSH l 10 9 -3 1.5');
    expect(s.run('SORT l')).toBe(list('-3', '1.5', '9', '10'));
    expect(s.run('SORT l DESC')).toBe(list('10', '9', '1.5', '-3'));
    expect(s.run('SORT l ALPHA')).toBe(list('-3', '1.5', '10', '9'));
    expect(s.run('SORT l LIMIT 1 2')).toBe(list('1.5', '9'));
    expect(s.run('SORT l LIMIT -5 1')).toBe(list('-3'));
    expect(s.run('SORT l LIMIT 9 1')).toBe(list());
  });

  it('refuses what is no number, unless bytes were asked for', () => {
    const s = store();
    s.run('RPUSH l a 1');
    expect(s.run('SORT l')).toBe("-ERR One or more scores can't be converted into double\r\n");
    expect(s.run('SORT l ALPHA')).toBe(list('1', 'a'));
    s.run('RPUSH big 1e400');
    expect(s.run('SORT big')).toBe("-ERR One or more scores can't be converted into double\r\n");
  });

  it('follows patterns to strings and to fields of hashes', () => {
    const s = store();
    s.run('RPUSH l 1 2 3');
    s.run('MSET w1 30 w2 20 w3 10 n1 one n3 three');
    s.run('HSET h2 f x');
    expect(s.run('SORT l BY w*')).toBe(list('3', '2', '1'));
    expect(s.run('SORT l BY w* GET # GET n*')).toBe(list('3', 'three', '2', null, '1', 'one'));
    expect(s.run('SORT l GET h*->f')).toBe(list(null, 'x', null));
    expect(s.run('SORT l GET n1')).toBe(list(null, null, null));
  });

  it('keeps the order of lists and sorted sets where it is not to sort', () => {
    const s = store();
    s.run('RPUSH l 3 1 2');
    s.run('ZADD z 2 b 1 a 3 c');
    expect(s.run('SORT l BY nosort')).toBe(list('3', '1', '2'));
    expect(s.run('SORT l BY nosort DESC LIMIT 0 2')).toBe(list('2', '1'));
    expect(s.run('SORT z BY nosort DESC')).toBe(list('c', 'b', 'a'));
    expect(s.run('OBJECT ENCODING z')).toBe('$8\r\nskiplist\r\n');
  });

  it('stores over whatever was there, and nothing as no key', () => {
    const s = store();
    s.run('SADD u c a b');
    s.run('SET d x EX 100');
    expect(s.run('SORT u BY nosort STORE d')).toBe(':3\r\n');
    expect(s.run('LRANGE d 0 -1')).toBe(list('a', 'b', 'c'));
    expect(s.run('SORT missing STORE d')).toBe(':0\r\n');
    expect(s.run('EXISTS d')).toBe(':0\r\n');
    expect(s.run('SORT_RO u STORE d')).toBe('-ERR syntax error\r\n');
  });

  it('does not follow patterns for a user who may not see every key', () => {
    const s = store();
    s.run('RPUSH l 1');
    s.dispatcher.host.seesAllKeys = () => false;
    expect(s.run('SORT l BY w*')).toBe('-ERR BY option of SORT denied due to insufficient ACL permissions.\r\n');
    expect(s.run('SORT l GET #')).toBe('-ERR GET option of SORT denied due to insufficient ACL permissions.\r\n');
    expect(s.run('SORT l BY nosort')).toBe(list('1'));
  });

  it('gives all memory back', () => {
    const s = store();
    s.run('RPUSH l 3 1 2');
    const { used } = s.arena;
    for (let i = 0; i < 50; i++) s.run('SORT l STORE d');
    s.run('DEL d');
    expect(s.arena.used).toBeLessThanOrEqual(used + 4096);
  });

  it('does not wake a waiter when one value takes the place of another', () => {
    const s = new TestStore([...keyCommands, ...stringCommands, ...listCommands, ...sortCommands], [listKind]);
    const waiter = s.connect();
    s.run('RPUSH l 1');
    s.run('BLPOP d 0', waiter);
    s.run('SET d x');
    s.run('SORT l STORE d');
    expect(waiter.delivered).toEqual([]);
    s.run('RENAME l d');
    expect(waiter.delivered).toEqual([list('d', '1')]);
  });
});
