// High availability in words: the members of an instance, who is primary, and what Sentinels decide for it. Pure.
//
//   a, b, …               stores: one primary, the rest replicas; names are given in order and not used again while they are taken
//   sentinel-1, -2, -3    Sentinels of this instance alone; two of them must agree
//   gate                  the stable endpoint: a proxy that leads to the primary
//   reads                 the same for the replicas
//
// Invariants
// - What a member is stands in its name; which store is primary is what the Sentinels say, never what was wished.
// - configEpoch never falls: what is known under an older epoch than the stored one is out of date and changes nothing.
import type { Plan } from './plans';
import { refusal, type InputFault, type RefusalOf } from './refusals';
import { writeGuardSetting } from './tenant-settings';

export const replicasMax = 5;
export const defaultReplicas = 1;
export const sentinelQuorum = 2;
export const sentinelNames = ['sentinel-1', 'sentinel-2', 'sentinel-3'] as const;
export const gateNames = ['gate', 'reads'] as const;
/** Sentinels of an instance watch it alone, so the name need not tell it from others. */
export const primarySetName = 'primary';

export const sentinelPlacements = ['DEDICATED', 'ORGANIZATION'] as const;
export type SentinelPlacement = (typeof sentinelPlacements)[number];

/**
 * An organization's three shared Sentinels are kept as an instance of a kind of their own: it has members, directories and a lease like all others,
 * and a name that no tenant can give. It is never shown, counts against no quota, and goes with the last instance that uses it.
 */
export const sentinelGroupName = '@sentinels';

export function isSentinelGroup({ name }: { readonly name: string }): boolean {
  return name === sentinelGroupName;
}

export type MemberKind = 'STORE' | 'SENTINEL' | 'GATE';

export function memberKindOf(name: string): MemberKind {
  if (name.startsWith('sentinel-')) return 'SENTINEL';
  return (gateNames as readonly string[]).includes(name) ? 'GATE' : 'STORE';
}

export function isStore({ name }: { readonly name: string }): boolean {
  return memberKindOf(name) === 'STORE';
}

export const memberRoles = ['PRIMARY', 'REPLICA', 'SENTINEL', 'GATE', 'UNKNOWN'] as const;
export type MemberRole = (typeof memberRoles)[number];

export interface StoreSeen {
  readonly name: string;
  readonly role: 'PRIMARY' | 'REPLICA' | 'UNKNOWN';
  /** Of a replica: whether it hears its primary. */
  readonly isLinkUp: boolean;
  /** Bytes of the primary's stream that it has not had yet; null where either does not answer. */
  readonly lagBytes: number | null;
  // What follows is for people; a status written by an older release lacks it.
  /** Of a replica: the member that it follows. */
  readonly follows?: string | null;
  /** Seconds since the primary last heard from it. */
  readonly lagSeconds?: number | null;
  readonly linkDownSeconds?: number | null;
  readonly offset?: number | null;
  readonly isSyncing?: boolean;
  /** Between equals the smallest is chosen. */
  readonly runId?: string | null;
}

/** A Sentinel that answered. */
export interface SentinelSeen {
  readonly name: string;
  readonly configEpoch: number;
  /** The member that it holds for the primary. */
  readonly primary: string | null;
}

/** How an instance of several stores stands, as the loop saw it last. */
export interface Availability {
  /** ISO 8601. */
  readonly at: string;
  readonly primary: string;
  /** Of the Sentinels' configuration in which that one is primary. */
  readonly configEpoch: number;
  readonly stores: readonly StoreSeen[];
  /** ISO 8601: since when that one has been seen as primary; a status written by an older release lacks it. */
  readonly primarySince?: string;
  readonly sentinelsUp: number;
  readonly sentinels?: readonly SentinelSeen[];
  /** The last wish to hand over that was given up. */
  readonly givenUpId: string | null;
}

export const handoverModes = ['FAILOVER', 'SWITCHOVER'] as const;
export type HandoverMode = (typeof handoverModes)[number];

/**
 * A wish that another store become primary. It is carried out as soon as the Sentinels are past the epoch in which it was asked, whoever
 * brought that about: so nothing is done twice.
 */
export interface Handover {
  readonly id: string;
  readonly mode: HandoverMode;
  readonly epoch: number;
  /** Who shall be primary; null: whom the Sentinels choose. */
  readonly target?: string | null;
  /** ISO 8601. */
  readonly askedAt: string;
}

export function checkReplicas(topology: 'STANDALONE' | 'HA', replicas: number): InputFault[] {
  if (topology === 'STANDALONE') return replicas === 0 ? [] : [{ field: 'replicas', message: 'have no meaning with STANDALONE' }];
  return Number.isInteger(replicas) && replicas >= 1 && replicas <= replicasMax ? [] : [{ field: 'replicas', message: `must be from 1 to ${replicasMax}` }];
}

/** Every store has the plan's memory; Sentinels and gates are the house's. */
export function memoryOf(plan: Pick<Plan, 'memoryBytes'> | undefined, { replicas }: { readonly replicas: number }): number {
  return (plan?.memoryBytes ?? 0) * (1 + replicas);
}

/** Small plans share their machine with many: too short a patience there takes a pause of the neighbours for a death. */
export function downAfterMs({ threads, memoryBytes }: Pick<Plan, 'threads' | 'memoryBytes'>): number {
  return threads > 1 ? 1000 : memoryBytes >= 128 * 2 ** 20 ? 1200 : 1500;
}

/** Why that store cannot be the next primary, or undefined. `field`: of the input that names it. */
export function checkTarget(
  target: string, seen: Pick<Availability, 'primary' | 'stores'>, field: string, state: string,
): RefusalOf<'InvalidInput'> | RefusalOf<'InvalidState'> | RefusalOf<'NotInSync'> | undefined {
  const store = seen.stores.find(({ name }) => name === target);
  if (store === undefined) return refusal.invalidInput([{ field, message: `must be one of the stores ${seen.stores.map(({ name }) => name).join(', ')}` }]);
  if (target === seen.primary) return refusal.invalidState(state, `Store ${target} is the primary.`);
  const isInSync = store.role === 'REPLICA' && store.isLinkUp && store.lagBytes !== null && store.lagBytes <= inSyncBytesMax;
  return isInSync ? undefined : refusal.notInSync(target, store.isLinkUp ? store.lagBytes : null);
}

/** Bytes that may be on their way at any moment; who lacks no more is in sync. */
export const inSyncBytesMax = 2 ** 20;

/**
 * How many replicas a primary must have heard from for it to take writes: one that is cut off stops by itself then. Never as many as there are, so
 * that the death of one does not stop writes.
 */
export function decideWriteGuard({ topology, replicas, settings }: { readonly topology: 'STANDALONE' | 'HA'; readonly replicas: number; readonly settings: Readonly<Record<string, string>> }): number {
  return topology === 'STANDALONE' ? 0 : Math.min(Number(settings[writeGuardSetting] ?? 1), Math.max(0, replicas - 1));
}

/** Replicas tell each second how far they are: after so many seconds of silence one does not count. */
export const writeGuardLagSeconds = 4;

const letters = [...'abcdefghijklmnopqrstuvwxyz'];

/**
 * Which stores there shall be: those that are there, the primary first, then linked replicas, up to the number wished; new names for
 * what is missing. Whom nobody names is surplus. `seen` may be null before the first look.
 */
export function wishedStores(replicas: number, existing: readonly string[], seen: Pick<Availability, 'primary' | 'stores'> | null): readonly string[] {
  const rank = (name: string): number => {
    if (name === seen?.primary) return 0;
    return seen?.stores.find((store) => store.name === name)?.isLinkUp === true ? 1 : 2;
  };
  const kept = existing.filter((name) => memberKindOf(name) === 'STORE').sort((left, right) => rank(left) - rank(right) || (left < right ? -1 : 1)).slice(0, 1 + replicas);
  const fresh = letters.filter((name) => !existing.includes(name)).slice(0, 1 + replicas - kept.length);
  return [...kept, ...fresh];
}

export function wishedMembersOf(spec: { readonly topology: 'STANDALONE' | 'HA'; readonly replicas: number; readonly sentinels?: SentinelPlacement }, existing: readonly string[], seen: Availability | null): readonly string[] {
  // One that stands alone is whoever holds the truth: the primary, where there were several.
  return spec.topology === 'STANDALONE' ? wishedStores(0, existing, seen) : [...wishedStores(spec.replicas, existing, seen), ...(spec.sentinels === 'ORGANIZATION' ? [] : sentinelNames), ...gateNames];
}

/** Whom a backup is taken from: a replica that hears its primary, so that the primary has nothing to do for it; else the primary. */
export function backupSourceName(seen: Availability | null): string | undefined {
  if (seen === null) return undefined;
  const linked = seen.stores.filter(({ role, isLinkUp, lagBytes }) => role === 'REPLICA' && isLinkUp && lagBytes !== null);
  return linked.sort((left, right) => left.lagBytes! - right.lagBytes!)[0]?.name ?? seen.primary;
}

export function roleOf(name: string, seen: Availability | null): MemberRole {
  const kind = memberKindOf(name);
  if (kind !== 'STORE') return kind;
  if (seen === null) return 'PRIMARY';
  return seen.stores.find((store) => store.name === name)?.role ?? 'UNKNOWN';
}
