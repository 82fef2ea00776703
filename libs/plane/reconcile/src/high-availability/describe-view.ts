// What a look at stores and Sentinels has to say to people: how each stands, and what happened since the look before. Pure.
//
// Invariant: an event tells of a change between two looks; who was never seen has neither been lost nor come back.
import type { Availability, SentinelSeen, StoreSeen } from '@larder/plane-domain';
import type { SentinelView, StoreView } from './decide-roles';

/** Of INFO of one store. */
export interface StoreDetails {
  readonly runId: string;
  readonly isSyncing: boolean;
  readonly linkDownSeconds: number | null;
  /** Of a primary: seconds since each replica was heard, by port. */
  readonly heardSeconds: ReadonlyMap<number, number>;
}

export function readDetails(runId: string, fields: ReadonlyMap<string, string>): StoreDetails {
  const heardSeconds = new Map<number, number>();
  for (const [name, value] of fields) {
    if (!/^slave\d+$/.test(name)) continue;
    const parts = new Map(value.split(',').map((part) => part.split('=') as [string, string]));
    if (parts.has('port') && parts.has('lag')) heardSeconds.set(Number(parts.get('port')), Number(parts.get('lag')));
  }
  const downSeconds = Number(fields.get('master_link_down_since_seconds') ?? -1);
  return { runId, isSyncing: fields.get('master_sync_in_progress') === '1', linkDownSeconds: downSeconds < 0 ? null : downSeconds, heardSeconds };
}

export function describeStores(seen: readonly StoreSeen[], views: readonly StoreView[], primary: string): StoreSeen[] {
  const heard = views.find(({ name }) => name === primary)?.details?.heardSeconds;
  return seen.map((store) => {
    const view = views.find(({ name }) => name === store.name);
    if (view?.role == null) return store;
    const isReplica = view.role === 'REPLICA';
    return {
      ...store, offset: view.offset, runId: view.details?.runId ?? null, isSyncing: view.details?.isSyncing ?? false,
      follows: isReplica ? views.find(({ port }) => port === view.followsPort)?.name ?? null : null,
      lagSeconds: isReplica && store.isLinkUp ? heard?.get(view.port) ?? null : null, linkDownSeconds: isReplica && !store.isLinkUp ? view.details?.linkDownSeconds ?? null : null,
    };
  });
}

export function describeSentinels(views: readonly SentinelView[], stores: readonly StoreView[]): SentinelSeen[] {
  return views.map(({ name, configEpoch, primaryPort }) => ({ name, configEpoch, primary: stores.find(({ port }) => port === primaryPort)?.name ?? null }));
}

export interface ViewEvent {
  readonly severity: 'NORMAL' | 'WARNING';
  readonly reason: 'StoreLost' | 'StoreBack' | 'LinkDown' | 'LinkUp' | 'SentinelLost' | 'SentinelBack';
  readonly message: string;
}

type Looked = Pick<Availability, 'primary' | 'stores' | 'sentinels'>;

export function decideViewEvents(before: Looked | null, now: Looked): ViewEvent[] {
  if (before === null) return [];
  const warning = (reason: ViewEvent['reason'], message: string): ViewEvent => ({ severity: 'WARNING', reason, message });
  const normal = (reason: ViewEvent['reason'], message: string): ViewEvent => ({ severity: 'NORMAL', reason, message });
  const isPrimaryAnswering = now.stores.some(({ name, role }) => name === now.primary && role !== 'UNKNOWN');
  const ofStores = now.stores.flatMap((store): ViewEvent[] => {
    const past = before.stores.find(({ name }) => name === store.name);
    if (past === undefined) return [];
    const { name } = store;
    if (past.role !== 'UNKNOWN' && store.role === 'UNKNOWN') return [warning('StoreLost', `Store ${name}, ${past.role === 'PRIMARY' ? 'the primary' : 'a replica'}, does not answer.`)];
    const back = past.role === 'UNKNOWN' && store.role !== 'UNKNOWN' ? [normal('StoreBack', `Store ${name} answers${name === now.primary ? '' : ' again'}.`)] : [];
    if (store.role !== 'REPLICA') return back;
    if (past.isLinkUp && !store.isLinkUp) {
      const why = store.isSyncing === true ? 'it is copying everything anew' : !isPrimaryAnswering ? `store ${now.primary} does not answer` : 'the link between them is cut';
      return [...back, warning('LinkDown', `Store ${name} does not hear its primary: ${why}.`)];
    }
    return !past.isLinkUp && store.isLinkUp ? [...back, normal('LinkUp', `Store ${name} hears store ${store.follows ?? now.primary}.`)] : back;
  });
  return [...ofStores, ...sentinelEvents(before.sentinels, now.sentinels, warning, normal)];
}

function sentinelEvents(
  before: readonly SentinelSeen[] | undefined, now: readonly SentinelSeen[] | undefined,
  warning: (reason: 'SentinelLost', message: string) => ViewEvent, normal: (reason: 'SentinelBack', message: string) => ViewEvent,
): ViewEvent[] {
  // While none answers they are starting, or all have gone, which is told of each as it was last seen.
  if (before === undefined || now === undefined) return [];
  const names = (seen: readonly SentinelSeen[]): ReadonlySet<string> => new Set(seen.map(({ name }) => name));
  const [past, present] = [names(before), names(now)];
  const lost = [...past].filter((name) => !present.has(name)).map((name) => warning('SentinelLost', `${name} does not answer; ${present.size === 1 ? 'one Sentinel is' : `${present.size} Sentinels are`} left.`));
  const back = past.size === 0 ? [] : [...present].filter((name) => !past.has(name)).map((name) => normal('SentinelBack', `${name} answers.`));
  return [...lost, ...back];
}
