// Restoring to a second, as clients of the API see it: the policy, the windows and gaps, the wish, and every no.
import { decideTimeline, type LogPieceRow, type LogStretchRow } from '@larder/plane-domain';
import { ApiWorld, type Data, type Tenant } from '../testing/api-world';

jest.setTimeout(60_000);

const world = new ApiWorld();
let ours: Tenant;
let instanceId: string;
const uuidOf = (nodeId: string): string => Buffer.from(nodeId, 'base64url').toString().split(':')[1]!;
/** Whole, and long enough ago that everything lies in the past. */
const noon = Math.floor(Date.now() / 1000) - 10_000;
const at = (second: number): string => new Date((noon + second) * 1000).toISOString();

beforeAll(async () => {
  await world.start();
  ours = await world.makeTenant('ours');
  const created = await world.mutate('createInstance', {
    organizationId: ours.nodeId, name: 'orders', plan: 'small', persistence: 'AOF', archive: { intervalSeconds: 5 },
  }, '... on CreateInstancePayload { instance { id archive { intervalSeconds retentionHours } } }', ours.owner);
  expect(created.instance.archive).toEqual({ intervalSeconds: 5, retentionHours: 72 });
  instanceId = created.instance.id;
  await world.settle(instanceId);
});
afterAll(() => world.stop());

/** Two stretches, [0, 100] and [200, 300]. */
async function archived(): Promise<void> {
  for (const [from, to, isEnded] of [[0, 100, true], [200, 300, false]] as const) {
    const stretch: LogStretchRow = {
      id: world.api.plane.ids.next(), organizationId: ours.organizationId, instanceId: uuidOf(instanceId), memberId: null, reign: null, increment: 1, offset: 500, ordinal: 1, lastPieceId: null,
      tailChecksum: null, tailBytes: 0, lastSecond: noon + to, coveredSecond: noon + to, startedAt: new Date((noon + from) * 1000),
      endedAt: isEnded ? new Date((noon + to) * 1000) : null, endReason: isEnded ? 'LogCut' : null, endMessage: isEnded ? 'The log was cut.' : null,
    };
    await world.records.logArchives.startStretchForLoop(stretch);
    const piece: LogPieceRow = {
      id: world.api.plane.ids.next(), organizationId: ours.organizationId, instanceId: stretch.instanceId, stretchId: stretch.id, kind: 'BASE', state: 'STORED', ordinal: 0,
      sequence: 1, fromByte: 0, toByte: 4000, firstSecond: noon + from, lastSecond: null, previousId: null, sizeBytes: 1000, checksum: 'x', rawChecksum: 'x', keyCounts: [],
      storageKey: `k${from}`, dataKeySealed: 'x', verification: 'VERIFIED', verificationMessage: null, createdAt: new Date(),
    };
    await world.records.logArchives.insertPieceForLoop(piece);
    await world.records.logArchives.insertPieceForLoop({
      ...piece, id: world.api.plane.ids.next(), kind: 'LOG', toByte: 500, sizeBytes: 70, lastSecond: noon + to, storageKey: `l${from}`,
    });
  }
}

const restore = (input: Record<string, unknown>, selection = ''): Promise<Data> => world.mutate('restoreInstance', { instanceId, ...input }, selection, ours.owner);

it('refuses an archive without an append-only file, with the reason', async () => {
  const refused = await world.mutate('createInstance', { organizationId: ours.nodeId, name: 'brief', plan: 'small', persistence: 'RDB', archive: {} },
    '... on InvalidInput { faults { field message } }', ours.owner);
  expect(refused).toMatchObject({ __typename: 'InvalidInput', faults: [{ field: 'archive', message: expect.stringContaining('needs AOF or RDB_AOF') }] });
  // Nor may the file be taken away while it is archived; together with the archive it may.
  expect(await world.mutate('updateInstance', { instanceId, persistence: 'RDB' }, '', ours.owner)).toMatchObject({ __typename: 'InvalidInput' });
  expect(await world.mutate('updateInstance', { instanceId, archive: { intervalSeconds: 0 } }, '', ours.owner)).toMatchObject({ __typename: 'InvalidInput' });
});

it('shows nothing restorable before there is a base', async () => {
  const answer = await world.ask('query ($id: ID!, $at: DateTime!) { node(id: $id) { ... on Instance { restorable { windows { from } gaps { from } fault { reason } } restorePoint(toTime: $at) { isRestorable message } } } }',
    { id: instanceId, at: at(0) }, ours.owner);
  expect(answer.data.node).toEqual({
    restorable: { windows: [], gaps: [], fault: null }, restorePoint: { isRestorable: false, message: 'Nothing can be restored yet: no base of the log has been archived and proven.' },
  });
  expect(await restore({ toTime: at(0), into: { inPlace: true } })).toMatchObject({ __typename: 'TimeNotRestorable' });
});

it('shows windows and gaps, and what a second would cost', async () => {
  await archived();
  const answer = await world.ask(`query ($id: ID!, $at: DateTime!) { node(id: $id) { ... on Instance {
    restorable { windows { from to } gaps { from to reason message } objects sizeBytes } restorePoint(toTime: $at) { isRestorable baseAt baseBytes logBytes objects } } } }`,
    { id: instanceId, at: at(250) }, ours.owner);
  expect(answer.data.node).toEqual({
    restorable: {
      windows: [{ from: at(0), to: at(100) }, { from: at(200), to: at(300) }], objects: 4, sizeBytes: 2140,
      gaps: [{ from: at(101), to: at(199), reason: 'LogCut', message: 'The log was cut.' }],
    },
    restorePoint: { isRestorable: true, baseAt: at(200), baseBytes: 4000, logBytes: 500, objects: 2 },
  });
});

it('refuses a second in a gap, before and after, saying which', async () => {
  for (const [second, words] of [[150, 'It lies in a gap of the archive'], [-5, 'The archive begins at'], [9000, 'The archive reaches to']] as const) {
    expect(await restore({ toTime: at(second), into: { new: { name: 'back' } } })).toMatchObject({ __typename: 'TimeNotRestorable', message: expect.stringContaining(words) });
  }
  expect(await restore({ into: { inPlace: true } })).toMatchObject({ __typename: 'InvalidInput' });
  expect(await restore({ toTime: at(50), into: { inPlace: true, new: { name: 'x' } } })).toMatchObject({ __typename: 'InvalidInput' });
});

it('places a new instance as the old one was, once for each key', async () => {
  const input = { toTime: at(50.9), idempotencyKey: 'one', into: { new: { name: 'back', deletionProtection: false } } };
  const selection = '... on CreateInstancePayload { instance { id name persistence archive { intervalSeconds } } operation { kind steps { name } } }';
  const placed = await restore(input, selection);
  expect(placed).toMatchObject({
    __typename: 'CreateInstancePayload', instance: { name: 'back', persistence: 'AOF', archive: { intervalSeconds: 5 } }, operation: { kind: 'RESTORE_TO_TIME' },
  });
  expect((await restore(input, selection)).instance.id).toBe(placed.instance.id);
  expect(await restore({ ...input, toTime: at(51) })).toMatchObject({ __typename: 'IdempotencyConflict' });
  expect((await world.records.instances.byIdForLoop(uuidOf(placed.instance.id)))!.spec.seed).toEqual({ kind: 'POINT', instanceId: uuidOf(instanceId), second: noon + 50 });
  expect(await restore({ toTime: at(50), into: { new: { name: 'back' } } })).toMatchObject({ __typename: 'NameTaken' });
});

it('writes the wish to go back in place, under its revision, one at a time', async () => {
  const { revision } = (await world.records.instances.byIdForLoop(uuidOf(instanceId)))!;
  expect(await restore({ toTime: at(50), expectedRevision: revision + 7, into: { inPlace: true } })).toMatchObject({ __typename: 'RevisionConflict' });
  const wished = await restore({ toTime: at(250), expectedRevision: revision, into: { inPlace: true } }, '... on InstancePayload { operation { kind percent steps { name title } } }');
  expect(wished).toMatchObject({ __typename: 'InstancePayload', operation: { kind: 'RESTORE_IN_PLACE', percent: 0 } });
  expect(wished.operation.steps[0]).toMatchObject({ name: 'rewind' });
  expect((await world.records.instances.byIdForLoop(uuidOf(instanceId)))!.spec.rewind).toMatchObject({ source: { kind: 'POINT', second: noon + 250 } });
  expect(await restore({ toTime: at(250), into: { inPlace: true } })).toMatchObject({ __typename: 'InvalidState' });
});

describe('a timeline', () => {
  const base = (ordinal: number, firstSecond: number, change: Partial<LogPieceRow> = {}) =>
    ({ stretchId: 's', kind: 'BASE', state: 'STORED', ordinal, firstSecond, verification: 'VERIFIED', ...change }) as const;
  const stretch = { id: 's', coveredSecond: 500, startedAt: new Date(1), endedAt: null, endReason: null, endMessage: null };

  it('has one window over rewrites, and counts no base that was not proven', () => {
    expect(decideTimeline([stretch], [base(0, 100), base(9, 300)], 600_000).windows).toEqual([{ from: 100, to: 500 }]);
    expect(decideTimeline([stretch], [base(0, 100, { verification: 'PENDING' }), base(9, 300)], 600_000).windows).toEqual([{ from: 300, to: 500 }]);
    expect(decideTimeline([stretch], [base(0, 100, { verification: 'FAILED' })], 600_000).windows).toEqual([]);
  });

  it('ends before what is lost and begins again with the next base', () => {
    const lost = { ...base(4, 200), kind: 'LOG', state: 'LOST' } as const;
    expect(decideTimeline([stretch], [base(0, 100), lost, base(9, 300)], 600_000)).toEqual({
      windows: [{ from: 100, to: 199 }, { from: 300, to: 500 }], gaps: [{ from: 200, to: 299, reason: 'PieceLost', message: expect.any(String) as string }],
    });
    expect(decideTimeline([stretch], [base(0, 100), base(2, 150), lost], 600_000).windows).toEqual([{ from: 100, to: 199 }]);
  });

  it('shows an end that nothing followed', () => {
    const ended = { ...stretch, endedAt: new Date(500_000), endReason: 'SwitchedOff', endMessage: 'Off.' };
    expect(decideTimeline([ended], [base(0, 100)], 600_000).gaps).toEqual([{ from: 501, to: 600, reason: 'SwitchedOff', message: 'Off.' }]);
  });
});
