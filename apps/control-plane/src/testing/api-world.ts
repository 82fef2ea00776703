// A running API on a real PostgreSQL, with two organisations whose people know nothing of each other. The queue is a list that remembers.
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pino, { type Logger } from 'pino';
import { builtInPlans, parseSettings, toNodeId, type Role, type UserRow, type WakeQueue } from '@larder/plane-domain';
import { sessionCookie } from '@larder/plane-graphql';
import { hashPassword } from '@larder/plane-identity';
import { connectRecords, secretBoxOf, unitOfWorkOn } from '@larder/plane-records';
import { systemClock, systemRandom, uuidV7 } from '@larder/shared-std';
import { createApi } from '../api/api.module';
import { joinApi, type ApiServices } from '../api/api-services';
import type { BackupDoors } from '../api/backup-doors';
import type { Platform } from '../platform';
import { repositoryRoot } from '../repository-root';
import { startTestDatabase, type TestDatabase } from './database';

export const password = 'correct horse battery';
const ids = uuidV7(systemClock, systemRandom);

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- an answer is looked into by path; its shape is the test's claim
export type Data = any;
export interface Answer {
  readonly status: number;
  readonly data: Data;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
  readonly extensions?: { readonly cost?: number };
  readonly cookie: string | undefined;
}
/** What a request carries to say who asks. */
export type As = { readonly cookie?: string; readonly token?: string; readonly origin?: string };

export interface Tenant {
  readonly organizationId: string;
  /** As clients see it. */
  readonly nodeId: string;
  readonly slug: string;
  readonly owner: As;
  readonly ownerRow: UserRow;
}

export class ApiWorld {
  readonly wakes: string[] = [];
  database!: TestDatabase;
  api!: ApiServices;
  app!: NestFastifyApplication;
  url!: string;

  get records() {
    return this.api.platform.work.records;
  }

  async start(backups: BackupDoors = { receiveUpload: null, seeds: null }, env: Record<string, string> = {}, log: Logger = pino({ level: process.env['API_LOG'] ?? 'silent' })): Promise<void> {
    this.database = await startTestDatabase();
    const parsed = parseSettings({ LARDER_HOME: '/nowhere', LOG_LEVEL: 'fatal', REDIS_COMMAND: process.execPath, VALKEY_COMMAND: '/nowhere/valkey-server', ...env });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
    const client = connectRecords(this.database.url);
    const work = unitOfWorkOn(client);
    await work.records.plans.sync(builtInPlans);
    const masterKey = randomBytes(32);
    const wake: WakeQueue = {
      instance: async (id) => void this.wakes.push(`instance:${id}`),
      backup: async (id) => void this.wakes.push(`backup:${id}`),
      backupDeletion: async (id) => void this.wakes.push(`deletion:${id}`),
    };
    const platform: Omit<Platform, 'wake'> & { readonly wake: WakeQueue } = {
      settings: parsed.value as Platform['settings'], root: repositoryRoot(), databaseUrl: this.database.url, queueUrl: '', client, work,
      masterKey, secretBox: secretBoxOf(masterKey), wake, clock: systemClock, ids, log, close: () => client.close(),
    };
    this.api = joinApi(platform as unknown as Platform, '1.2.3', backups);
    this.app = await createApi(this.api);
    await this.app.listen(0, '127.0.0.1');
    this.url = `http://127.0.0.1:${(this.app.getHttpServer().address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await this.app?.close();
    await this.api?.close();
    await this.database?.stop();
  }

  async ask(query: string, variables: Record<string, unknown> = {}, as: As = {}): Promise<Answer> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST', body: JSON.stringify({ query, variables }),
      headers: {
        'content-type': 'application/json', ...(as.cookie ? { cookie: as.cookie } : {}), ...(as.token ? { authorization: `Bearer ${as.token}` } : {}),
        ...(as.origin ? { origin: as.origin } : {}),
      },
    });
    const cookie = response.headers.get('set-cookie')?.split(';')[0];
    return { status: response.status, cookie, ...((await response.json()) as { data: Data }) };
  }

  /** One mutation by name; answers its payload or refusal. Throws for a top-level error, with its code. */
  async mutate(name: string, input: Record<string, unknown>, selection: string, as: As): Promise<Data> {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`;
    const answer = await this.ask(`mutation ($input: ${type}) { ${name}(input: $input) { __typename ... on Refusal { message } ${selection} } }`, { input }, as);
    if (answer.errors) throw new Error(`${answer.errors[0]!.extensions.code}: ${answer.errors[0]!.message}`);
    return answer.data[name];
  }

  async makeTenant(slug: string): Promise<Tenant> {
    const organizationId = ids.next();
    await this.records.organizations.insert({ id: organizationId, slug, name: slug, createdAt: new Date() });
    const ownerRow = await this.makeUser(`owner@${slug}.test`);
    await this.join(organizationId, ownerRow, 'OWNER');
    return { organizationId, nodeId: toNodeId('Organization', organizationId), slug, ownerRow, owner: await this.sessionOf(ownerRow) };
  }

  async makeUser(email: string): Promise<UserRow> {
    hash ??= hashPassword(password);
    const user: UserRow = {
      id: ids.next(), email, name: email.split('@')[0]!, passwordHash: await hash, isPlatformAdmin: false, disabledAt: null, createdAt: new Date(),
    };
    await this.records.users.insert(user);
    return user;
  }

  async join(organizationId: string, user: UserRow, role: Role): Promise<string> {
    const id = ids.next();
    await this.records.members.insert({ id, organizationId, userId: user.id, role, createdAt: new Date() });
    return toNodeId('Member', id);
  }

  /** A session as signIn gives it, without paying for argon2id each time. */
  async sessionOf(user: UserRow): Promise<As> {
    const { secret } = await this.api.plane.identity.openSession(user, { ip: '127.0.0.1', userAgent: null });
    return { cookie: `${sessionCookie}=${secret}` };
  }

  /** Straight to the state that the loop would bring about. */
  async settle(instanceNodeId: string, isReady = true): Promise<void> {
    const id = Buffer.from(instanceNodeId, 'base64url').toString().split(':')[1]!;
    const row = (await this.records.instances.byIdForLoop(id))!;
    const status = isReady ? 'TRUE' : 'FALSE';
    await this.records.instances.writeStatusForLoop(id, 1n, {
      observedGeneration: row.generation, endpoint: { host: '127.0.0.1', port: 20_000 + (this.ports += 1) }, seededAt: null, dueAt: null, failures: 0,
      conditions: [{ type: 'Ready', status, reason: 'Test', message: 'Set by a test.', lastTransitionTime: new Date().toISOString() }],
      deletedAt: null, dropPreviousPassword: false,
    }, new Date());
  }
  private ports = 0;
}

/** One for all: argon2id is slow on purpose. */
let hash: Promise<string> | undefined;
