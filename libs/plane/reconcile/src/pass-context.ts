// What a pass hands to its steps: the wish as it was read, what has been seen so far, and the doors.
//
// Invariant: steps change the world through the doors and note what they saw here; the status row is written once, at the pass's end.
import type {
  Availability, Endpoint, InstanceLink, InstanceMemberRow, InstanceRow, LinkFault, MemberRef, Outcome, Plan, Provisioner, Repositories, Rewind, SecretBox, SeedSource,
  StoreAddress,
} from '@larder/plane-domain';
import { isStore, sealedAs, systemUsername, tenantUsername } from '@larder/plane-domain';
import type { Clock } from '@larder/shared-std';

/** Takes the last backup of an instance that is being deleted; asked again and again until it answers `done`. */
export interface FinalBackup {
  ensure(instance: InstanceRow): Promise<Outcome>;
}

export interface ReconcilePorts {
  readonly records: Repositories;
  readonly provisioner: Provisioner;
  readonly link: InstanceLink;
  readonly secrets: SecretBox;
  /** Null: an instance with a seed waits. */
  readonly seeds: SeedSource | null;
  /** Null: an instance is deleted without one. */
  readonly finalBackup: FinalBackup | null;
  /** Takes a backup of what a restore in place is about to replace; asked again until it answers `done`. */
  readonly safetyBackup?: { ensure(instance: InstanceRow, wish: Rewind): Promise<Outcome> };
  /** Archives the rest of a log that is about to be replaced, and says why it ends there. */
  readonly closeLog?: (instanceId: string, reason: string, message: string) => Promise<void>;
  readonly clock: Clock;
}

export interface ReconcileSettings {
  readonly instancePortRange: readonly [low: number, high: number];
  readonly bindAddress: string;
  readonly publicHost: string;
  /** Cores that a store may use; more threads than that only wait for each other. 0: the engine has no setting `threads` (redis-server). */
  readonly threadsMax: number;
}

export interface SentinelGroup {
  readonly instance: InstanceRow;
  readonly members: readonly InstanceMemberRow[];
}

export type StepOutcome = Outcome | { readonly outcome: 'failed'; readonly reason: string; readonly message: string; readonly isFinal: true };

export interface PassContext {
  readonly ports: ReconcilePorts;
  readonly settings: ReconcileSettings;
  readonly instance: InstanceRow;
  readonly plan: Plan;
  readonly fence: bigint;
  now(): Date;
  event(severity: 'NORMAL' | 'WARNING', reason: string, message: string): Promise<void>;
  /** The members in the records; steps keep it up to date. */
  members: InstanceMemberRow[];
  writeMember(member: InstanceMemberRow, change: Partial<Omit<InstanceMemberRow, 'id' | 'organizationId' | 'instanceId' | 'name' | 'port'>>): Promise<InstanceMemberRow>;
  /** A process was started or restarted in this pass. */
  isFresh: boolean;
  endpoint: Endpoint | null;
  seededAt: Date | null;
  dropPreviousPassword: boolean;
  /** Of an instance of several stores: how they stand, as last seen; written with the status. */
  availability: Availability | null;
  /** Where the organization's Sentinels watch it: they, as far as there are any. */
  sentinelGroup: SentinelGroup | null;
  /** A pass over another instance, in the middle of this one. */
  passOver(instanceId: string): Promise<void>;
  /** Members that are not as they should be although the instance serves: by id, with what a later step answers for them. */
  readonly trouble: Map<string, StepOutcome>;
  /** When somebody must look again although all is well. */
  lookAgainAt: Date | null;
}

/** Stores that can be spoken to. */
export function servingStores({ members, trouble }: PassContext): InstanceMemberRow[] {
  return members.filter((member) => isStore(member) && !trouble.has(member.id));
}

export const done: Outcome = { outcome: 'done' };

export function wait(reason: string, message: string, retryMs: number): Outcome {
  return { outcome: 'wait', reason, message, retryMs };
}

export function failed(reason: string, message: string): Outcome {
  return { outcome: 'failed', reason, message };
}

export function refOf(member: InstanceMemberRow): MemberRef {
  return { organizationId: member.organizationId, instanceId: member.instanceId, memberId: member.id, name: member.name };
}

export function systemAddress(context: PassContext, member: InstanceMemberRow): StoreAddress {
  return { ...hostAndPort(context, member), username: systemUsername, password: systemPassword(context) };
}

export function tenantAddress(context: PassContext, member: InstanceMemberRow): StoreAddress {
  return { ...hostAndPort(context, member), username: tenantUsername, password: tenantPasswords(context)[0]! };
}

/** The valid ones, the current first. */
export function tenantPasswords({ ports, instance, now }: PassContext): string[] {
  const { id, passwordSealed, previousPasswordSealed, previousPasswordUntil } = instance;
  const isPreviousValid = previousPasswordSealed !== null && previousPasswordUntil !== null && previousPasswordUntil > now();
  return [passwordSealed, ...(isPreviousValid ? [previousPasswordSealed] : [])].map((sealed) => text(ports.secrets.open(sealed, sealedAs.password(id))));
}

export function systemPassword({ ports, instance }: PassContext): string {
  return systemPasswordOf(ports, instance);
}

export function systemPasswordOf({ secrets }: Pick<ReconcilePorts, 'secrets'>, { id, systemPasswordSealed }: Pick<InstanceRow, 'id' | 'systemPasswordSealed'>): string {
  return text(secrets.open(systemPasswordSealed, sealedAs.systemPassword(id)));
}

/** What the link met, as a step's answer. */
export function outcomeOf(fault: LinkFault, doing: string): Outcome {
  switch (fault.fault) {
    case 'loading': return wait('Loading', 'The store is loading its data.', 250);
    case 'refused': return wait('NotAnswering', `The store does not accept connections (${doing}).`, 500);
    case 'timeout': return wait('NotAnswering', `The store does not answer in time (${doing}).`, 2000);
    case 'auth': return failed('AuthRefused', `The store refuses its own control plane (${doing}).`);
    case 'reply': return /^BUSY/.test(fault.message)
      ? wait('Busy', 'The store is busy with a script.', 1000) : failed('StoreRefused', `${doing}: ${fault.message}`);
  }
}

export function hostAndPort({ settings }: Pick<PassContext, 'settings'>, member: Pick<InstanceMemberRow, 'port'>): { host: string; port: number } {
  return { host: settings.bindAddress === '0.0.0.0' ? '127.0.0.1' : settings.bindAddress, port: member.port };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
