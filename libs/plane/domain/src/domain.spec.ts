import { SteppedClock } from '@larder/shared-std/testing';
import {
  readPersistence, decideExposure, type AppendFsync, type Persistence, type PersistenceSeen,
  builtInPlans, can, canSetRole, changeInstance, checkName, checkQuota, checkRecurrence, compareKeyCounts, decideDue, decideExpired,
  defaultQuota, draftInstance, fromNodeId, needsReconcile, nextTimes, parseSettings, percentOf, plannedStepsOf, stateOf, summaryOf,
  toNodeId, tokenCan, withCondition, withStep, type InstanceSpec, type Usage,
} from './index';

const spec = (): InstanceSpec => {
  const draft = draftInstance({ name: 'cart', planId: 'small' }, builtInPlans);
  if (!draft.ok) throw new Error(draft.error.message);
  return draft.value;
};

describe('an instance wish', () => {
  it('is drafted with the persistence of its plan, noeviction and deletion protection unless told otherwise', () => {
    const nano = draftInstance({ name: 'cart', planId: 'nano' }, builtInPlans);
    expect(nano.ok && nano.value.persistence).toBe('RDB');
    expect(spec()).toMatchObject({ persistence: 'AOF', appendFsync: 'EVERYSEC', maxmemoryPolicy: 'NOEVICTION', deletionProtection: true, topology: 'STANDALONE' });
  });
  it('is refused by type: unknown plan, unknown setting with its path', () => {
    const kinds = [
      draftInstance({ name: 'a', planId: 'gigantic' }, builtInPlans),
      draftInstance({ name: 'A b', planId: 'small', settings: { port: '1', 'maxmemory-samples': '999' } }, builtInPlans),
    ].map((draft) => (draft.ok ? undefined : draft.error));
    expect(kinds.map((error) => error?.kind)).toEqual(['NotFound', 'InvalidInput']);
    expect(kinds[1]).toMatchObject({ faults: [{ field: 'name' }, { field: 'settings.port' }, { field: 'settings.maxmemory-samples' }] });
  });
  it('needs the loop when the plan changes, not when only its name does', () => {
    const renamed = changeInstance(spec(), { name: 'basket' }, builtInPlans);
    const larger = changeInstance(spec(), { planId: 'medium' }, builtInPlans);
    expect(renamed.ok && needsReconcile(spec(), renamed.value)).toBe(false);
    expect(larger.ok && needsReconcile(spec(), larger.value)).toBe(true);
  });
  it('takes names that are safe in a path', () => {
    expect(['cart', 'a-1', 'a'].map(checkName)).toEqual([undefined, undefined, undefined]);
    expect(['', '-a', 'a-', 'a--b', 'A', '1a', '../x', 'a'.repeat(41)].every((name) => checkName(name) !== undefined)).toBe(true);
  });
});

describe('what a crash would lose', () => {
  const seen = (fields: Record<string, string>): PersistenceSeen => readPersistence(new Map(Object.entries(fields)), 100_000);
  const loss = (persistence: Persistence, appendFsync: AppendFsync, fields: Record<string, string>): number | null =>
    decideExposure({ persistence, appendFsync, savePoints: [] }, seen(fields), 100_000).lossSeconds;
  const logged = { aof_enabled: '1', aof_last_write_status: 'ok', aof_base_size: '88', aof_current_size: '900', rdb_last_save_time: '70', rdb_changes_since_last_save: '3' };

  it('follows the mode: everything, since the last snapshot, a second, nothing', () => {
    expect(loss('NONE', 'EVERYSEC', {})).toBeNull();
    expect(loss('RDB', 'EVERYSEC', { rdb_last_save_time: '70', rdb_changes_since_last_save: '3' })).toBe(30);
    expect(loss('RDB', 'EVERYSEC', { rdb_last_save_time: '70', rdb_changes_since_last_save: '0' })).toBe(0);
    expect([loss('AOF', 'ALWAYS', logged), loss('RDB_AOF', 'EVERYSEC', logged), loss('AOF', 'NO', logged)]).toEqual([0, 1, 30]);
  });
  it('is told by the snapshot while the log is being written for the first time, and rewriting it later changes nothing', () => {
    expect(loss('AOF', 'EVERYSEC', { ...logged, aof_base_size: '0', aof_rewrite_in_progress: '1' })).toBe(30);
    expect(loss('AOF', 'EVERYSEC', { ...logged, aof_rewrite_in_progress: '1' })).toBe(1);
    expect(loss('AOF', 'EVERYSEC', { ...logged, aof_enabled: '0' })).toBe(30);
    expect(loss('AOF', 'EVERYSEC', { ...logged, aof_last_write_status: 'err' })).toBeNull();
  });
  it('is chosen by knobs that make sense for the mode', () => {
    const faults = (change: Parameters<typeof changeInstance>[1]): string[] => {
      const draft = changeInstance(spec(), change, builtInPlans);
      return draft.ok || draft.error.kind !== 'InvalidInput' ? [] : draft.error.faults.map(({ field }) => field);
    };
    expect(faults({ persistence: 'NONE' })).toEqual([]);
    expect(faults({ persistence: 'NONE', appendFsync: 'ALWAYS', savePoints: [{ seconds: 60, changes: 1 }] })).toEqual(['appendFsync', 'savePoints']);
    expect(faults({ persistence: 'RDB', savePoints: [{ seconds: 60, changes: 0 }] })).toEqual(['savePoints']);
    expect(faults({ persistence: 'RDB', savePoints: Array.from({ length: 9 }, () => ({ seconds: 60, changes: 1 })) })).toEqual(['savePoints']);
    expect(builtInPlans.every(({ threads }) => threads >= 1 && threads <= 8)).toBe(true);
  });
});

describe('an instance status', () => {
  it('keeps the time of a condition until its status changes, and speaks of the first trouble', () => {
    const clock = new SteppedClock(0);
    let conditions = withCondition([], { type: 'ProcessesReady', status: 'FALSE', reason: 'CrashLoop', message: 'It crashed twice.' }, clock.now());
    clock.step(1000);
    conditions = withCondition(conditions, { type: 'ProcessesReady', status: 'FALSE', reason: 'CrashLoop', message: 'It crashed thrice.' }, clock.now());
    expect(conditions[0]!.lastTransitionTime).toBe('1970-01-01T00:00:00.000Z');
    const seen = { observedGeneration: 1, generation: 1, conditions, desiredState: 'RUNNING', deletedAt: null } as const;
    expect([stateOf(seen), summaryOf(seen)]).toEqual(['DEGRADED', 'It crashed thrice.']);
  });
});

describe('permissions', () => {
  it('grow with the role, and only owners touch owners', () => {
    expect(can('VIEWER', 'instance.create')).toBe(false);
    expect(can('DEVELOPER', 'instance.create')).toBe(true);
    expect(can('DEVELOPER', 'instance.delete')).toBe(false);
    expect(canSetRole('ADMIN', 'VIEWER', 'DEVELOPER')).toBe(true);
    expect(canSetRole('ADMIN', 'VIEWER', 'OWNER')).toBe(false);
    expect(canSetRole('ADMIN', 'OWNER', undefined)).toBe(false);
  });
  it('of a token are its scopes, and never members or tokens', () => {
    expect(tokenCan(['INSTANCES_WRITE'], 'instance.read')).toBe(true);
    expect(tokenCan(['INSTANCES_WRITE'], 'instance.delete')).toBe(false);
    expect(tokenCan(['READ', 'INSTANCES_WRITE', 'INSTANCES_DELETE', 'BACKUPS_WRITE', 'BACKUPS_DELETE', 'AUDIT_READ'], 'token.write')).toBe(false);
  });
});

describe('quotas', () => {
  it('refuse the first resource that would not fit and never a reduction', () => {
    const usage: Usage = { INSTANCES: 100, MEMORY: 5, BACKUPS: 0, BACKUP_BYTES: 0, API_TOKENS: 0, MEMBERS: 1 };
    expect(checkQuota(defaultQuota, usage, { INSTANCES: 1 })).toMatchObject({ kind: 'QuotaExceeded', resource: 'INSTANCES', limit: 100 });
    expect(checkQuota({ ...defaultQuota, memoryBytesMax: 1 }, usage, { MEMORY: -4 })).toBeUndefined();
  });
});

describe('schedules', () => {
  const nightly = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
  it('follow the wall clock of their zone over the change of summer time', () => {
    const times = nextTimes({ cron: '0 3 * * *', timeZone: 'Europe/Berlin' }, Date.UTC(2027, 2, 27), 3).map((time) => time.toISOString());
    expect(times).toEqual(['2027-03-27T02:00:00.000Z', '2027-03-28T01:00:00.000Z', '2027-03-29T01:00:00.000Z']);
    // 02:30 does not exist on the day of the change to summer time and exists twice on the other: once each.
    expect(nextTimes(nightly, Date.UTC(2027, 2, 28), 2)).toHaveLength(2);
    expect(nextTimes(nightly, Date.UTC(2027, 9, 30, 12), 3).map((time) => time.getUTCDate())).toEqual([31, 1, 2]);
  });
  it('refuse what is not five fields or not a zone', () => {
    expect(checkRecurrence(nightly)).toEqual([]);
    expect(checkRecurrence({ cron: '* * * * * *', timeZone: 'UTC' })).toMatchObject([{ field: 'cron' }]);
    expect(checkRecurrence({ cron: '61 * * * *', timeZone: 'UTC' })).toMatchObject([{ field: 'cron' }]);
    expect(checkRecurrence({ cron: '1 * * * *', timeZone: 'Mars/Olympus' })).toMatchObject([{ field: 'timeZone' }]);
  });
  it('treat missed moments by policy and always advance beyond now', () => {
    const hourly = { cron: '0 * * * *', timeZone: 'UTC' };
    const at = (hour: number, minute = 0): Date => new Date(Date.UTC(2027, 0, 1, hour, minute));
    const decide = (policy: 'SKIP' | 'ONCE' | 'ALL', now: Date): number[][] => {
      const { run, missed, nextAt } = decideDue(hourly, policy, at(1), now.getTime());
      return [run.map((time) => time.getUTCHours()), missed.map((time) => time.getUTCHours()), [nextAt.getUTCHours()]];
    };
    expect(decide('SKIP', at(3, 30))).toEqual([[], [1, 2, 3], [4]]);
    expect(decide('SKIP', at(3))).toEqual([[3], [1, 2], [4]]);
    expect(decide('ONCE', at(3, 30))).toEqual([[3], [1, 2], [4]]);
    expect(decide('ALL', at(3, 30))).toEqual([[1, 2, 3], [], [4]]);
    expect(decide('ALL', at(0, 59))).toEqual([[], [], [1]]);
  });
  it('of which more passed than one decision looks at are made up for once, after all of them, and none twice', () => {
    const minutely = { cron: '* * * * *', timeZone: 'UTC' };
    const hourly = { cron: '0 * * * *', timeZone: 'UTC' };
    const begin = Date.UTC(2027, 0, 1);
    const whole = (policy: 'SKIP' | 'ONCE' | 'ALL', passed: number): { runs: number[]; missed: number; decisions: number } => {
      const nowMs = begin + (passed - 1) * 60_000 + 30_000;
      const told = { runs: [] as number[], missed: 0, decisions: 0 };
      for (let nextAt = new Date(begin); nextAt.getTime() <= nowMs; told.decisions += 1) {
        const decision = decideDue(minutely, policy, nextAt, nowMs);
        told.runs.push(...decision.run.map((moment) => (moment.getTime() - begin) / 60_000));
        told.missed += decision.missed.length;
        nextAt = decision.nextAt;
      }
      return told;
    };
    for (const passed of [99, 100, 101, 250]) {
      expect([passed, whole('ONCE', passed)]).toEqual([passed, { runs: [passed - 1], missed: passed - 1, decisions: Math.ceil(passed / 100) }]);
      expect(whole('SKIP', passed)).toMatchObject({ runs: [passed - 1], missed: passed - 1 });
      expect(whole('ALL', passed).runs).toHaveLength(passed);
    }
    // Two months away: what passed before the last thirty days is not even recorded.
    const now = begin + 60 * 24 * 3_600_000;
    expect(decideDue(hourly, 'ONCE', new Date(begin), now).missed[0]).toEqual(new Date(begin + (30 * 24 + 1) * 3_600_000));
    expect(decideDue(hourly, 'ALL', new Date(begin), now).run[0]).toEqual(new Date(begin));
  });
});

describe('retention', () => {
  it('goes by count and age, and never takes the newest proven backup', () => {
    const day = (n: number): Date => new Date(Date.UTC(2027, 0, n));
    const backups = [
      { id: 'new', completedAt: day(9), verification: 'FAILED' }, { id: 'proven', completedAt: day(5), verification: 'VERIFIED' },
      { id: 'old', completedAt: day(1), verification: 'VERIFIED' },
    ] as const;
    expect(decideExpired(backups, { retentionCount: 1, retentionDays: null }, day(10).getTime())).toEqual(['old']);
    expect(decideExpired(backups, { retentionCount: null, retentionDays: 2 }, day(10).getTime())).toEqual(['old']);
    expect(decideExpired(backups, { retentionCount: null, retentionDays: null }, day(99).getTime())).toEqual([]);
  });
  it('calls a verification wrong in one sentence', () => {
    const counts = [{ database: 0, type: 'string', keys: 2 }];
    expect(compareKeyCounts(counts, counts)).toBeUndefined();
    expect(compareKeyCounts(counts, [])).toBe('expected 2 string keys in database 0, found 0');
    expect(compareKeyCounts([], counts)).toBe('expected 0 string keys in database 0, found 2');
  });
});

describe('an operation', () => {
  it('counts a running step half and keeps what is done', () => {
    let steps = plannedStepsOf('CREATE_BACKUP');
    steps = withStep(steps, { name: 'queue', state: 'DONE' }, 0);
    steps = withStep(steps, { name: 'stream', state: 'RUNNING' }, 1);
    steps = withStep(steps, { name: 'queue', state: 'RUNNING' }, 2);
    expect([percentOf(steps), steps[0]!.state]).toEqual([50, 'DONE']);
  });
});

describe('node ids', () => {
  it('come back only as the type they were made of', () => {
    const id = '019a0000-0000-7000-8000-000000000000';
    expect(fromNodeId(toNodeId('Instance', id), 'Instance')).toBe(id);
    expect(fromNodeId(toNodeId('Instance', id), 'Backup')).toBeUndefined();
    expect(fromNodeId('rubbish', 'Instance')).toBeUndefined();
  });
});

describe('settings', () => {
  it('have defaults for everything', () => {
    expect(parseSettings({})).toMatchObject({ ok: true, value: { apiPort: 4000, consolePort: 3000, databaseUrl: null, instancePortRange: [20000, 20999] } });
  });
  it('name every fault at once and never repeat a secret', () => {
    expect(parseSettings({ ENDED_BACKUP_DAYS: '7' })).toMatchObject({ ok: true, value: { endedBackupDays: 7 } });
    expect(parseSettings({ ENDED_BACKUP_DAYS: '0' })).toEqual({ ok: false, faults: [{ name: 'ENDED_BACKUP_DAYS', message: 'must be a whole number from 1 to 3650' }] });
    const result = parseSettings({ API_PORT: 'x', DATABASE_URL: 'mysql://u:hush@h', MASTER_KEY: 'hush', INSTANCE_PORT_RANGE: '9-1' });
    expect(result).toMatchObject({ ok: false, faults: [
      { name: 'DATABASE_URL' }, { name: 'API_PORT' }, { name: 'INSTANCE_PORT_RANGE' }, { name: 'MASTER_KEY' }] });
    expect(JSON.stringify(result)).not.toContain('hush');
  });
  it('refuse two services on one port and a bucket without keys', () => {
    const result = parseSettings({ API_PORT: '3000', WORKER_PORT: '20001', STORAGE_URL: 's3://backups' });
    expect(result.ok ? [] : result.faults.map((fault) => fault.name)).toEqual(
      ['CONSOLE_PORT', 'WORKER_PORT', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY']);
  });
});
