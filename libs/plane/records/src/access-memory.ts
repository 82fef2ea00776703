// Who is asking and what they may, remembered for a moment: a program that asks thousands of times a second is looked up once.
//
// Invariants
// - What is remembered is forgotten when it changes: at once in the process that changed it (`work` below), and in every other by the
//   database's own triggers (migration 3) within milliseconds. While nobody listens to those, nothing is remembered.
// - Should both fail, it is forgotten after `keptMs`.
// - A read that began before a change is not remembered after it. Nothing that is not there is remembered, so guessing fills no memory.
import type { Repositories, UnitOfWork } from '@larder/plane-domain';
import type { Clock } from '@larder/shared-std';
import type { PostgresChangeFeed } from './change-feed';

export interface AccessMemory {
  /** Reads through the memory; everything else as the records have it. For deciding access, never inside a transaction. */
  readonly records: Pick<Repositories, 'apiTokens' | 'sessions' | 'users' | 'members' | 'organizations' | 'plans'>;
  /** Forgets after whatever it writes. */
  readonly work: UnitOfWork;
}

const keptMs = 2_000;
const entriesMax = 10_000;

export function accessMemoryOn(work: UnitOfWork, feed: Pick<PostgresChangeFeed, 'subscribe' | 'onGap' | 'isListening'>, clock: Clock): AccessMemory {
  const known = new Map<string, { readonly value: unknown; readonly untilMs: number }>();
  let changes = 0;
  const forget = (): void => {
    changes += 1;
    known.clear();
  };
  feed.subscribe(({ noun }) => { if (noun === 'Access') forget(); });
  feed.onGap(forget);

  async function remember<T>(key: string, read: () => Promise<T>): Promise<T> {
    const entry = known.get(key);
    if (entry !== undefined && entry.untilMs > clock.monotonic() && feed.isListening()) return entry.value as T;
    const before = changes;
    const value = await read();
    if (value === undefined || before !== changes || !feed.isListening()) return value;
    if (known.size >= entriesMax) known.clear();
    known.set(key, { value, untilMs: clock.monotonic() + keptMs });
    return value;
  }
  const forgetAfter = <A extends unknown[], T>(act: (...args: A) => Promise<T>) => (...args: A): Promise<T> => act(...args).finally(forget);

  const { records } = work;
  const { apiTokens, sessions, users, members, organizations, plans } = records;
  const written = {
    apiTokens: { ...apiTokens, revoke: forgetAfter(apiTokens.revoke), touch: forgetAfter(apiTokens.touch) },
    sessions: {
      ...sessions, touch: forgetAfter(sessions.touch), remove: forgetAfter(sessions.remove), removeOthersOf: forgetAfter(sessions.removeOthersOf),
    },
    users: { ...users, setPasswordHash: forgetAfter(users.setPasswordHash) },
    members: { ...members, insert: forgetAfter(members.insert), setRole: forgetAfter(members.setRole), remove: forgetAfter(members.remove) },
    organizations: { ...organizations, rename: forgetAfter(organizations.rename) },
    plans: { ...plans, sync: forgetAfter(plans.sync) },
  };
  return {
    work: { records: { ...records, ...written }, run: (act) => work.run(act).finally(forget) },
    records: {
      apiTokens: { ...written.apiTokens, byTokenHash: (hash) => remember(`token ${hash}`, () => apiTokens.byTokenHash(hash)) },
      sessions: { ...written.sessions, byTokenHash: (hash) => remember(`session ${hash}`, () => sessions.byTokenHash(hash)) },
      users: { ...written.users, byId: (id) => remember(`user ${id}`, () => users.byId(id)) },
      members: {
        ...written.members, roleOf: (organizationId, userId) => remember(`role ${organizationId} ${userId}`, () => members.roleOf(organizationId, userId)),
      },
      organizations: { ...written.organizations, bySlug: (slug) => remember(`slug ${slug}`, () => organizations.bySlug(slug)) },
      plans: { ...written.plans, all: () => remember('plans', () => plans.all()) },
    },
  };
}
