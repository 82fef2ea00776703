import { TestStore } from '@larder/store-dispatch/testing';
import { lcsCommands } from './lcs-command';
import { stringCommands } from './string-commands';
import { stringLimits } from './string-value';

describe('LCS', () => {
  const store = () => {
    const s = new TestStore([...stringCommands, ...lcsCommands]);
    s.run('MSET a ohmytext b mynewtext');
    return s;
  };

  it('finds the longest common subsequence, its length and its ranges', () => {
    const s = store();
    expect(s.run('LCS a b')).toBe('$6\r\nmytext\r\n');
    expect(s.run('LCS a b LEN')).toBe(':6\r\n');
    expect(s.run('LCS a b IDX')).toBe('*4\r\n$7\r\nmatches\r\n*2\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n*2\r\n*2\r\n:2\r\n:3\r\n*2\r\n:0\r\n:1\r\n$3\r\nlen\r\n:6\r\n');
    expect(s.run('LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN')).toBe('*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n$3\r\nlen\r\n:6\r\n');
  });

  it('takes a missing key for an empty string', () => {
    expect(store().run('LCS a missing')).toBe('$0\r\n\r\n');
    expect(store().run('LCS missing a IDX')).toBe('*4\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n');
  });

  it('refuses what contradicts itself and what is too large', () => {
    const s = store();
    expect(s.run('LCS a b IDX LEN')).toBe('-ERR If you want both the length and indexes, please just use IDX.\r\n');
    const { bytesMax } = stringLimits;
    stringLimits.bytesMax = 100;
    expect(s.run('LCS a b')).toBe('-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len\r\n');
    stringLimits.bytesMax = bytesMax;
  });
});
