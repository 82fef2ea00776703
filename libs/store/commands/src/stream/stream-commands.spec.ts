import type { Journal } from '@larder/store-dispatch';
import { TestStore } from '@larder/store-dispatch/testing';
import { streamCommands } from './stream-commands';
import { streamKind } from './stream-value';

describe('stream commands', () => {
  const store = () => new TestStore(streamCommands, [streamKind], 2);

  it('makes ids from the clock, and goes on counting when it stands still or goes back', () => {
    const s = store();
    expect(s.run('XADD x * a 1')).toBe('$15\r\n1700000000000-0\r\n');
    expect(s.run('XADD x * a 1')).toBe('$15\r\n1700000000000-1\r\n');
    s.keyspace.now += 5;
    expect(s.run('XADD x * a 1')).toBe('$15\r\n1700000000005-0\r\n');
    s.keyspace.now -= 1000;
    expect(s.run('XADD x * a 1')).toBe('$15\r\n1700000000005-1\r\n');
    expect(s.run('XADD x 1700000000005-* a 1')).toBe('$15\r\n1700000000005-2\r\n');
    s.run('XADD y 5-18446744073709551615 a 1');
    s.keyspace.now = 3;
    expect(s.run('XADD y * a 1')).toBe('$3\r\n6-0\r\n');
  });

  it('keeps 100,000 entries in order and gives all memory back', () => {
    const s = store();
    const before = s.arena.used;
    for (let i = 1; i <= 100_000; i++) s.run(['XADD', 'x', `${i}-1`, 'field', `value-${i}`]);
    expect(s.run('XLEN x')).toBe(':100000\r\n');
    expect((s.arena.used - before) / 100_000).toBeLessThan(30);
    expect(s.run('XRANGE x 50000 + COUNT 1')).toBe('*1\r\n*2\r\n$7\r\n50000-1\r\n*2\r\n$5\r\nfield\r\n$11\r\nvalue-50000\r\n');
    expect(s.run('XREVRANGE x (777-1 - COUNT 1')).toBe('*1\r\n*2\r\n$5\r\n776-1\r\n*2\r\n$5\r\nfield\r\n$9\r\nvalue-776\r\n');
    expect(s.run('XTRIM x MAXLEN ~ 500 LIMIT 0')).toBe(':99500\r\n');
    expect(s.run('XTRIM x MINID = 99990-2')).toBe(':490\r\n');
    expect(s.run('XTRIM x MAXLEN 0')).toBe(':10\r\n');
    s.keyspace.lookupWrite(0, Buffer.from('x'), 0, 1);
    s.keyspace.remove();
    expect(s.arena.used).toBe(before);
  });

  it('journals the id it made and the trim that was done', () => {
    const s = store();
    const written: string[] = [];
    const journal: Journal = {
      append: (_database, args) => void written.push(Array.from({ length: args.count }, (_, i) => args.text(i)).join(' ')),
      commit: () => undefined,
    };
    s.dispatcher.journal = journal;
    s.run('XADD x * a 1');
    for (let i = 0; i < 150; i++) s.run('XADD x * a 1');
    written.length = 0;
    s.run('XADD x MAXLEN ~ 20 LIMIT 1000 * a 1');
    s.run('XTRIM x MINID ~ 5');
    s.run('XTRIM x MAXLEN 10');
    expect(written).toEqual(['XADD x MAXLEN = 52 1700000000000-151 a 1', 'XTRIM x MAXLEN 10']);
  });
});
