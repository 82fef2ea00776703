// The steps, in order. A pass walks them until one does not answer `done`; each is safe to run twice and after a crash in its middle.
//
//   running   storage · fold · rewind · processes · settings · users · endpoint · persistence · handover · replication · front · sentinels ·
//             retire (surplus)
//   deleted   final-backup · unwatch · retire · storage · sentinels
//   Sentinels of an organization   storage · processes · sentinels
//
// Names are those of the operations' steps (plane-domain, operation.ts).
import type { ConditionType, Topology } from '@larder/plane-domain';
import type { PassContext, StepOutcome } from './pass-context';
import { ensureGroupProcesses, ensureGroupStorage, ensureGroupWatch, forgetWatched, releaseGroup } from './high-availability/shared-sentinels';
import { ensureEndpoint } from './steps/endpoint';
import { ensureHandover } from './steps/handover';
import { ensurePersistence } from './steps/persistence';
import { ensureFolded, ensureFront, ensureProcesses } from './steps/processes';
import { ensureReplication } from './steps/replication';
import { ensureFinalBackup, removeStorage, retireProcesses, retireSurplus } from './steps/retire';
import { ensureRewind } from './steps/rewind';
import { ensureSentinels } from './steps/sentinels';
import { ensureSettings } from './steps/settings';
import { ensureStorage } from './steps/storage';
import { ensureUsers } from './steps/users';

export interface ReconcileStep {
  readonly name: string;
  /** The condition that says how this step stands. */
  readonly condition?: ConditionType;
  /** The condition's message while the step is done. */
  readonly isDone?: string;
  /** Only instances of this topology have the condition. */
  readonly isFor?: Topology;
  readonly run: (context: PassContext) => Promise<StepOutcome>;
}

export const runningSteps: readonly ReconcileStep[] = [
  { name: 'storage', condition: 'StorageReady', isDone: 'The directory is in place.', run: ensureStorage },
  { name: 'fold', run: ensureFolded },
  { name: 'rewind', run: ensureRewind },
  { name: 'processes', condition: 'ProcessesReady', isDone: 'The process is running.', run: ensureProcesses },
  { name: 'settings', condition: 'SettingsApplied', isDone: 'The settings are as wished.', run: ensureSettings },
  { name: 'users', condition: 'CredentialsApplied', isDone: 'The passwords are as wished.', run: ensureUsers },
  { name: 'endpoint', condition: 'EndpointReady', isDone: 'Clients can connect.', run: ensureEndpoint },
  { name: 'persistence', condition: 'PersistenceApplied', isDone: 'What is on disk is as wished.', run: ensurePersistence },
  { name: 'handover', run: ensureHandover },
  { name: 'replication', condition: 'ReplicationReady', isDone: 'Every replica follows the primary.', isFor: 'HA', run: ensureReplication },
  { name: 'front', run: ensureFront },
  { name: 'sentinels', condition: 'SentinelsReady', isDone: 'The Sentinels watch.', isFor: 'HA', run: ensureSentinels },
  { name: 'retire', run: retireSurplus },
];

export const deletedSteps: readonly ReconcileStep[] = [
  { name: 'final-backup', run: ensureFinalBackup },
  { name: 'unwatch', run: forgetWatched },
  { name: 'retire', run: retireProcesses },
  { name: 'storage', run: removeStorage },
  { name: 'sentinels', run: releaseGroup },
];

/** Of an organization's Sentinels. */
export const groupSteps: readonly ReconcileStep[] = [
  { name: 'storage', condition: 'StorageReady', isDone: 'The directory is in place.', run: ensureGroupStorage },
  { name: 'processes', condition: 'ProcessesReady', isDone: 'The Sentinels are running.', run: ensureGroupProcesses },
  { name: 'sentinels', condition: 'SentinelsReady', isDone: 'The Sentinels watch.', run: ensureGroupWatch },
];
