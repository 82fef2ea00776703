import { TestStore } from '@larder/store-dispatch/testing';
import { stringCommands } from '../string/string-commands';
import { databaseCommands } from './database-commands';
import { expiryCommands } from './expiry-commands';
import { keyCommands } from './key-commands';

const store = () => new TestStore([...stringCommands, ...expiryCommands, ...databaseCommands, ...keyCommands]);

describe('expiry', () => {
  it('reads options before the time', () => {
    const s = store();
    expect(s.run('EXPIRE a x y')).toBe('-ERR Unsupported option y\r\n');
    expect(s.run('EXPIRE a x NX XX')).toBe('-ERR NX and XX, GT or LT options at the same time are not compatible\r\n');
    expect(s.run('EXPIRE a x')).toBe('-ERR value is not an integer or out of range\r\n');
  });

  it('shows the farthest time to its last digit', () => {
    const s = store();
    s.run('SET a b');
    expect(s.run('PEXPIREAT a 9223372036854775807')).toBe(':1\r\n');
    expect(s.run('PEXPIRETIME a')).toBe(':9223372036854775807\r\n');
    expect(s.run('EXPIRETIME a')).toBe(':9223372036854776\r\n');
  });

  it('SCAN deletes keys past their time that it meets', () => {
    const s = store();
    s.run('SET a b PX 10');
    s.step(11);
    expect(s.run('DBSIZE')).toBe(':1\r\n');
    expect(s.run('SCAN 0')).toBe('*2\r\n$1\r\n0\r\n*0\r\n');
    expect(s.run('DBSIZE')).toBe(':0\r\n');
  });

  it('a copied integer is not a shared one', () => {
    const s = store();
    s.run('SET a 7');
    s.run('COPY a b');
    expect(s.run('OBJECT REFCOUNT a')).toBe(':2147483647\r\n');
    expect(s.run('OBJECT REFCOUNT b')).toBe(':1\r\n');
    expect(s.run('OBJECT ENCODING b')).toBe('$3\r\nint\r\n');
    s.run('INCR b');
    expect(s.run('OBJECT REFCOUNT b')).toBe(':2147483647\r\n');
  });

  it('breaks a watch when its key goes with the database, and only then', () => {
    const s = store();
    s.run('WATCH missing');
    s.run('FLUSHALL');
    s.run('MULTI');
    expect(s.run('EXEC')).toBe('*0\r\n');
    s.run('SET a b');
    s.run('WATCH a');
    s.run('SWAPDB 0 1');
    s.run('MULTI');
    expect(s.run('EXEC')).toBe('*-1\r\n');
  });
});
