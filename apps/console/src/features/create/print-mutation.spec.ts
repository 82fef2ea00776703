import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { createSelection, printMutation, scheduleSelection } from './print-mutation';

const schema = buildSchema(readFileSync(path.join(__dirname, '../../../../../libs/plane/graphql/schema.graphql'), 'utf8'));

test('what the review shows is a mutation that the schema accepts', () => {
  const text = printMutation('createInstance', {
    organizationId: 'abc', name: 'orders "cache"', plan: 'small', persistence: 'RDB_AOF', appendFsync: 'ALWAYS', savePoints: [{ seconds: 60, changes: 100 }], maxmemoryPolicy: 'ALLKEYS_LRU', deletionProtection: true,
    settings: [{ name: 'timeout', value: '300' }], idempotencyKey: undefined,
  }, createSelection);
  expect(validate(schema, parse(text))).toEqual([]);
  expect(text).toContain('persistence: RDB_AOF');
  expect(text).toContain('appendFsync: ALWAYS');
  expect(text).toContain('name: "orders \\"cache\\""');
  expect(text).toContain('settings: [{ name: "timeout", value: "300" }]');
  expect(text).not.toContain('idempotencyKey');
});

test('a schedule without a limit says null', () => {
  const text = printMutation('createBackupSchedule', {
    instanceId: 'abc', cron: '0 3 * * *', timeZone: 'UTC', isEnabled: true, missedPolicy: 'ONCE', retentionCount: 7, retentionDays: null,
  }, scheduleSelection);
  expect(validate(schema, parse(text))).toEqual([]);
  expect(text).toContain('retentionDays: null');
});
