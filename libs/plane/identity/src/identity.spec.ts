import type { ApiTokenRow, UserRow } from '@larder/plane-domain';
import { decideAccess, type Viewer } from './access';
import { checkPassword, hashPassword, verifyPassword } from './passwords';
import { drawPassword, drawSecret, shownPrefixOf, tokenPrefix } from './secrets';
import { signerOf } from './signer';

describe('passwords', () => {
  it('are kept as argon2id and told apart, also where nobody is known', async () => {
    const hash = await hashPassword('correct horse battery');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword('correct horse battery', hash)).toBe(true);
    expect(await verifyPassword('correct horse batterz', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
    expect(await verifyPassword('correct horse battery', undefined)).toBe(false);
  });
  it('must be long enough', () => {
    expect(checkPassword('short')).toBe('must have at least 10 characters');
    expect(checkPassword('aaaaaaaaaaaaaa')).toBe('must not repeat so few characters');
    expect(checkPassword('correct horse')).toBeUndefined();
  });
});

describe('drawn secrets', () => {
  it('are long, different, and recognisable by little', () => {
    const token = drawSecret(tokenPrefix);
    expect(token).toMatch(/^larder_[\w-]{43}$/);
    expect(drawSecret(tokenPrefix)).not.toBe(token);
    expect(token.startsWith(shownPrefixOf(token))).toBe(true);
    expect(shownPrefixOf(token)).toHaveLength(13);
    expect(drawPassword()).toMatch(/^[A-Za-z0-9]{33}$/);
  });
});

describe('access', () => {
  const user: Viewer = { kind: 'user', user: { id: 'u' } as UserRow, sessionId: 's' };
  const token: Viewer = { kind: 'token', token: { organizationId: 'mine', scopes: ['INSTANCES_WRITE'] } as unknown as ApiTokenRow };
  it('of a person follows the role, and a foreign organization does not exist', () => {
    expect(decideAccess(user, 'mine', 'DEVELOPER', 'instance.create')).toBe('allowed');
    expect(decideAccess(user, 'mine', 'VIEWER', 'instance.create')).toBe('forbidden');
    expect(decideAccess(user, 'other', undefined, 'instance.read')).toBe('not-found');
  });
  it('of a token follows its scopes, in its own organization alone', () => {
    expect(decideAccess(token, 'mine', undefined, 'instance.create')).toBe('allowed');
    expect(decideAccess(token, 'mine', undefined, 'instance.delete')).toBe('forbidden');
    expect(decideAccess(token, 'other', 'OWNER', 'instance.read')).toBe('not-found');
  });
});

describe('signed links', () => {
  it('hold until their end, for what they say, under their own key', () => {
    const signer = signerOf(new Uint8Array(32).fill(1), 'download');
    const link = signer.sign({ backupId: 'b' }, new Date(1_000));
    expect(signer.verify(link, new Date(999))).toEqual({ backupId: 'b' });
    expect(signer.verify(link, new Date(1_000))).toBeUndefined();
    expect(signer.verify(`x${link}`, new Date(0))).toBeUndefined();
    expect(signer.verify('nonsense', new Date(0))).toBeUndefined();
    expect(signerOf(new Uint8Array(32).fill(1), 'other').verify(link, new Date(0))).toBeUndefined();
  });
});
