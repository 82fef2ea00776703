import { CommandTable } from '@larder/store-dispatch';
import type { CommandRow } from '@larder/store-dispatch';
import { Acl } from './acl';

const rows: CommandRow[] = ['get', 'set', 'mget', 'strlen', 'del', 'config', 'config|get', 'config|set', 'flushall', 'subscribe', 'save', 'bgsave', 'shutdown'].map((name) => ({ name, needs: 'none', run: () => undefined }));

describe('rules of a user as words', () => {
  const shown = (...words: string[]): string => {
    const acl = new Acl();
    acl.table = new CommandTable(rows);
    expect(acl.setUser('bob', words)).toBeUndefined();
    return acl.describe(acl.get('bob')!);
  };

  it('shows a category instead of the commands it holds', () => {
    expect(shown('+@read')).toBe('user bob off resetchannels -@all +@read');
    expect(shown('+get', '+@read', '-set')).toBe('user bob off resetchannels -@all +@read');
  });

  it('shows single commands where no category fits', () => {
    expect(shown('+set')).toBe('user bob off resetchannels -@all +set');
    expect(shown('+@all', '-flushall')).toBe('user bob off resetchannels +@all -flushall');
    expect(shown('+config|get')).toBe('user bob off resetchannels -@all +config|get');
  });

  it('shows a container once, and then what of it is different', () => {
    expect(shown('+config')).toBe('user bob off resetchannels -@all +config');
    expect(shown('+config', '-config|set')).toBe('user bob off resetchannels -@all +config -config|set');
  });

  it('shows words that give the same rights again', () => {
    for (const words of [['+@read', '-mget'], ['+@all', '-@write', '+set'], ['+config', '-config|set', '+@read']]) {
      const acl = new Acl();
      acl.table = new CommandTable(rows);
      acl.setUser('bob', words);
      acl.setUser('copy', acl.describeCommands(acl.get('bob')!).split(' '));
      for (const { name } of rows) {
        const command = acl.table.named(name)!;
        expect([name, Acl.mayRun(acl.get('copy')!, command)]).toEqual([name, Acl.mayRun(acl.get('bob')!, command)]);
      }
    }
  });

  it('tells of a reset that it demands clean payloads again', () => {
    expect(shown('on', 'reset')).toBe('user bob off sanitize-payload resetchannels -@all');
  });
});
