import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureMasterKey, secretBoxOf } from './secret-box';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);

describe('the secret box', () => {
  it('opens what it sealed, and seals the same text differently each time', () => {
    const box = secretBoxOf(key(1));
    const sealed = box.seal(text('hunter2'), 'instance:1:password');
    expect(Buffer.from(box.open(sealed, 'instance:1:password')).toString()).toBe('hunter2');
    expect(box.seal(text('hunter2'), 'instance:1:password')).not.toBe(sealed);
    expect(sealed).not.toContain('hunter2');
  });

  it('refuses a text bound to another row, any changed character, and another master key', () => {
    const box = secretBoxOf(key(1));
    const sealed = box.seal(text('hunter2'), 'instance:1:password');
    expect(() => box.open(sealed, 'instance:2:password')).toThrow('damaged or belongs elsewhere');
    expect(() => secretBoxOf(key(2)).open(sealed, 'instance:1:password')).toThrow('was sealed with master key');
    for (let at = sealed.indexOf('.', 4) + 1; at < sealed.length; at += 7) {
      const flipped = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      expect(() => box.open(flipped, 'instance:1:password')).toThrow();
    }
  });

  it('makes its key once, readable by its owner alone', () => {
    const home = mkdtempSync(path.join(tmpdir(), 'larder-key-'));
    try {
      const first = ensureMasterKey(home);
      expect(ensureMasterKey(home)).toEqual(first);
      expect(statSync(path.join(home, 'master.key')).mode & 0o777).toBe(0o600);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
