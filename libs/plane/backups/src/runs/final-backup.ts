// The last backup of an instance that is being deleted. The reconcile loop asks again and again; nothing goes until it is proven.
//
// Invariant: asked under the instance's lease, so two askers cannot both begin one. A failed one is followed by a new try after a while,
// so that a full disk holds a deletion up but does not end it.
import type { BackupRow, InstanceRow, Outcome, UnitOfWork, WakeQueue } from '@larder/plane-domain';
import { minuteMs, type Clock, type Ids } from '@larder/shared-std';

export interface FinalBackupPorts {
  readonly work: UnitOfWork;
  readonly wake: Pick<WakeQueue, 'backup'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

const againAfterMs = minuteMs;
const lookAgainMs = 500;
const pageMax = 100;

export function finalBackupOn(ports: FinalBackupPorts): { ensure(instance: InstanceRow): Promise<Outcome> } {
  return {
    async ensure(instance) {
      const newest = await newestFinal(ports, instance);
      if (newest === undefined) return begin(ports, instance);
      if (newest.state === 'COMPLETED' && newest.verification === 'VERIFIED') return { outcome: 'done' };
      const failure = failureOf(newest);
      if (failure === undefined) return { outcome: 'wait', reason: 'FinalBackup', message: 'The final backup is being taken and verified.', retryMs: lookAgainMs };
      if (ports.clock.now() - newest.createdAt.getTime() >= againAfterMs) return begin(ports, instance);
      return { outcome: 'failed', reason: 'FinalBackupFailed', message: `The final backup failed: ${failure}` };
    },
  };
}

/** Those of an earlier life do not count: an id is never used again, and a deletion cannot be taken back. */
async function newestFinal({ work }: FinalBackupPorts, { organizationId, id }: InstanceRow): Promise<BackupRow | undefined> {
  const page = await work.records.backups.page(organizationId, { first: pageMax, after: null }, { instanceId: id });
  return page.items.find(({ trigger }) => trigger === 'FINAL');
}

function failureOf(backup: BackupRow): string | undefined {
  if (backup.state === 'COMPLETED') return backup.verification === 'FAILED' ? backup.verificationMessage ?? 'It could not be verified.' : undefined;
  return backup.state === 'PENDING' || backup.state === 'RUNNING' ? undefined : backup.errorMessage ?? `It is ${backup.state}.`;
}

async function begin({ work, wake, clock, ids }: FinalBackupPorts, instance: InstanceRow): Promise<Outcome> {
  const id = ids.next();
  await work.records.backups.insert({
    id, organizationId: instance.organizationId, instanceId: instance.id, instanceName: instance.spec.name, scheduleId: null, operationId: null,
    trigger: 'FINAL', state: 'PENDING', scheduledAt: null, createdById: null, createdAt: new Date(clock.now()),
  });
  await wake.backup(id);
  return { outcome: 'wait', reason: 'FinalBackup', message: 'The final backup is being taken.', retryMs: lookAgainMs };
}
