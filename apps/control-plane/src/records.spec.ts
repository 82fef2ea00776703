// The records on a real PostgreSQL: what only the database can prove.
import { systemClock, systemRandom, uuidV7 } from '@larder/shared-std';
import { builtInPlans, draftInstance, plannedStepsOf, type ApiTokenRow, type Change, type InstanceSpec, type Repositories, type UnitOfWork } from '@larder/plane-domain';
import { accessMemoryOn, connectRecords, migrate, openChangeFeed, unitOfWorkOn, type RecordsClient } from '@larder/plane-records';
import { SteppedClock } from '@larder/shared-std/testing';
import pg from 'pg';
import { repositoryRoot } from './repository-root';
import { startTestDatabase, type TestDatabase } from './testing/database';

jest.setTimeout(30_000);
const ids = uuidV7(systemClock, systemRandom);
let database: TestDatabase;
let client: RecordsClient;
let work: UnitOfWork;

beforeAll(async () => {
  database = await startTestDatabase();
  client = connectRecords(database.url);
  work = unitOfWorkOn(client);
  await work.records.plans.sync(builtInPlans);
}, 30_000);
afterAll(async () => {
  await client?.close();
  await database?.stop();
});

async function makeOrganization(): Promise<string> {
  const id = ids.next();
  await work.records.organizations.insert({ id, slug: `org-${id}`, name: 'Org', createdAt: new Date() });
  return id;
}

function specNamed(name: string): InstanceSpec {
  const draft = draftInstance({ name, planId: 'nano' }, builtInPlans);
  if (!draft.ok) throw new Error(draft.error.message);
  return draft.value;
}

async function makeInstance(organizationId: string, name: string): Promise<string> {
  const id = ids.next();
  const outcome = await work.records.instances.insert({
    id, organizationId, spec: specNamed(name), passwordSealed: 'sealed', systemPasswordSealed: 'sealed', createdById: null, createdAt: new Date(),
  });
  expect(outcome).toBe('inserted');
  return id;
}

describe('migrations', () => {
  it('are applied once, also when several processes start together', async () => {
    const results = await Promise.all([1, 2, 3].map(() => migrate(database.url, repositoryRoot())));
    expect(results.map((result) => result.applied)).toEqual([[], [], []]);
  });

  it('refuse a database that is ahead of the code, with both names', async () => {
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query("INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '99999999999999_future', now())");
    await expect(migrate(database.url, repositoryRoot())).rejects.toThrow(/ahead of this release: it has 99999999999999_future, the newest known here is \d+_/);
    await admin.query("DELETE FROM _prisma_migrations WHERE id = 'x'");
    await admin.end();
  });
});

describe('the audit log', () => {
  it('keeps one unbroken chain under concurrent writers and finds a changed entry', async () => {
    const organizationId = await makeOrganization();
    const draft = { organizationId, actor: 'user:1', actorName: 'A', action: 'instance.create', target: null, targetName: null,
      detail: { z: 1, a: { c: [1, { y: 2, b: 3 }] } }, outcome: 'ok', ip: null, requestId: null };
    await Promise.all(Array.from({ length: 12 }, () => work.run((records) => records.auditLog.append(draft))));
    const page = await work.records.auditLog.page(organizationId, { first: 50, after: null }, {});
    expect(page.items.map((entry) => entry.sequence)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(await work.records.auditLog.verify(organizationId)).toBeUndefined();

    await expect(client.prisma.auditEntry.updateMany({ where: { chain: organizationId }, data: { actorName: 'B' } })).rejects.toThrow('append-only');
    await client.prisma.$executeRawUnsafe('ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only');
    await client.prisma.auditEntry.updateMany({ where: { chain: organizationId, sequence: 7 }, data: { actorName: 'B' } });
    await client.prisma.$executeRawUnsafe('ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_append_only');
    expect(await work.records.auditLog.verify(organizationId)).toBe(7);
  });
});

describe('instances', () => {
  it('have names of their own while they live, and free them and their ports when gone', async () => {
    const organizationId = await makeOrganization();
    const id = await makeInstance(organizationId, 'cache');
    const again = await work.run((records) => records.instances.insert({
      id: ids.next(), organizationId, spec: specNamed('cache'), passwordSealed: '', systemPasswordSealed: '', createdById: null, createdAt: new Date(),
    }));
    expect(again).toBe('name-taken');
    const status = { observedGeneration: 1, conditions: [], endpoint: { host: 'h', port: 21_000 }, seededAt: null, dueAt: null, failures: 0,
      deletedAt: null, dropPreviousPassword: false };
    expect(await work.records.instances.writeStatusForLoop(id, 5n, status, new Date())).toBe('written');
    expect(await work.records.instances.writeStatusForLoop(id, 4n, status, new Date())).toBe('fenced');
    expect(await work.records.instances.writeStatusForLoop(id, 6n, { ...status, deletedAt: new Date() }, new Date())).toBe('written');
    const second = await makeInstance(organizationId, 'cache');
    expect(await work.records.instances.writeStatusForLoop(second, 1n, status, new Date())).toBe('written');
  });

  it('take a wish only at the revision that was read', async () => {
    const organizationId = await makeOrganization();
    const id = await makeInstance(organizationId, 'cache');
    const write = { spec: { ...specNamed('other'), deletionProtection: false }, bumpGeneration: false, at: new Date() };
    const written = await work.records.instances.writeSpec(organizationId, id, 1, write);
    expect(written).toMatchObject({ revision: 2, generation: 1, spec: { name: 'other', deletionProtection: false } });
    expect(await work.records.instances.writeSpec(organizationId, id, 1, write)).toBe('revision-conflict');
    expect(await work.records.instances.writeSpec(await makeOrganization(), id, 2, write)).toBe('revision-conflict');
  });

  it('get different ports when chosen at once, and the same when asked again', async () => {
    const organizationId = await makeOrganization();
    const instances = await Promise.all(['a', 'b', 'c', 'd'].map((name) => makeInstance(organizationId, name)));
    const choose = (id: string) => work.records.instances.ensureMemberForLoop(id, 'a', [22_000, 22_004], 'h', [22_001], new Date());
    const members = await Promise.all(instances.map(choose));
    const ports = members.map((member) => (member === 'range-exhausted' ? 0 : member.port));
    expect([...ports].sort()).toEqual([22_000, 22_002, 22_003, 22_004]);
    expect(await choose(instances[0]!)).toMatchObject({ port: ports[0] });
    expect(await choose(await makeInstance(organizationId, 'e'))).toBe('range-exhausted');
  });
});

describe('rate buckets', () => {
  it('refuse what does not fit, say how long to wait, and leak', async () => {
    const at = new Date('2026-01-01T00:00:00Z');
    const take = (secondsLater: number) => work.records.rateBuckets.take('sign-in:test', 1, 3, 0.5, new Date(at.getTime() + secondsLater * 1000));
    expect([await take(0), await take(0), await take(0)]).toEqual([0, 0, 0]);
    expect(await take(0)).toBe(2);
    expect(await take(1)).toBe(1);
    expect(await take(2)).toBe(0);
    expect(await take(2)).toBe(2);
  });
});

describe('the change feed', () => {
  it('tells a change after its transaction has committed, and nothing of one that was rolled back', async () => {
    const feed = openChangeFeed(database.url, systemClock);
    const seen: Change[] = [];
    const listening = new Promise<void>((resolve) => { feed.onGap(resolve); });
    const organizationId = await makeOrganization();
    const instanceId = await makeInstance(organizationId, 'told');
    await listening;
    const operationId = ids.next();
    const told = new Promise<void>((resolve) => {
      feed.subscribe((change) => {
        seen.push(change);
        if (change.id === operationId) resolve();
      });
    });
    const row = { organizationId, instanceId, backupId: null, kind: 'CREATE_INSTANCE', steps: plannedStepsOf('CREATE_INSTANCE'), generation: 1,
      isCancelable: false, actor: 'system', createdAt: new Date() } as const;
    await expect(work.run(async (records) => {
      await records.operations.insert({ ...row, id: ids.next() });
      throw new Error('no');
    })).rejects.toThrow('no');
    await work.run((records) => records.operations.insert({ ...row, id: operationId }));
    await told;
    expect(seen).toEqual([{ noun: 'Operation', id: operationId, organizationId }]);
    await feed.close();
  });
});

describe('a killed database', () => {
  it('is found again by the same client and the same feed, with all that was committed', async () => {
    const feed = openChangeFeed(database.url, systemClock);
    await new Promise<void>((resolve) => { feed.onGap(resolve); });
    const organizationId = await makeOrganization();
    const before = await makeInstance(organizationId, 'before');
    const gap = new Promise<void>((resolve) => { feed.onGap(resolve); });
    await database.crash();
    await gap;
    const seen = new Promise<Change>((resolve) => { feed.subscribe(resolve); });
    // One connection of the pool after another may still be a dead one: each is thrown away when it is met.
    const rows = await retried(() => work.records.instances.byIds(organizationId, [before]));
    expect(rows).toHaveLength(1);
    const after = await retried(() => makeInstance(organizationId, `after-${ids.next()}`.slice(0, 40)));
    expect(await seen).toMatchObject({ noun: 'Instance', id: after, organizationId });
    await feed.close();
  });
});

async function retried<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}

describe('reads over the plain driver', () => {
  it('answer what the repositories of a transaction answer, row for row', async () => {
    const [organizationId, other] = [await makeOrganization(), await makeOrganization()];
    const instances: string[] = [];
    for (const name of ['one', 'two', 'three', 'four']) instances.push(await makeInstance(organizationId, name));
    await makeInstance(other, 'one');
    const now = new Date();
    await work.records.instances.writeStatusForLoop(instances[1]!, 7n, {
      observedGeneration: 1, conditions: [{ type: 'Ready', status: 'TRUE', reason: 'Done', message: 'x', lastTransitionTime: now.toISOString() }],
      endpoint: { host: 'h', port: 31_000 }, seededAt: null, dueAt: now, failures: 2, deletedAt: null, dropPreviousPassword: false,
    }, now);
    await work.records.instances.writeStatusForLoop(instances[2]!, 7n, {
      observedGeneration: 1, conditions: [], endpoint: null, seededAt: null, dueAt: null, failures: 0, deletedAt: now, dropPreviousPassword: false,
    }, now);
    const sample = {
      organizationId, opsPerSecond: 1.5, usedMemoryBytes: 5e9, rssBytes: 6, clients: 7, keys: 8, hits: 9, misses: 10, evictedKeys: 11, expiredKeys: 12,
      inBytesPerSecond: 13, outBytesPerSecond: 14, cpuRatio: 0.5,
    };
    await work.records.metrics.insert([1, 2, 3].flatMap((n) => instances.slice(0, 2).map((instanceId) => ({ ...sample, instanceId, at: new Date(now.getTime() - n * 10_000), clients: n }))));
    const questions = (records: Repositories): readonly (() => Promise<unknown>)[] => [
      ...instances.map((id) => () => records.instances.byId(organizationId, id)),
      () => records.instances.byId(other, instances[0]!), () => records.instances.byName(organizationId, 'two'), () => records.instances.byName(organizationId, 'three'),
      () => records.instances.byIds(organizationId, instances), () => records.instances.page(organizationId, { first: 2, after: null }, {}),
      () => records.instances.page(organizationId, { first: 2, after: instances[3]! }, {}), () => records.instances.page(organizationId, { first: 100, after: null }, { search: 'o' }),
      () => records.instances.page(organizationId, { first: 100, after: null }, { search: '%' }), () => records.metrics.newest(instances, new Date(now.getTime() - 25_000)),
    ];
    const sorted = (answer: unknown): unknown => (Array.isArray(answer) ? [...answer].sort((left, right) => ((left.id ?? left.instanceId) < (right.id ?? right.instanceId) ? -1 : 1)) : answer);
    const plain = await Promise.all(questions(work.records).map((ask) => ask()));
    const inside = await work.run(async (records) => {
      const answers = [];
      for (const ask of questions(records)) answers.push(await ask());
      return answers;
    });
    expect(plain.map(sorted)).toEqual(inside.map(sorted));
    expect((plain.at(-1) as readonly { clients: number }[]).map(({ clients }) => clients)).toEqual([1, 1]);
  });
});

describe('the memory of who may what', () => {
  it('forgets at once what this process changes, and within a moment what another changes', async () => {
    const feed = openChangeFeed(database.url, systemClock);
    await eventually(async () => feed.isListening());
    const memory = accessMemoryOn(work, feed, systemClock);
    const organizationId = await makeOrganization();
    const token = (hash: string): ApiTokenRow => ({
      id: ids.next(), organizationId, name: 't', prefix: 'larder_x', tokenHash: hash, scopes: ['READ'], createdById: null, expiresAt: null, lastUsedAt: null, revokedAt: null, createdAt: new Date(),
    });
    const [mine, theirs] = [token('mine'), token('theirs')];
    await work.records.apiTokens.insert(mine);
    await work.records.apiTokens.insert(theirs);
    const isRevoked = async (hash: string): Promise<boolean> => (await memory.records.apiTokens.byTokenHash(hash))!.revokedAt !== null;
    expect([await isRevoked('mine'), await isRevoked('theirs')]).toEqual([false, false]);
    await memory.work.run((records) => records.apiTokens.revoke(organizationId, mine.id, new Date()));
    expect(await isRevoked('mine')).toBe(true);
    // Another process: nothing tells this one but the database.
    await work.records.apiTokens.revoke(organizationId, theirs.id, new Date());
    await eventually(() => isRevoked('theirs'), 1_000);
    await feed.close();
  });

  it('asks the database once for many, and each time while nobody listens for changes', async () => {
    let [reads, isListening, tell] = [0, true, (_change: Change): void => undefined];
    const records = { ...work.records, users: { ...work.records.users, byId: async (id: string) => { reads += 1; return id === 'none' ? undefined : ({ id } as never); } } };
    const clock = new SteppedClock();
    const memory = accessMemoryOn({ ...work, records }, { subscribe: (listen) => { tell = listen; return () => undefined; }, onGap: () => () => undefined, isListening: () => isListening }, clock);
    const ask = async (id = 'u'): Promise<number> => { await memory.records.users.byId(id); return reads; };
    expect([await ask(), await ask()]).toEqual([1, 1]);
    tell({ noun: 'Instance', id: '', organizationId: '' });
    expect(await ask()).toBe(1);
    tell({ noun: 'Access', id: '', organizationId: '' });
    expect([await ask(), await ask()]).toEqual([2, 2]);
    clock.step(2_001);
    expect(await ask()).toBe(3);
    expect([await ask('none'), await ask('none')]).toEqual([4, 5]);
    isListening = false;
    expect([await ask(), await ask()]).toEqual([6, 7]);
    isListening = true;
    // A read that a change overtook is not remembered.
    const slow = memory.records.users.byId('slow');
    tell({ noun: 'Access', id: '', organizationId: '' });
    await slow;
    expect(await ask('slow')).toBe(9);
  });
});

async function eventually(isSo: () => Promise<boolean>, withinMs = 5_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`it did not come about within ${withinMs} ms`);
    await new Promise((turn) => setTimeout(turn, 5));
  }
}
