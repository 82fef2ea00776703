import { TestStore } from '@larder/store-dispatch/testing';
import { stringCommands } from './string-commands';

describe('string commands', () => {
  const store = () => new TestStore(stringCommands);

  it('sets, overwrites in place and with a new size, and gets', () => {
    const s = store();
    expect(s.run('SET a 1')).toBe('+OK\r\n');
    expect(s.run('SET a 2')).toBe('+OK\r\n');
    expect(s.run('GET a')).toBe('$1\r\n2\r\n');
    const long = 'x'.repeat(100_000);
    s.run(['SET', 'a', long]);
    expect(s.run('STRLEN a')).toBe(':100000\r\n');
    expect(s.run('GET a')).toBe(`$100000\r\n${long}\r\n`);
    s.run('SET a y');
    expect(s.run('GET a')).toBe('$1\r\ny\r\n');
  });

  it('lets keys die in time and gives all memory back', () => {
    const s = store();
    s.run('SET warm 1');
    const used = s.arena.used;
    s.run('SET b 1 PX 100');
    s.step(100);
    expect(s.run('GET b')).toBe('$1\r\n1\r\n');
    s.step(1);
    expect(s.run('GET b')).toBe('$-1\r\n');
    expect(s.keyspace.size(0)).toBe(1);
    s.run('GETDEL warm');
    expect(s.arena.used).toBeLessThan(used);
  });

  it('holds 200,000 keys in all shards and finds each', () => {
    const s = store();
    for (let i = 0; i < 200_000; i++) s.run(['SET', `key:${i}`, `v${i}`]);
    expect(s.keyspace.size(0)).toBe(200_000);
    for (let i = 0; i < 200_000; i += 777) expect(s.run(['GET', `key:${i}`])).toBe(`$${`v${i}`.length}\r\nv${i}\r\n`);
    const seen = new Set<number>();
    let cursor = 0;
    do cursor = s.keyspace.scan(0, cursor, 10, (address) => seen.add(address));
    while (cursor !== 0);
    expect(seen.size).toBe(200_000);
    for (let i = 0; i < 200_000; i++) s.run(['GETDEL', `key:${i}`]);
    expect(s.keyspace.size(0)).toBe(0);
    s.run('SET x y EX 1');
    s.run('GETDEL x');
  });

  it('counts exactly up to the last 64-bit integer', () => {
    const s = store();
    expect(s.run('INCR n')).toBe(':1\r\n');
    expect(s.run('INCRBY n 9223372036854775806')).toBe(':9223372036854775807\r\n');
    expect(s.run('INCR n')).toBe('-ERR increment or decrement would overflow\r\n');
    expect(s.run('INCRBYFLOAT f 0.1')).toBe('$3\r\n0.1\r\n');
  });

  it('answers refusals in the words of Redis', () => {
    const s = store();
    expect(s.run('SET a')).toBe("-ERR wrong number of arguments for 'set' command\r\n");
    expect(s.run('NOPE a b')).toBe("-ERR unknown command 'NOPE', with args beginning with: 'a' 'b' \r\n");
    expect(s.run('SET a b EX 0')).toBe("-ERR invalid expire time in 'set' command\r\n");
    expect(s.run('SET a b NX XX')).toBe('-ERR syntax error\r\n');
  });

  it('runs a transaction as one, and not at all when a watched key changed', () => {
    const s = store();
    const other = s.connect();
    s.run('WATCH a');
    s.run('MULTI');
    expect(s.run('SET a 1')).toBe('+QUEUED\r\n');
    expect(s.run('EXEC')).toBe('*1\r\n+OK\r\n');
    s.run('WATCH a');
    s.run('SET a 2', other);
    s.run('MULTI');
    s.run('SET a 3');
    expect(s.run('EXEC')).toBe('*-1\r\n');
    expect(s.run('GET a')).toBe('$1\r\n2\r\n');
  });
});

describe('times to live of strings', () => {
  const store = () => new TestStore(stringCommands);

  it('takes the last of the same word, and refuses two different ones', () => {
    const s = store();
    expect(s.run('SET a b EX 10 EX 20')).toBe('+OK\r\n');
    expect(s.run('SET a b EX 10 PX 20')).toBe('-ERR syntax error\r\n');
    expect(s.run('SET a b KEEPTTL EX 10')).toBe('-ERR syntax error\r\n');
  });

  it('reads the time of GETEX only for a key that is there', () => {
    const s = store();
    expect(s.run('GETEX missing EX x')).toBe('$-1\r\n');
    s.run('SET a b');
    expect(s.run('GETEX a EX x')).toBe('-ERR value is not an integer or out of range\r\n');
    expect(s.run('GETEX a EXAT 9223372036854775807')).toBe("-ERR invalid expire time in 'getex' command\r\n");
    expect(s.run('GETEX a PXAT 1')).toBe('$1\r\nb\r\n');
    expect(s.run('GET a')).toBe('$-1\r\n');
  });
});
