// A backup of what an instance holds before something else takes its place. Asked again and again until it is proven.
//
// Invariant: it has the id of the wish that it belongs to, so there is one for each, whoever asks how often; one that failed is an answer.
import type { InstanceRow, Outcome, Rewind } from '@larder/plane-domain';
import type { FinalBackupPorts } from './final-backup';

const lookAgainMs = 300;

export function safetyBackupOn({ work, wake, clock }: Omit<FinalBackupPorts, 'ids'>): { ensure(instance: InstanceRow, wish: Rewind): Promise<Outcome> } {
  const wait: Outcome = { outcome: 'wait', reason: 'SafetyBackup', message: 'A safety backup is being taken and verified.', retryMs: lookAgainMs };
  return {
    async ensure(instance, { id }) {
      const backup = await work.records.backups.byIdForLoop(id);
      if (backup === undefined) {
        await work.records.backups.insert({
          id, organizationId: instance.organizationId, instanceId: instance.id, instanceName: instance.spec.name, scheduleId: null, operationId: null,
          trigger: 'SAFETY', state: 'PENDING', scheduledAt: null, createdById: null, createdAt: new Date(clock.now()),
        });
        await wake.backup(id);
        return wait;
      }
      if (backup.state === 'COMPLETED' && backup.verification === 'VERIFIED') return { outcome: 'done' };
      if (backup.state === 'PENDING' || backup.state === 'RUNNING') return wait;
      if (backup.state === 'COMPLETED' && backup.verification !== 'FAILED') return wait;
      return { outcome: 'failed', reason: 'SafetyBackupFailed', message: `The safety backup failed: ${backup.verificationMessage ?? backup.errorMessage ?? `it is ${backup.state}.`}` };
    },
  };
}
