import { CommandTable } from '@larder/store-dispatch';
import { Args } from '@larder/store-resp';
import { redacted } from './slowness';

const names = ['auth', 'hello', 'get', 'acl', 'acl|setuser', 'config', 'config|set', 'migrate'];
const table = new CommandTable(names.map((name) => ({ name, needs: 'none', run: () => undefined })));

function shown(line: string): string {
  const words = line.split(' ');
  const command = table.named(`${words[0]!}|${words[1] ?? ''}`) ?? table.named(words[0]!)!;
  const args = redacted(command, new Args().set(words));
  return Array.from({ length: args.count }, (_, i) => args.text(i)).join(' ');
}

describe('what is shown of a command', () => {
  it.each([
    ['auth secret', 'auth (redacted)'],
    ['auth bob secret', 'auth (redacted) (redacted)'],
    ['hello 3 setname auth auth bob secret', 'hello 3 setname auth auth (redacted) (redacted)'],
    ['acl setuser bob >secret on', 'acl setuser (redacted) (redacted) (redacted)'],
    ['config set maxmemory 1 requirepass secret', 'config set maxmemory 1 requirepass (redacted)'],
    ['migrate host 1 key 0 1 auth2 bob secret', 'migrate host 1 key 0 1 auth2 (redacted) (redacted)'],
    ['get auth', 'get auth'],
  ])('%s', (line, expected) => {
    expect(shown(line)).toBe(expected);
  });
});
