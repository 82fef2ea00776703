import { decideAdmission, type StoreState } from './admission';
import { parseShebang, type ScriptFlags } from './shebang';

const healthy: StoreState = {
  isCluster: false,
  isStaleReplica: false,
  isReadonlyReplica: false,
  persistenceFault: undefined,
  lacksReplicas: false,
  isOutOfMemory: false,
};

const flags = (shebang: string): ScriptFlags => {
  const parsed = parseShebang(`${shebang}\nreturn 1`);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed.flags;
};

describe('admission of scripts', () => {
  it('lets any script of a healthy store run', () => {
    for (const shebang of ['', '#!lua', '#!lua flags=no-writes']) expect(decideAdmission(flags(shebang), false, healthy)).toBeUndefined();
  });

  it('keeps a script without a shebang out of a stale replica only', () => {
    expect(decideAdmission(flags(''), true, { ...healthy, isReadonlyReplica: true, isOutOfMemory: true, isCluster: true })).toBeUndefined();
    expect(decideAdmission(flags(''), false, { ...healthy, isStaleReplica: true })).toMatch(/^MASTERDOWN Link with MASTER is down and/);
  });

  it.each([
    ['#!lua flags=no-cluster', { isCluster: true }, /^ERR Can not run script on cluster/],
    ['#!lua', { isStaleReplica: true }, /^MASTERDOWN Link with MASTER is down/],
    ['#!lua', { isReadonlyReplica: true }, /^READONLY /],
    ['#!lua', { persistenceFault: 'MISCONF x' }, /^MISCONF x$/],
    ['#!lua', { lacksReplicas: true }, /^NOREPLICAS /],
    ['#!lua', { isOutOfMemory: true }, /^OOM allow-oom flag/],
  ] as const)('refuses %s when %j', (shebang, state, expected) => {
    expect(decideAdmission(flags(shebang), false, { ...healthy, ...state })).toMatch(expected);
  });

  it('lets a script that does not write run wherever reading is possible', () => {
    const state = { ...healthy, isReadonlyReplica: true, persistenceFault: 'MISCONF x', lacksReplicas: true, isOutOfMemory: true };
    expect(decideAdmission(flags('#!lua flags=no-writes'), true, state)).toBeUndefined();
  });

  it('takes EVAL_RO to mean that the script must not be able to write', () => {
    expect(decideAdmission(flags('#!lua'), true, healthy)).toBe('ERR Can not execute a script with write flag using *_ro command.');
  });
});
