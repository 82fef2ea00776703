import type { AclDenial } from './acl-log';
import { AclLog } from './acl-log';

const denial = (object: string): AclDenial => ({ reason: 'command', context: 'toplevel', object, username: 'bob' });

describe('ACL LOG', () => {
  it('counts a denial like a recent one up and puts it first', () => {
    const log = new AclLog();
    log.add(denial('get'), 1000, 'a', 10);
    log.add(denial('set'), 2000, 'b', 10);
    log.add(denial('get'), 61_000, 'c', 10);
    log.add(denial('set'), 62_001, 'd', 10);
    expect(log.newest(9).map(({ object, count, clientInfo }) => [object, count, clientInfo])).toEqual([['set', 1, 'd'], ['get', 2, 'c'], ['set', 1, 'b']]);
  });

  it('keeps no more than it may', () => {
    const log = new AclLog();
    for (const object of ['a', 'b', 'c']) log.add(denial(object), 0, '', 2);
    expect(log.newest(9).map(({ object }) => object)).toEqual(['c', 'b']);
  });
});
