import { Args } from '@larder/store-resp';
import { SlowLog, shortened } from './slow-log';

const entry = (...words: string[]) => ({ time: 1, usec: 20_000, args: shortened(new Args().set(words)), address: '127.0.0.1:1', name: '' });

describe('SlowLog', () => {
  it('keeps the newest, numbered on', () => {
    const log = new SlowLog();
    log.resize(2);
    for (const word of ['a', 'b', 'c']) log.add(entry(word));
    expect(log.newest(10).map(({ id, args }) => [id, ...args])).toEqual([[2, 'c'], [1, 'b']]);
    log.resize(1);
    expect(log.length).toBe(1);
    log.reset();
    expect(log.newest(10)).toEqual([]);
  });

  it('cuts long arguments and long lists of them', () => {
    const log = new SlowLog();
    log.resize(1);
    log.add(entry('SET', 'k', 'x'.repeat(130)));
    expect(log.newest(1)[0]!.args[2]).toBe(`${'x'.repeat(128)}... (2 more bytes)`);
    log.add(entry(...Array.from({ length: 40 }, (_, i) => String(i))));
    expect(log.newest(1)[0]!.args).toHaveLength(32);
    expect(log.newest(1)[0]!.args[31]).toBe('... (9 more arguments)');
  });
});
