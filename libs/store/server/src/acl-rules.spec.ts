import { CommandTable } from '@larder/store-dispatch';
import type { CommandRow } from '@larder/store-dispatch';
import { Args } from '@larder/store-resp';
import { Acl } from './acl';

const rows: CommandRow[] = ['get', 'set', 'mget', 'strlen', 'del', 'copy', 'select', 'config', 'config|get', 'config|set', 'flushall', 'subscribe', 'psubscribe', 'publish', 'save', 'bgsave', 'shutdown'].map((name) => ({ name, needs: 'none', run: () => undefined }));

function newAcl(): Acl {
  const acl = new Acl();
  acl.table = new CommandTable(rows);
  return acl;
}

function denied(acl: Acl, line: string): number {
  const words = line.split(' ');
  const command = acl.table.named(`${words[0]}|${words[1]}`) ?? acl.table.named(words[0]!)!;
  return Acl.check(acl.get('bob')!, command, new Args().set(words)).denied;
}

describe('rules of a user as words', () => {
  const shown = (...words: string[]): string => {
    const acl = newAcl();
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
      const acl = newAcl();
      acl.setUser('bob', words);
      const rights = acl.get('bob')!.selectors[0]!.rights;
      acl.setUser('copy', acl.get('bob')!.selectors[0]!.describeCommands(acl.table).split(' '));
      for (const { name } of rows) expect([name, acl.get('copy')!.selectors[0]!.rights.allows(name)]).toEqual([name, rights.allows(name)]);
    }
  });

  it('tells of a reset that it demands clean payloads again', () => {
    expect(shown('on', 'reset')).toBe('user bob off sanitize-payload resetchannels -@all');
  });

  it('shows selectors, key permissions and first arguments', () => {
    expect(shown('%R~a', '%w~b', '~c', '(~x +get', '&y)', '+select|0')).toBe('user bob off %R~a %W~b ~c resetchannels -@all +select|0 (~x resetchannels &y -@all +get)');
    expect(shown('%R~a', '%W~a')).toBe('user bob off ~a resetchannels -@all');
  });
});

describe('what a user may do', () => {
  const check = (rules: string, line: string): number => {
    const acl = newAcl();
    expect(acl.setUser('bob', rules.split(' '))).toBeUndefined();
    return denied(acl, line);
  };

  it('tells reading from writing', () => {
    const rules = '+@all %R~r* %W~w*';
    expect([check(rules, 'get r'), check(rules, 'get w'), check(rules, 'set w 1'), check(rules, 'set w 1 get'), check(rules, 'copy r w'), check(rules, 'copy w r')]).toEqual([0, 2, 0, 2, 0, 2]);
  });

  it('needs one selector that allows all of a command', () => {
    const rules = '(~a* +get) (~b* +set)';
    expect([check(rules, 'get a'), check(rules, 'set b 1'), check(rules, 'get b'), check(rules, 'del a')]).toEqual([0, 0, 2, 1]);
  });

  it('takes a pattern to listen to only as it is written in the rules', () => {
    const rules = '+@all resetchannels &a*';
    expect([check(rules, 'subscribe ab'), check(rules, 'psubscribe a*'), check(rules, 'psubscribe ab'), check(rules, 'publish b x')]).toEqual([0, 0, 4, 4]);
  });

  it('allows a subcommand or a first argument of what is denied', () => {
    const rules = '-@all +config|get +select|0';
    expect([check(rules, 'config get a'), check(rules, 'config set a b'), check(rules, 'select 0'), check(rules, 'select 1')]).toEqual([0, 1, 0, 1]);
  });
});

describe('an ACL file', () => {
  it('takes the place of all users, and nothing of it does when a line is wrong', () => {
    const acl = newAcl();
    acl.setUser('old', ['on']);
    expect(acl.load('user joe on nopass ~a +get\n\nuser kay (~b +set)\n', '/x')).toBeUndefined();
    expect(acl.text()).toBe('user default on nopass ~* &* +@all\nuser joe on nopass ~a resetchannels -@all +get\nuser kay off resetchannels -@all (~b resetchannels -@all +set)\n');
    expect(acl.load('nonsense\nuser joe\nuser joe\nuser kay foo bar +nosuch\n', '/x')).toBe(
      "/x:1 should start with user keyword followed by the username. WARNING: Duplicate user 'joe' found on line 3. /x:4: Syntax error. /x:4: Error in applying operation '+nosuch': Unknown command or category name in ACL. WARNING: ACL errors detected, no change to the previously active ACL rules was performed",
    );
    expect(acl.all().map(({ name }) => name)).toEqual(['default', 'joe', 'kay']);
  });
});
